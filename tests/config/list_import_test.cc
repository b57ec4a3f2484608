// An unpacked collection becomes an entry of lists.d: looked at and told first, written only then, and what
// was written loads.
#include "config/list_import.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::verdict;

TEST_CASE("an import reports, then writes a file that loads", "[config][list_import]") {
  const test::Folder folder;
  test::write_small_school(folder);
  test::write_collection(folder);
  const auto plan = plan_import(folder.path("schoolgate.yaml"), folder.path("ut1"), "ut1");
  REQUIRE(plan);
  CHECK(plan->diagnostics.empty());
  std::string report;
  for (const ImportFolder& one : plan->folders)
    report += one.name + " " + one.category.value_or(one.skipped ? "(skipped)" : "(unknown)") + " " +
              std::to_string(one.entries()) + "\n";
  CHECK(report ==
        "arjel gambling 1\ngambling gambling 2\ngames games 1\nmixed (skipped) 1\nstrange (unknown) 1\n");
  const auto written = write_import(folder.path("schoolgate.yaml"), *plan);
  REQUIRE(written);
  CHECK(*written == folder.path("lists.d/ut1.yaml"));
  const LoadResult result = folder.load();
  CHECK(folder.text_of(result) == "");
  CHECK(verdict(result, "http://casino.test/") == Action::block);
  CHECK(verdict(result, "http://strange.test/") == Action::allow);

  CHECK_FALSE(plan_import(folder.path("schoolgate.yaml"), folder.path("lists"), "ut1"));
  CHECK_FALSE(plan_import(folder.path("schoolgate.yaml"), folder.path("nowhere"), "ut1"));
  CHECK_FALSE(plan_import(folder.path("nowhere.yaml"), folder.path("ut1"), "ut1"));
  for (const char* name : {"", "My Lists", "../ut1", "a: b"})
    CHECK_FALSE(plan_import(folder.path("schoolgate.yaml"), folder.path("ut1"), name));
}

TEST_CASE("an import says which entries name a public suffix, as loading it will",
          "[config][list_import][suffix]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("ut1/gambling/domains", "casino.test\ncom.vn\ngithub.io\n");
  folder.write("ut1/gambling/urls", "net/\ncasino.test/x\n");
  folder.write("ut1/mixed/domains", "org\nmixed.test\n");  // not wanted: not a word of it
  const auto plan = plan_import(folder.path("schoolgate.yaml"), folder.path("ut1"), "ut1");
  REQUIRE(plan);
  LoadResult told;
  told.diagnostics = plan->diagnostics;
  const std::string text = folder.text_of(told);
  CHECK(text ==
        "lists.d/ut1.yaml: warning SG1412: list ut1/gambling (ut1/gambling/domains:2): \"com.vn\" would "
        "block every site whose name ends in .com.vn; it is left out\n"
        "    hint: if it is meant: suffixes: true in the entry of the list\n"
        "lists.d/ut1.yaml: warning SG1412: list ut1/gambling/urls (ut1/gambling/urls:1): \"net\" would "
        "block every site whose name ends in .net; it is left out\n"
        "    hint: if it is meant: suffixes: true in the entry of the list\n"
        "lists.d/ut1.yaml: note SG1413: list ut1/gambling: under github.io everybody has a site of their "
        "own, and the list holds them all\n");
  CHECK(plan->folders.at(0).entries() == 3);  // what will be compiled
  REQUIRE(write_import(folder.path("schoolgate.yaml"), *plan));
  const LoadResult result = folder.load();
  CHECK(verdict(result, "http://school.com.vn/") == Action::allow);
  std::uint64_t loaded = 0;
  for (const ListStatus& status : result.snapshot->list_status)
    if (status.source.name.starts_with("ut1/")) loaded += status.report.accepted;
  CHECK(loaded == 3);
}

