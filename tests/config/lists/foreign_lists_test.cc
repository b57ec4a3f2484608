// Lists of many formats in a whole configuration: what they close, what their exceptions reach, and what is
// said of a list that is not what its entry says.
#include <catch2/catch.hpp>

#include "config/lists/list_includes.h"
#include "config/text/diag_codes.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::has;
using test::verdict;

// A small school with one list more; warnings and notes of it are wanted.
void write_list(const test::Folder& folder, const std::string& format, const std::string& text,
                const std::string& category = "games", const std::string& name = "extra") {
  folder.write("lists.d/" + name + ".yaml", "version: 1\nlists:\n  - {name: " + name +
                                                ", category: " + category + ", format: " + format +
                                                ", path: lists/" + name + "}\n");
  folder.write("lists/" + name, text);
}

TEST_CASE("lists of every format close what they name", "[config][lists]") {
  struct Row {
    const char *format, *text;
    std::vector<std::string> warned, open;
  };
  const Row rows[] = {
      {"adblock",
       "||imp.test^$important\n@@||imp.test^\n||gone.test^\n||gone.test^$badfilter\n||ads*.wild.test^\n"
       "||path.test/ads/\n||lift.test^\n@@||lift.test^\n",
       {"http://imp.test/", "http://ads7.wild.test/", "http://m.path.test/ads/x"},
       {"http://gone.test/", "http://wild.test/", "http://path.test/", "http://lift.test/"}},
      {"dnsmasq",
       "address=/null.test/0.0.0.0\nlocal=/local.test/\nserver=/server.test/1.2.3.4\n",
       {"http://null.test/", "http://a.local.test/"},
       {"http://server.test/"}},
      {"rpz",
       "alone.test CNAME .\n*.below.test CNAME .\n*.ok.below.test CNAME rpz-passthru.\nbad.ok.below.test "
       "CNAME .\n",
       {"http://alone.test/", "http://a.below.test/", "http://bad.ok.below.test/"},
       {"http://www.alone.test/", "http://below.test/", "http://a.ok.below.test/"}},
      {"dstdomain",
       ".all.test\nalone.test\n",
       {"http://a.all.test/", "http://alone.test/"},
       {"http://a.alone.test/"}},
      {"surge",
       ".all.test\nalone.test\n",
       {"http://a.all.test/", "http://alone.test/"},
       {"http://a.alone.test/"}},
      {"clash",
       "payload:\n  - '+.all.test'\n  - '.below.test'\n  - '*.one.test'\n",
       {"http://all.test/", "http://a.below.test/", "http://a.one.test/"},
       {"http://below.test/", "http://a.b.one.test/"}},
      {"hosts", "0 zero.test # x\n", {"http://zero.test/"}, {}},
      {"e2guardian",
       "#listcategory: \"Games\"\nsite.test\nurl.test/ads\n*ip\n",
       {"http://a.site.test/", "http://m.url.test/ads/1"},
       {"http://url.test/"}},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.format) {
      const test::Folder folder;
      test::write_small_school(folder);
      write_list(folder, row.format, row.text);
      for (int round = 0; round < 2; ++round) {  // compiled, then from the cache
        const LoadResult result = folder.load();
        CHECK(folder.text_of(result) == "");
        for (const std::string& url : row.warned)
          CHECK((url + to_string(Effect{verdict(result, url), {}})) == url + "warn");
        for (const std::string& url : row.open)
          CHECK((url + to_string(Effect{verdict(result, url), {}})) == url + "allow");
      }
    }
  }
}

TEST_CASE("exceptions and what is taken back stay within their own file", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);  // its list `bets` blocks bet.test and lucky.test, locked
  write_list(folder, "adblock",
             "||other.test^\n@@||bet.test^$important\n||lucky.test^$badfilter\n@@||lucky.test^\n",
             "gambling");
  const LoadResult result = folder.load();
  CHECK(folder.text_of(result) == "");
  for (const char* url : {"http://bet.test/", "http://lucky.test/", "http://other.test/"})
    CHECK(verdict(result, url) == Action::block);

  write_list(folder, "rpz",
             "x.test CNAME .\nbet.test CNAME rpz-passthru.\n*.lucky.test CNAME rpz-passthru.\n", "gambling",
             "zone");
  const LoadResult zone = folder.load();
  for (const char* url : {"http://bet.test/", "http://a.lucky.test/", "http://x.test/"})
    CHECK(verdict(zone, url) == Action::block);
}

