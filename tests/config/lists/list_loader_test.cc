// Lists: what is refused, when they are compiled anew, the last good lists, collections.
#include "config/lists/list_loader.h"

#include <catch2/catch.hpp>
#include <random>

#include "config/text/diag_codes.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::has;
using test::verdict;

std::string names(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += "bet" + std::to_string(i) + ".test\n";
  return out;
}

TEST_CASE("a list that cannot be right stops the load", "[config][lists]") {
  struct Row {
    const char* name;
    std::string text;
    int code;
  };
  const Row rows[] = {
      {"empty", "", diag::list_empty},
      {"only comments", "# nothing\n\n", diag::list_empty},
      {"NUL bytes", std::string("bet.test\n\0\0", 11), diag::list_binary},
      {"not UTF-8", "\xff\xfe\n\xff\n\xc0\xc0\n", diag::list_not_text},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const test::Folder folder;
      test::write_small_school(folder);
      folder.write("lists/bets.txt", row.text);
      const LoadResult result = folder.load();
      CHECK(result.snapshot == nullptr);
      CHECK(has(result, row.code));
      CHECK(folder.text_of(result).find("lists/bets.txt") != std::string::npos);
    }
  }
  SECTION("missing") {
    const test::Folder folder;
    test::write_small_school(folder);
    std::filesystem::remove(folder.path("lists/bets.txt"));
    const LoadResult result = folder.load();
    CHECK(result.snapshot == nullptr);
    CHECK(has(result, diag::list_unreadable));
  }
}

TEST_CASE("the compiled lists are kept and taken again", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const LoadResult cold = folder.load();
  REQUIRE(cold.snapshot != nullptr);
  const std::string path = folder.path("state/lists.sgdb");
  struct stat before {};
  REQUIRE(::stat(path.c_str(), &before) == 0);
  CHECK((before.st_mode & 0777) == 0640);
  const auto same_file = [&] {
    struct stat now {};
    return ::stat(path.c_str(), &now) == 0 && now.st_ino == before.st_ino;
  };

  SECTION("nothing changed") {
    const LoadResult warm = folder.load();
    CHECK(warm.diagnostics.empty());
    CHECK(same_file());
    CHECK(warm.snapshot->digest == cold.snapshot->digest);
    CHECK(warm.snapshot->list_status[0].report.accepted == 2);
    CHECK(verdict(warm, "http://www.lucky.test/") == Action::block);
  }
  SECTION("a list changed") {
    folder.write("lists/bets.txt", "bet.test\nlucky.test\nnew.test\n");
    const LoadResult warm = folder.load();
    CHECK_FALSE(same_file());
    CHECK(warm.snapshot->digest != cold.snapshot->digest);
    CHECK(verdict(warm, "http://new.test/") == Action::block);
  }
  SECTION("the category of a list changed") {
    std::string text = folder.read("schoolgate.yaml");
    text.replace(text.find("category: gambling"), 18, "category: games");
    folder.write("schoolgate.yaml", text);
    CHECK(verdict(folder.load(), "http://lucky.test/") == Action::warn);
  }
  SECTION("any flipped byte is found, and the lists are compiled anew") {
    const std::string good = folder.read("state/lists.sgdb");
    std::mt19937 random(1);
    for (int i = 0; i < 40; ++i) {
      std::string bad = good;
      bad[random() % bad.size()] ^= static_cast<char>(1 << random() % 8);
      folder.write("state/lists.sgdb", bad);
      ::chmod(path.c_str(), 0640);
      const LoadResult again = folder.load();
      REQUIRE(verdict(again, "http://lucky.test/") == Action::block);
      REQUIRE(has(again, diag::cache_damaged, Severity::warning));
      REQUIRE(folder.read("state/lists.sgdb") == good);
    }
  }
  SECTION("cut short, or empty") {
    for (const std::size_t length : {std::size_t{0}, std::size_t{10}, std::size_t{90}, std::size_t{500}}) {
      folder.write("state/lists.sgdb", folder.read("state/lists.sgdb").substr(0, length));
      const LoadResult again = folder.load();
      CHECK(verdict(again, "http://lucky.test/") == Action::block);
      CHECK(has(again, diag::cache_damaged, Severity::warning));
    }
  }
  SECTION("a file that others may write is not believed") {
    ::chmod(path.c_str(), 0660);
    const LoadResult again = folder.load();
    CHECK(has(again, diag::cache_damaged, Severity::warning));
    CHECK_FALSE(same_file());
  }
  SECTION("a link is not followed") {
    std::filesystem::rename(path, folder.path("state/other.sgdb"));
    std::filesystem::create_symlink(folder.path("state/other.sgdb"), path);
    const LoadResult again = folder.load();
    CHECK(has(again, diag::cache_damaged, Severity::warning));
    CHECK_FALSE(std::filesystem::is_symlink(path));
  }
  SECTION("without the cache nothing is written") {
    std::filesystem::remove_all(folder.path("state"));
    LoadOptions options;
    options.use_cache = false;
    CHECK(verdict(folder.load(options), "http://lucky.test/") == Action::block);
    CHECK_FALSE(std::filesystem::exists(folder.path("state")));
  }
}