TEST_CASE("an archive unpacked with its top folder is found", "[config][list_import]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("down/blacklists/games/domains", "play.test\n");
  const auto plan = plan_import(folder.path("schoolgate.yaml"), folder.path("down"), "ut1");
  REQUIRE(plan);
  REQUIRE(plan->folders.size() == 1);
  CHECK(plan->folders[0].name == "games");
  REQUIRE(write_import(folder.path("schoolgate.yaml"), *plan));
  CHECK(verdict(folder.load(), "http://play.test/") == Action::warn);
}

// The plan of ut1/ beside the small school's main file, or the error.
Result<ImportPlan> plan_of(const test::Folder& folder, const std::string& name = "ut1") {
  return plan_import(folder.path("schoolgate.yaml"), folder.path("ut1"), name);
}

TEST_CASE("the entry of an import names every folder, with what is known of it", "[config][list_import]") {
  const test::Folder folder;
  test::write_small_school(folder);
  test::write_collection(folder);
  folder.write("ut1/a \"b\\/domains", "quoted.test\n");
  const auto plan = plan_of(folder);
  REQUIRE(plan);
  std::string text = import_text(*plan);
  CHECK(text.substr(text.find("version:")) ==
        "version: 1\nlists:\n  - name: ut1\n    format: squidguard\n    path: \"" +
            std::filesystem::canonical(folder.path("ut1")).string() +
            "\"\n    map:\n"
            "      \"a \\\"b\\\\\": skip   # 1 entries, no category known\n"
            "      \"arjel\": gambling   # 1 entries\n"
            "      \"gambling\": gambling   # 2 entries\n"
            "      \"games\": games   # 1 entries\n"
            "      \"mixed\": skip   # 1 entries, not wanted\n"
            "      \"strange\": skip   # 1 entries, no category known\n");
  REQUIRE(write_import(folder.path("schoolgate.yaml"), *plan));
  CHECK(folder.text_of(folder.load()).empty());  // whatever the folders are called
}

// As an admin edits what an import wrote.
void edit_entry(const test::Folder& folder, const std::string& from, const std::string& to) {
  std::string text = folder.read("lists.d/ut1.yaml");
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  folder.write("lists.d/ut1.yaml", text.replace(at, from.size(), to));
}

TEST_CASE("folders of folders come in under their whole name", "[config][list_import]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("ut1/hobby/games-online/domains", "play.test\n");
  folder.write("ut1/hobby/games-online/urls", "portal.test/play\n");
  folder.write("ut1/hobby/garden/domains", "rose.test\n");
  folder.write("ut1/hobby/garden/old/domains", "old.test\n");
  folder.write("ut1/games/domains", "toy.test\n");
  const auto plan = plan_of(folder);
  REQUIRE(plan);
  const std::string text = import_text(*plan);
  CHECK(text.substr(text.find("    map:")) ==
        "    map:\n"
        "      \"games\": games   # 1 entries\n"
        "      \"hobby/games-online\": skip   # 2 entries, no category known\n"
        "      \"hobby/garden\": skip   # 1 entries, no category known\n");
  REQUIRE(plan->folders.size() == 4);
  CHECK(plan->folders[3].name == "hobby/garden/old");
  CHECK(plan->folders[3].too_deep);
  const auto written = write_import(folder.path("schoolgate.yaml"), *plan);
  REQUIRE(written);
  CHECK(folder.text_of(folder.load()).empty());
  edit_entry(folder, "\"hobby/games-online\": skip", "\"hobby/games-online\": gambling");
  const LoadResult mapped = folder.load();
  CHECK(folder.text_of(mapped).empty());
  CHECK(verdict(mapped, "http://play.test/") == Action::block);
  CHECK(verdict(mapped, "http://portal.test/play/") == Action::block);
  CHECK(verdict(mapped, "http://rose.test/") == Action::allow);

  std::filesystem::remove_all(folder.path("ut1/hobby/games-online"));
  CHECK_THAT(folder.text_of(folder.load()),
             Catch::Contains("list ut1: the folder hobby/games-online: it holds no file domains, urls or "
                             "expressions with anything in it; the last good load had 2 entries of it"));
}

