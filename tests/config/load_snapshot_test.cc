// A whole configuration: a Snapshot only when nothing is wrong anywhere, and then all of it.
#include "config/load_snapshot.h"

#include <catch2/catch.hpp>
#include <functional>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::has;
using test::verdict;

TEST_CASE("a snapshot says what it was made of", "[config][load_snapshot]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("tiers.d/pupil.yaml",
               folder.read("tiers.d/pupil.yaml") +
                   "allow: [{pattern: 'a[0-9]', target: host, hit: ['http://a1.test/'], miss: "
                   "['http://a.test/']}, b.test]\n"
                   "tests: [{url: 'http://b.test/', expect: allow}]\n");
  folder.write("floor.txt", std::string(64, 'a') + "\n");
  folder.write("hotlines.yaml", "version: 1\nhotlines: [{id: h, name: H, sites: h.test}]\n");
  LoadOptions options;
  options.revision = 7;
  const LoadResult result = folder.load(options);
  REQUIRE(result.diagnostics.size() == 1);
  CHECK(result.diagnostics.front().code == diag::floor_plain);
  REQUIRE(result.snapshot);
  const Snapshot& snapshot = *result.snapshot;
  CHECK(snapshot.revision == 7);
  CHECK(snapshot.counts.tiers == 2);
  CHECK(snapshot.counts.categories == 3);
  CHECK(snapshot.counts.lines == 2);
  CHECK(snapshot.counts.pattern_tests == 2);
  CHECK(snapshot.counts.policy_tests == 1);
  CHECK(snapshot.counts.floor == 1);
  CHECK(snapshot.config.school.name == "Test");
  CHECK(snapshot.config.hotlines.size() == 1);
  REQUIRE(snapshot.config.lists.size() == 2);
  REQUIRE(snapshot.list_status.size() == 2);
  CHECK(snapshot.list_status[0].report.accepted == 2);
  CHECK(snapshot.sources[snapshot.list_status[0].source.source] == "lists/bets.txt");
  CHECK(snapshot.zone.offset(0) == 7 * 3600);
  CHECK_FALSE(snapshot.thin.empty());
  // What can be kept of it: every text, but no list.
  std::string kept;
  for (const auto& [name, text] : result.read.files) kept += name + " ";
  CHECK(kept ==
        "categories.yaml floor.txt hotlines.yaml schoolgate.yaml tiers.d/pupil.yaml tiers.d/staff.yaml ");
}

TEST_CASE("two loads have one digest if nothing differs that is judged by", "[config][load_snapshot]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("locked.yaml", "version: 1\n");
  const std::string before = folder.load().snapshot->digest;
  CHECK(before.size() == 64);
  folder.write("notes.txt", "of nobody");
  CHECK(folder.load().snapshot->digest == before);
  for (const char* const file : {"schoolgate.yaml", "categories.yaml", "tiers.d/staff.yaml", "locked.yaml"}) {
    DYNAMIC_SECTION(file) {
      folder.write(file, folder.read(file) + "# a remark\n");
      CHECK(folder.load().snapshot->digest != before);
    }
  }
  SECTION("a list") {
    folder.write("lists/fun.txt", "games.test\nnew.test\n");
    CHECK(folder.load().snapshot->digest != before);
  }
}