TEST_CASE("a state directory that cannot be written is no reason not to start", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("state", "a file in the way");
  const LoadResult result = folder.load();
  CHECK(verdict(result, "http://lucky.test/") == Action::block);
  CHECK(has(result, diag::cache_not_written, Severity::note));
}

TEST_CASE("a list that shrank is refused, unless that is wanted", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("lists/bets.txt", names(100));
  REQUIRE(folder.load().snapshot != nullptr);
  folder.write("lists/bets.txt", names(70));
  CHECK(folder.load().snapshot != nullptr);
  folder.write("lists/bets.txt", names(48));
  const LoadResult shrunk = folder.load();
  CHECK(shrunk.snapshot == nullptr);
  CHECK(folder.text_of(shrunk) ==
        "schoolgate.yaml:8:61: error SG1407: list bets has shrunk from 70 entries to 48\n"
        "      - {name: bets, category: gambling, format: domains, path: lists/bets.txt}\n"
        "                                                                ^~~~~~~~~~~~~~\n"
        "    hint: a broken download? if it is right, run: schoolgate lists compile --accept-shrunk\n");
  LoadOptions options;
  options.accept_shrunk = true;
  CHECK(folder.load(options).snapshot != nullptr);
  CHECK(folder.load().snapshot != nullptr);  // 48 is the new measure
}

TEST_CASE("a start takes the last good lists when an update broke them", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  REQUIRE(folder.load().snapshot != nullptr);
  LoadOptions start;
  start.last_good_lists = true;
  SECTION("an empty file") {
    folder.write("lists/bets.txt", "");
  }
  SECTION("a missing file") {
    std::filesystem::remove(folder.path("lists/bets.txt"));
  }
  CHECK(folder.load().snapshot == nullptr);  // a reload keeps what runs
  const LoadResult result = folder.load(start);
  CHECK(verdict(result, "http://lucky.test/") == Action::block);
  CHECK(has(result, diag::last_good_lists_used, Severity::warning));
  CHECK_FALSE(has_errors(result.diagnostics));
}

TEST_CASE("a start without any good lists stays closed", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("lists/bets.txt", "");
  LoadOptions start;
  start.last_good_lists = true;
  CHECK(folder.load(start).snapshot == nullptr);
}

TEST_CASE("a list's own action replaces its category's, never stricter", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write(
      "lists.d/own.yaml",
      "version: 1\nlists:\n"
      "  - {name: weak, category: games, format: patterns, path: lists/weak.txt, action: allow+record}\n"
      "  - {name: hard, category: games, format: domains, path: lists/hard.txt, action: block}\n");
  folder.write("lists/weak.txt", "host: ^play[0-9]+\\.\n");
  folder.write("lists/hard.txt", "hard.test\n");
  for (int round = 0; round < 2; ++round) {  // compiled, then from the cache
    const LoadResult result = folder.load();
    CHECK(folder.text_of(result) == "");
    CHECK(verdict(result, "http://games.test/") == Action::warn);
    CHECK(verdict(result, "http://play88.example/") == Action::allow);
    CHECK(verdict(result, "http://hard.test/") == Action::warn);
  }
}