TEST_CASE("a list of exceptions alone is told to do nothing", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  write_list(folder, "adblock", "! allowed\n@@||games.test^\n");
  const LoadResult result = folder.load();
  CHECK(has(result, diag::list_only_exceptions, Severity::warning));
  CHECK(
      folder.text_of(result) ==
      "lists.d/extra.yaml:3:59: warning SG1416: list extra holds exceptions alone, and they lift nothing but "
      "rules of their own list\n"
      "      - {name: extra, category: games, format: adblock, path: lists/extra}\n"
      "                                                              ^~~~~~~~~~~\n"
      "    hint: to open these sites: allow: in the file of a tier, or a list of a protecting category\n");
  CHECK(verdict(result, "http://games.test/") == Action::warn);
}

TEST_CASE("a list of another format is told from bad lines", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  SECTION("none of it can be used") {
    write_list(folder, "domains", "# x\nlocal=/a.test/\nlocal=/b.test/\n");
    const LoadResult result = folder.load();
    CHECK(result.snapshot == nullptr);
    CHECK(
        folder.text_of(result) ==
        "lists.d/extra.yaml:3:59: error SG2112: list extra (lists/extra): no entry in the whole file; 2 of 2 "
        "lines are like local=/name/, the first in line 2: this is dnsmasq\n"
        "      - {name: extra, category: games, format: domains, path: lists/extra}\n"
        "                                                              ^~~~~~~~~~~\n"
        "    hint: format: dnsmasq\n");
  }
  SECTION("it is of none that is known") {
    write_list(folder, "domains", "id;url\n1;a.test\n");
    const LoadResult result = folder.load();
    CHECK(result.snapshot == nullptr);
    CHECK_THAT(folder.text_of(result), Catch::Contains("hint: is the format right? it is read as domains\n"));
  }
  SECTION("some of it can") {
    write_list(folder, "urls", "a.test\nb.test\nc.test/x\n");
    const LoadResult result = folder.load();
    CHECK(folder.text_of(result) ==
          "lists.d/extra.yaml:3:56: warning SG1415: list extra: 2 of 3 lines are like a name alone, the "
          "first in "
          "line 1: this is domains, and it is read as urls\n"
          "      - {name: extra, category: games, format: urls, path: lists/extra}\n"
          "                                                           ^~~~~~~~~~~\n"
          "    hint: format: domains\n");
  }
  SECTION("UTF-16") {
    write_list(folder, "domains",
               std::string("\xff\xfe"
                           "a\0.\0v\0n\0\n\0",
                           12));
    const LoadResult result = folder.load();
    CHECK(has(result, diag::list_utf16));
    CHECK(folder.text_of(result).find("hint: save it as UTF-8, or: iconv") != std::string::npos);
  }
}

TEST_CASE("a list of e2guardian includes files of its own folder", "[config][lists][include]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write(
      "lists.d/e2.yaml",
      "version: 1\nlists:\n  - {name: e2, category: games, format: e2guardian, path: lists/e2/banned}\n");
  folder.write("lists/e2/banned", ".Include<local/sites>\n# .Include<nothing>\n.Include<" +
                                      folder.path("lists/e2/more") + ">\n");
  folder.write("lists/e2/local/sites",
               "site.test\n.Include<deeper>\n.Include<./sites>\n.Include<../banned>\n");
  folder.write("lists/e2/local/deeper", "deeper.test\n.Include<../../banned>\n");
  folder.write("lists/e2/more", "more.test\n");
  SECTION("each is a list of its own") {
    folder.write("lists/e2/local/deeper", "deeper.test\n");
    for (int round = 0; round < 2; ++round) {
      const LoadResult result = folder.load();
      CHECK(folder.text_of(result) == "");
      std::vector<std::string> names;
      for (const ListStatus& status : result.snapshot->list_status) names.push_back(status.source.name);
      CHECK(names ==
            std::vector<std::string>{"bets", "fun", "e2", "e2/local/sites", "e2/more", "e2/local/deeper"});
      for (const char* url : {"http://site.test/", "http://deeper.test/", "http://more.test/"})
        CHECK(verdict(result, url) == Action::warn);
    }
    SECTION("one that is named no more is missed") {
      folder.write("lists/e2/local/sites", "site.test\n");
      const LoadResult result = folder.load();
      CHECK(result.snapshot == nullptr);
      CHECK(has(result, diag::list_shrunk));
      CHECK(folder.text_of(result).find("e2/local/deeper") != std::string::npos);
    }
    SECTION("a changed one is read anew") {
      folder.write("lists/e2/more", "new.test\nmore.test\n");
      CHECK(verdict(folder.load(), "http://new.test/") == Action::warn);
    }
    SECTION("one that is gone stops the load") {
      std::filesystem::remove(folder.path("lists/e2/more"));
      const LoadResult result = folder.load();
      CHECK(result.snapshot == nullptr);
      CHECK(has(result, diag::list_include));
      CHECK_FALSE(has(result, diag::list_shrunk));
    }
  }
  SECTION("a way up is refused") {
    const LoadResult result = folder.load();
    CHECK(result.snapshot == nullptr);
    CHECK(folder.text_of(result) ==
          "lists.d/e2.yaml:3:59: error SG1414: list e2 (lists/e2/local/deeper:2): .Include<../../banned>: it "
          "lies "
          "outside of the folder of the list\n"
          "      - {name: e2, category: games, format: e2guardian, path: lists/e2/banned}\n"
          "                                                              ^~~~~~~~~~~~~~~\n"
          "    hint: a list includes files of its own folder and below, named from there; links are not "
          "followed\n");
  }
}