TEST_CASE("a second import keeps what the map says, and adds what is new", "[config][list_import]") {
  const test::Folder folder;
  test::write_small_school(folder);
  test::write_collection(folder);
  const auto import_again = [&] {
    const auto plan = plan_of(folder);
    REQUIRE(plan);
    REQUIRE(write_import(folder.path("schoolgate.yaml"), *plan));
    const std::string text = folder.read("lists.d/ut1.yaml");
    return text.substr(text.find("    format:"));
  };
  const std::string first = import_again();
  edit_entry(folder, "\"games\": games", "\"games\": gambling");
  edit_entry(folder, "\"arjel\": gambling", "\"arjel\": skip");
  edit_entry(folder, "\"strange\": skip", "\"strange\": games");
  edit_entry(folder, "    map:", "    suffixes: true\n    map:");
  folder.write("ut1/fresh/domains", "fresh.test\n");
  std::filesystem::remove_all(folder.path("ut1/mixed"));
  const std::string second = import_again();
  CHECK(second.substr(second.find("    suffixes:")) ==
        "    suffixes: true\n"
        "    map:\n"
        "      \"arjel\": skip   # 1 entries, categories.yaml: gambling\n"
        "      \"fresh\": skip   # 1 entries, no category known\n"
        "      \"gambling\": gambling   # 2 entries\n"
        "      \"games\": gambling   # 1 entries, categories.yaml: games\n"
        "      \"strange\": games   # 1 entries\n");
  const LoadResult result = folder.load();
  CHECK(folder.text_of(result).empty());
  CHECK(verdict(result, "http://strange.test/") == Action::warn);

  SECTION("a folder that is gone stays in the map, so that a load misses it") {
    std::filesystem::remove_all(folder.path("ut1/strange"));
    CHECK_THAT(import_again(), Catch::Contains("\"strange\": games   # not in the collection\n"));
    CHECK_THAT(folder.text_of(folder.load()),
               Catch::Contains("list ut1: the folder strange: it holds no file"));
  }
  const auto refused = [&] {
    const auto plan = plan_of(folder);
    return plan ? std::string() : folder.without_path(plan.error().message.english());
  };
  SECTION("a file with errors is not replaced") {
    edit_entry(folder, "suffixes: true", "suffixes: perhaps");
    CHECK(refused() == "lists.d/ut1.yaml has errors, so that its map would be lost; see: schoolgate check");
  }
  SECTION("nor one that holds more") {
    folder.write("own.txt", "own.test\n");
    folder.write("lists.d/ut1.yaml",
                 folder.read("lists.d/ut1.yaml") +
                     "  - {name: own, category: games, format: domains, path: own.txt}\n");
    CHECK(refused() ==
          "lists.d/ut1.yaml holds the list own besides, which an import would take away: move it into a file "
          "of its own");
  }
  SECTION("a name that another file has taken") {
    std::filesystem::rename(folder.path("lists.d/ut1.yaml"), folder.path("lists.d/other.yaml"));
    CHECK(refused() ==
          "the name \"ut1\" is taken (lists.d/other.yaml:9); --name gives the collection another");
  }
}

TEST_CASE("an import looks at a configuration that has errors, if it can be read at all",
          "[config][list_import]") {
  const test::Folder folder;
  test::write_small_school(folder);
  test::write_collection(folder);
  folder.write("schoolgate.yaml", folder.read("schoolgate.yaml") + "workers: many\n");
  CHECK(plan_of(folder));
  const auto refused = [&] {
    const auto plan = plan_of(folder);
    return plan ? std::string() : folder.without_path(plan.error().message.english());
  };
  folder.write("categories.yaml", "version: 1\ncategories: [\n");
  CHECK(refused() == "the catalogue of categories cannot be read; see: schoolgate check");
  folder.write("schoolgate.yaml", "");
  CHECK(refused() == "the configuration schoolgate.yaml cannot be read; see: schoolgate check");
}