TEST_CASE("a tree of lists", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  test::write_collection(folder);
  folder.write("lists.d/ut1.yaml", "version: 1\nlists:\n  - {name: ut1, format: squidguard, path: ut1}\n");
  const LoadResult result = folder.load();
  CHECK(folder.text_of(result) ==
        "lists.d/ut1.yaml:3:43: warning SG1405: list ut1: no category for: strange\n"
        "      - {name: ut1, format: squidguard, path: ut1}\n"
        "                                              ^~~\n"
        "    hint: add under map: \"strange: skip\", or a category\n");
  CHECK(verdict(result, "http://casino.test/") == Action::block);
  CHECK(verdict(result, "http://arjel.test/") == Action::block);
  CHECK(verdict(result, "http://news.test/betting/today") == Action::block);
  CHECK(verdict(result, "http://news.test/weather") == Action::allow);
  CHECK(verdict(result, "http://play7.test/") == Action::warn);
  CHECK(verdict(result, "http://mixed.test/") == Action::allow);
  std::vector<std::string> lists;
  for (const ListStatus& status : result.snapshot->list_status) lists.push_back(status.source.name);
  CHECK(lists == std::vector<std::string>{"bets", "fun", "ut1/arjel", "ut1/gambling", "ut1/gambling/urls",
                                          "ut1/games/expressions"});
}

TEST_CASE("what makes lists be compiled anew is what they are compiled of", "[config][lists]") {
  struct Row {
    const char* name;
    const char *file, *from, *to;  // one text in place of another
    bool anew;
  };
  const Row rows[] = {
      {"a remark in the main file", "schoolgate.yaml", "version: 1\n", "version: 1  # ours\n", false},
      {"a tier", "tiers.d/pupil.yaml", "games: warn", "games: block", false},
      {"the same bytes with another time", "lists/bets.txt", "bet.test", "bet.test", false},
      {"a byte of a list", "lists/bets.txt", "lucky.test\n", "lucky.test", true},
      {"a name", "schoolgate.yaml", "name: bets", "name: wins", true},
      {"a category", "schoolgate.yaml", "category: gambling", "category: games", true},
      {"a path", "schoolgate.yaml", "path: lists/bets.txt", "path: ./lists/../lists/bets.txt", true},
      {"a format", "schoolgate.yaml", "format: domains, path: lists/bets.txt",
       "format: hosts, path: lists/bets.txt", true},
      {"an own action", "schoolgate.yaml", "lists/bets.txt}", "lists/bets.txt, action: warn}", true},
      {"suffixes that are meant", "schoolgate.yaml", "lists/bets.txt}", "lists/bets.txt, suffixes: true}",
       true},
      {"one list fewer", "schoolgate.yaml",
       "  - {name: bets, category: gambling, format: domains, path: lists/bets.txt}\n", "", true},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const test::Folder folder;
      test::write_small_school(folder);
      folder.write("lists/bets.txt", "0.0.0.0 bet.test\nlucky.test\n");  // of either format, more or less
      REQUIRE(folder.load().snapshot != nullptr);
      const auto inode = [&] {
        struct stat info {};
        REQUIRE(::stat(folder.path("state/lists.sgdb").c_str(), &info) == 0);
        return info.st_ino;
      };
      const auto before = inode();
      std::string text = folder.read(row.file);
      const std::size_t at = text.find(row.from);
      REQUIRE(at != std::string::npos);
      folder.write(row.file, text.replace(at, std::string(row.from).size(), row.to));
      LoadOptions options;
      options.accept_shrunk = true;
      const LoadResult result = folder.load(options);
      INFO(folder.text_of(result));
      REQUIRE(result.snapshot != nullptr);
      CHECK((inode() != before) == row.anew);
    }
  }
}

TEST_CASE("commands that only look use compiled lists and write none", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  LoadOptions look;
  look.write_cache = false;
  CHECK(verdict(folder.load(look), "http://lucky.test/") == Action::block);
  CHECK_FALSE(std::filesystem::exists(folder.path("state")));
  const LoadResult kept = folder.load();
  CHECK(kept.snapshot->lists_kept);
  const std::string bytes = folder.read("state/lists.sgdb");
  CHECK(folder.load(look).snapshot->lists_kept);
  folder.write("lists/bets.txt", "lucky.test\nnew.test\n");
  const LoadResult looked = folder.load(look);
  CHECK(verdict(looked, "http://new.test/") == Action::block);
  CHECK_FALSE(looked.snapshot->lists_kept);
  CHECK(folder.read("state/lists.sgdb") == bytes);
}