TEST_CASE("one error anywhere and there is no snapshot", "[config][load_snapshot]") {
  struct Row {
    const char *name, *file, *text;  // added to the file
    int code;
  };
  const Row rows[] = {
      {"the main file", "schoolgate.yaml", "workers: many\n", diag::bad_number},
      {"the catalogue", "categories.yaml", "nonsense: 1\n", diag::unknown_key},
      {"a catalogue of nothing", "categories.yaml", nullptr, diag::missing_key},
      {"a tier that nobody is in", "tiers.d/z.yaml", "version: 1\ntier: z\n", diag::missing_key},
      {"a lock", "locked.yaml", "version: 1\nblock: [b vn]\n", diag::bad_line},
      {"help", "hotlines.yaml", "version: 1\nhotlines: [{name: H}]\n", diag::missing_key},
      {"the floor", "floor.txt", "bad.vn\n", diag::bad_floor_line},
      {"words", "terms.yaml", "version: 1\nterms: {}\n", diag::unknown_key},
      {"search engines", "safesearch.yaml", "version: 1\nengines: []\n", diag::wrong_kind},
      {"a file of lists.d", "lists.d/a.yaml", "version: 1\nlists: [{}]\n", diag::missing_key},
      {"a list", "lists/fun.txt", "\xff\n\xff\n\xff\n", diag::list_not_text},
      {"a pattern's test", "tiers.d/staff.yaml", "block: [{pattern: 'a1', hit: ['http://b.test/']}]\n",
       diag::pattern_test_failed},
      {"a policy's test", "tiers.d/staff.yaml", "tests: [{url: 'http://bet.test/', expect: allow}]\n",
       diag::policy_test_failed},
      {"a line against a lock", "tiers.d/staff.yaml",
       "timetable: [{when: T2 07:00-08:00, categories: [gambling], action: warn}]\n",
       diag::conflict_timetable_on_lock},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const test::Folder folder;
      test::write_small_school(folder);
      folder.write(row.file,
                   row.text == nullptr ? "version: 1\ncategories: {}\n" : folder.read(row.file) + row.text);
      const LoadResult result = folder.load();
      INFO(folder.text_of(result));
      CHECK(result.snapshot == nullptr);
      CHECK(has(result, row.code));
      CHECK_FALSE(
          std::filesystem::exists(folder.path("state/lists.sgdb")));  // only an accepted load is a measure
    }
  }
}

TEST_CASE("errors of all files are told at once, in the order of their places", "[config][load_snapshot]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("tiers.d/pupil.yaml", folder.read("tiers.d/pupil.yaml") + "block: [b vn]\nvoice: kids\n");
  folder.write("schoolgate.yaml", folder.read("schoolgate.yaml") + "workers: many\n");
  std::filesystem::remove(folder.path("lists/fun.txt"));
  const LoadResult result = folder.load();
  CHECK_THAT(folder.without_path(test::told(result.diagnostics, "")),
             test::Tells("schoolgate.yaml:9:57: error SG1401\n"
                         "schoolgate.yaml:13:10: error SG1105\n"
                         "tiers.d/pupil.yaml:6:9: error SG1301\n"
                         "tiers.d/pupil.yaml:7:8: error SG1104"));
}