TEST_CASE("what a list may not include", "[config][lists][include]") {
  const test::Folder folder;
  folder.write("outside", "outside.test\n");
  folder.write("lists/inside/sites", "inside.test\n");
  std::filesystem::create_symlink(folder.path("outside"), folder.path("lists/link"));
  std::filesystem::create_directory_symlink("inside", folder.path("lists/linked"));
  struct Row {
    const char* name;
    std::string written;
    const char* problem;  // "": included
  };
  const Row rows[] = {
      {"below", "inside/sites", ""},
      {"dots", "./inside/../inside//sites", ""},
      {"a whole path", folder.path("lists/inside/sites"), ""},
      {"a path elsewhere", "/etc/passwd", "it lies outside of the folder of the list"},
      {"a whole path beside", folder.path("outside"), "it lies outside of the folder of the list"},
      {"a way up", "../outside", "it lies outside of the folder of the list"},
      {"a way up and back", "../lists/inside/sites", "it lies outside of the folder of the list"},
      {"a link", "link", "a link leads there"},
      {"through a link", "linked/sites", "a link leads there"},
      {"a folder", "inside", "not a regular file"},
      {"nothing", "nothing", "no such file"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      folder.write("lists/banned", "a.test\n.Include<" + row.written + ">\n");
      const Includes found = find_includes(folder.path("lists/banned"));
      const bool good = *row.problem == '\0';
      CHECK(found.files.size() == (good ? 1u : 0u));
      REQUIRE(found.problems.size() == (good ? 0u : 1u));
      if (good) {
        CHECK(found.files[0].path == folder.path("lists/inside/sites"));
        CHECK(found.files[0].below == "inside/sites");
      } else {
        CHECK(found.problems[0].message == row.problem);
        CHECK(found.problems[0].line == 2);
      }
    }
  }
  SECTION("too many") {
    std::string text;
    for (std::size_t i = 0; i < most_included_files + 2; ++i) {
      folder.write("lists/many/" + std::to_string(i), "");
      text += ".Include<many/" + std::to_string(i) + ">\n";
    }
    folder.write("lists/banned", text);
    const Includes found = find_includes(folder.path("lists/banned"));
    CHECK(found.files.size() == most_included_files);
    REQUIRE(found.problems.size() == 2);
    CHECK(found.problems[0].message == "over 1000 files");
  }
  CHECK(find_includes(folder.path("lists/none")).files.empty());
}

TEST_CASE("exceptions reach other lists of the category where the entry says so, and never what is locked",
          "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const auto write = [&](const std::string& category, const std::string& reach) {
    folder.write("lists.d/fine.yaml", "version: 1\nlists:\n  - {name: fine, category: " + category +
                                          ", format: adblock, path: lists/fine" + reach + "}\n");
  };
  folder.write("lists/fine", "@@||games.test^\n@@||bet.test^\n||more.test^\n");
  write("games", "");
  CHECK(verdict(folder.load(), "https://games.test/") == Action::warn);
  write("games", ", reach: list");
  CHECK(verdict(folder.load(), "https://games.test/") == Action::warn);
  write("games", ", reach: category");
  const auto open = folder.load();
  CHECK(verdict(open, "https://games.test/") == Action::allow);
  CHECK(verdict(open, "https://more.test/") == Action::warn);
  CHECK(verdict(open, "https://bet.test/") == Action::block);  // of another category
  // A list of exceptions alone does something then.
  folder.write("lists/fine", "@@||games.test^\n");
  CHECK_FALSE(has(folder.load(), diag::list_only_exceptions, Severity::warning));
  write("games", ", reach: list");
  CHECK(has(folder.load(), diag::list_only_exceptions, Severity::warning));
  // The category is locked.
  folder.write("lists/fine", "@@||bet.test^\n||more.test^\n");
  write("gambling", ", reach: category");
  CHECK(has(folder.load(), diag::list_reach_locked));
  write("gambling", "");
  CHECK(verdict(folder.load(), "https://bet.test/") == Action::block);
}

}  // namespace
}  // namespace schoolgate