TEST_CASE("how much a list may lose at once", "[config][lists]") {
  struct Row {
    std::size_t before, after;
    bool refused;
  };
  const Row rows[] = {
      {100, 70, false}, {100, 69, true},   {50, 35, false},
      {50, 34, true},   {49, 1, false},  // a handful of lines may come and go
      {49, 0, true},                     // but not all of them
      {1, 0, true},     {100, 500, false},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION("from " << row.before << " to " << row.after) {
      const test::Folder folder;
      test::write_small_school(folder);
      folder.write("lists/bets.txt", names(row.before));
      REQUIRE(folder.load().snapshot != nullptr);
      folder.write("lists/bets.txt", names(row.after));
      const LoadResult result = folder.load();
      CHECK((result.snapshot == nullptr) == row.refused);
      CHECK(has(result, diag::list_shrunk) == row.refused);
    }
  }
}

TEST_CASE("wrong lines of a list are told, many of them as a wrong format", "[config][lists]") {
  struct Row {
    const char* name;
    std::size_t good;
    const char* tells;
  };
  const Row rows[] = {
      {"one of a hundred", 99,
       "note SG1404: list bets: 1 of 100 lines cannot be used, the first in line 100: "},
      {"one of fifty", 49, "warning SG1404: list bets: 1 of 50 lines cannot be used, the first in line 50: "},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const test::Folder folder;
      test::write_small_school(folder);
      folder.write("lists/bets.txt", names(row.good) + "not a name\n");
      const LoadResult result = folder.load();
      CHECK(result.snapshot != nullptr);
      CHECK_THAT(folder.text_of(result), Catch::Matchers::Contains(row.tells));
    }
  }
}

TEST_CASE("last good lists stand in for lists, and for nothing else", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  REQUIRE(folder.load().snapshot != nullptr);
  LoadOptions start;
  start.last_good_lists = true;
  folder.write("lists/bets.txt", "");
  REQUIRE(folder.load(start).snapshot != nullptr);
  SECTION("an error of the configuration stays one") {
    folder.write("tiers.d/staff.yaml", folder.read("tiers.d/staff.yaml") + "youtube: kids\n");
    const LoadResult result = folder.load(start);
    CHECK(result.snapshot == nullptr);
    CHECK(has(result, diag::unknown_word));
  }
  SECTION("an entry of lists that is wrong, too") {
    std::string text = folder.read("schoolgate.yaml");
    folder.write("schoolgate.yaml", text.replace(text.find("category: games"), 15, "category: gamez"));
    CHECK(folder.load(start).snapshot == nullptr);
  }
  SECTION("lists of a category that is gone mean nothing any more") {
    for (const char* const file :
         {"categories.yaml", "tiers.d/pupil.yaml", "tiers.d/staff.yaml", "schoolgate.yaml"}) {
      std::string text = folder.read(file);
      for (std::size_t at; (at = text.find("gambling")) != std::string::npos;) text.replace(at, 8, "betting");
      folder.write(file, text);
    }
    CHECK(folder.load(start).snapshot == nullptr);
  }
  SECTION("a damaged file is no last good one") {
    folder.write("state/lists.sgdb", folder.read("state/lists.sgdb") + "x");
    CHECK(folder.load(start).snapshot == nullptr);
  }
}

TEST_CASE("progress goes from nothing to all", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  std::vector<double> done;
  std::string what;
  LoadOptions options;
  options.progress = [&](const Message& step, double part) {
    done.push_back(part);
    what += step.english() + "; ";
  };
  REQUIRE(folder.load(options).snapshot != nullptr);
  CHECK(what == "reading bets; reading fun; reading bets; reading fun; compiling; done; ");
  CHECK(std::is_sorted(done.begin(), done.end()));
  CHECK(done.back() == 1.0);
}

}  // namespace
}  // namespace schoolgate