TEST_CASE("what follows from an error is not told besides", "[config][load_snapshot]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const std::string broken = "version: 1\n\tnothing: [\n";
  SECTION("the main file: nothing else can be found") {
    folder.write("schoolgate.yaml", broken);
    CHECK_THAT(folder.without_path(test::told(folder.load().diagnostics, "")),
               test::Tells("schoolgate.yaml:2:1: error SG1005"));
  }
  SECTION("the catalogue: every category is unknown") {
    folder.write("categories.yaml", broken);
    CHECK_THAT(folder.without_path(test::told(folder.load().diagnostics, "")),
               test::Tells("categories.yaml:2:1: error SG1005"));
  }
  SECTION("a tier: its name is unknown") {
    folder.write("tiers.d/pupil.yaml", broken);
    CHECK_THAT(folder.without_path(test::told(folder.load().diagnostics, "")),
               test::Tells("tiers.d/pupil.yaml:2:1: error SG1005"));
  }
}

TEST_CASE("a reload does not go on without a file of the policy that runs", "[config][load_snapshot]") {
  struct Row {
    const char *file, *text;
  };
  const Row rows[] = {
      {"locked.yaml", "version: 1\nblock: [bad.test]\n"},
      {"hotlines.yaml", "version: 1\nhotlines: []\n"},
      {"floor.txt", "# no entries\n"},
      {"terms.yaml", "version: 1\ncategories: {}\n"},
      {"safesearch.yaml", "version: 1\nengines: {}\n"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.file) {
      const test::Folder folder;
      test::write_small_school(folder);
      folder.write(row.file, row.text);
      const LoadResult running = folder.load();
      INFO(folder.text_of(running));
      REQUIRE(running.snapshot);
      LoadOptions reload;
      reload.running = running.snapshot->config.policy;
      REQUIRE(folder.load(reload).snapshot);

      std::filesystem::rename(folder.path(row.file), folder.path("away"));
      const LoadResult refused = folder.load(reload);
      CHECK_FALSE(refused.snapshot);
      CHECK_THAT(folder.text_of(refused),
                 Catch::Matchers::Contains(std::string("error SG1014: ") + row.file +
                                           " is part of the policy that was accepted last"));
      CHECK(folder.load().snapshot);  // a start, which shows what is there
      reload.accept_shrunk = true;
      CHECK(folder.load(reload).snapshot);
      reload.accept_shrunk = false;

      // Under another name it is not gone.
      const std::string key = std::string(row.file) == "hotlines.yaml"
                                  ? "help_lines"
                                  : std::string(row.file).substr(0, std::string(row.file).find('.'));
      folder.write("schoolgate.yaml", folder.read("schoolgate.yaml") + key + ": away\n");
      CHECK(folder.load(reload).snapshot);
    }
  }
}

TEST_CASE("whether a part is there cannot be told: it is read, and its error shown",
          "[config][load_snapshot]") {
  const test::Folder folder;
  test::write_small_school(folder);
  SECTION("a link in a circle") {
    std::filesystem::create_symlink("locked.yaml", folder.path("locked.yaml"));
  }
  SECTION("a link to a disk that is not mounted") {  // once taken for a school without locks
    std::filesystem::create_symlink("/nowhere/locked.yaml", folder.path("locked.yaml"));
  }
  const LoadResult result = folder.load();
  CHECK_FALSE(result.snapshot);
  CHECK_THAT(folder.without_path(test::told(result.diagnostics, "locked.yaml")),
             test::Tells("locked.yaml: error SG1001"));
}

TEST_CASE("thousands of problems are cut short, errors first", "[config][load_snapshot]") {
  const test::Folder folder;
  test::write_small_school(folder);
  std::string text = folder.read("tiers.d/pupil.yaml") + "allow:\n";
  for (int i = 0; i < 3000; ++i) text += "  - 'bad site'\n";
  folder.write("tiers.d/pupil.yaml", text);
  const LoadResult result = folder.load();
  CHECK(result.snapshot == nullptr);
  REQUIRE(result.diagnostics.size() == 501);
  CHECK(result.diagnostics.back().message == "2500 more problems are not shown");
}

TEST_CASE("among thousands of warnings an error is never cut away", "[config][load_snapshot]") {
  const test::Folder folder;
  test::write_small_school(folder);
  std::string lines = "allow:\n";
  for (int i = 0; i < 600; ++i) lines += "  - com.vn\n";  // a warning each
  folder.write("tiers.d/pupil.yaml", folder.read("tiers.d/pupil.yaml") + lines);
  folder.write("tiers.d/staff.yaml",
               folder.read("tiers.d/staff.yaml") + "youtube: kids\n");  // behind them all
  const LoadResult result = folder.load();
  CHECK(result.snapshot == nullptr);
  CHECK(result.diagnostics.size() == 501);
  CHECK(has(result, diag::unknown_word));
}

TEST_CASE("the main file among kept texts", "[config][load_snapshot]") {
  const test::Folder folder;
  test::write_small_school(folder);
  ConfigTexts kept = folder.load().read;
  folder.write("schoolgate.yaml", "");
  const auto config = main_file_of(folder.path("schoolgate.yaml"), kept);
  REQUIRE(config);
  CHECK(config->school.name == "Test");
  CHECK(config->state_directory == folder.path("state"));
  kept.files["schoolgate.yaml"] = "[";
  CHECK_FALSE(main_file_of(folder.path("schoolgate.yaml"), kept));
  kept.files.erase("schoolgate.yaml");
  CHECK_FALSE(main_file_of(folder.path("schoolgate.yaml"), kept));
}

}  // namespace
}  // namespace schoolgate