TEST_CASE("a list that cannot be right is an error of the import", "[config][list_import]") {
  struct Row {
    const char* name;
    std::string path, text;
    const char* tells;
  };
  const Row rows[] = {
      {"NUL bytes", "ut1/games/domains", std::string("a.test\n\0\0", 9), "ut1/games/domains: error SG2110"},
      {"comments alone", "ut1/games/domains", "# soon\n", "ut1/games/domains: error SG2112"},
      {"no UTF-8", "ut1/games/domains", "\xff\n\xfe\n", "ut1/games/domains: error SG2111"},
      {"bad lines are counted", "ut1/games/domains", "a.test\nb test\n", ""},
      {"of a folder that is not wanted nothing is said", "ut1/mixed/domains", std::string("\0", 1), ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const test::Folder folder;
      test::write_small_school(folder);
      test::write_collection(folder);
      folder.write(row.path, row.text);
      const auto plan = plan_of(folder);
      REQUIRE(plan);
      CHECK_THAT(folder.without_path(test::told(plan->diagnostics, "")), test::Tells(row.tells));
    }
  }
  SECTION("a file and a folder that cannot be read") {
    const test::Folder folder;
    test::write_small_school(folder);
    test::write_collection(folder);
    std::filesystem::create_symlink("urls", folder.path("ut1/games/urls"));
    std::filesystem::create_symlink("urls",
                                    folder.path("ut1/mixed/urls"));  // nobody takes it: need not be read
    ::chmod(folder.path("ut1/gambling").c_str(), 0);
    const test::AsAnybody anybody;
    const auto plan = plan_of(folder);
    REQUIRE(plan);
    CHECK_THAT(folder.without_path(test::told(plan->diagnostics, "")),
               test::Tells("ut1/games/urls: error SG1401: cannot be read: too many symbolic links\n"
                           "gambling: error SG1401: cannot be read: Permission denied"));
  }
}

TEST_CASE("an import replaces its own file whole, or leaves it", "[config][list_import]") {
  const test::Folder folder;
  test::write_small_school(folder);
  test::write_collection(folder);
  const auto plan = plan_of(folder);
  REQUIRE(plan);
  const auto written = [&] {
    const auto path = write_import(folder.path("schoolgate.yaml"), *plan);
    return path ? std::string() : folder.without_path(path.error().message.english());
  };
  SECTION("there is an older one") {
    folder.write("lists.d/ut1.yaml", "version: 1\nlists: []\n# much longer\n" + std::string(10'000, '#'));
    CHECK(written().empty());
    CHECK(folder.read("lists.d/ut1.yaml") == import_text(*plan));
    struct stat info {};
    REQUIRE(::stat(folder.path("lists.d/ut1.yaml").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0644);
  }
  SECTION("the main file names another folder") {
    folder.write("schoolgate.yaml", folder.read("schoolgate.yaml") + "lists_dir: more\n");
    CHECK(written().empty());
    CHECK(folder.read("more/ut1.yaml") == import_text(*plan));
  }
  SECTION("a file in the place of the folder") {
    folder.write("lists.d", "");
    CHECK(written() == "cannot write lists.d/ut1.yaml: Not a directory");
  }
  SECTION("a folder that may not be written to") {
    folder.write("lists.d/ut1.yaml", "version: 1\nlists: []\n");
    ::chmod(folder.path("lists.d").c_str(), 0555);
    {
      const test::AsAnybody anybody;
      CHECK(written() == "cannot write lists.d/ut1.yaml: Permission denied");
    }
    CHECK(folder.read("lists.d/ut1.yaml") == "version: 1\nlists: []\n");
    ::chmod(folder.path("lists.d").c_str(), 0755);
  }
  SECTION("the main file is gone meanwhile") {
    std::filesystem::remove(folder.path("schoolgate.yaml"));
    CHECK(written() == "the configuration schoolgate.yaml cannot be read");
  }
}

}  // namespace
}  // namespace schoolgate
