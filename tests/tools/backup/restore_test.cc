#include "tools/backup/restore.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"

using namespace schoolgate;
using namespace schoolgate::tools;

TEST_CASE("retention is never loosened", "[tools][backup]") {
  CHECK(stricter({90, 30}, {365, 30}) == Retention{90, 30});
  CHECK(stricter({365, 30}, {90, 30}) == Retention{90, 30});
  CHECK(stricter({90, 60}, {90, 30}) == Retention{90, 60});
  CHECK(stricter({90, 30}, {90, 60}) == Retention{90, 60});
  CHECK(stricter({45, 30}, {365, 90}) == Retention{45, 45});
}

TEST_CASE("a broken main file still says how long the log is kept", "[tools][backup]") {
  const Retention otherwise{90, 30};
  CHECK(retention_told_in("", otherwise) == otherwise);
  CHECK(retention_told_in("log:\n  keep_days: 45  # 30-365\n  min_days: 40\nx: [\n", otherwise) ==
        Retention{45, 40});
  CHECK(retention_told_in("log: {keep_days: 120, min_days: \"60\"", otherwise) == Retention{120, 60});
  CHECK(retention_told_in("# keep_days: 31\nkeep_days: 5\nkeep_days: 999\nkeep_days:\n", otherwise) ==
        otherwise);
  CHECK(retention_told_in("keep_days: 60\nkeep_days: 50\nmin_days: 31\nmin_days: 33\n", otherwise) ==
        Retention{50, 33});
}

TEST_CASE("a number of log: is set in whatever form the file has", "[tools][backup]") {
  struct Row {
    const char *before, *after;
  };
  const Row rows[] = {
      {"version: 1\nlog: {directory: /x, keep_days: 365}  # why\n",
       "version: 1\nlog: {directory: /x, keep_days: 90}  # why\n"},
      {"log:\n  keep_days: 365  # a year\n  directory: /x\n",
       "log:\n  keep_days: 90  # a year\n  directory: /x\n"},
      {"log: {directory: /x}\n", "log: {keep_days: 90, directory: /x}\n"},
      {"log:\n  directory: /x\nwho: []\n", "log:\n  keep_days: 90\n  directory: /x\nwho: []\n"},
      {"version: 1", "version: 1\nlog: {keep_days: 90}\n"},
  };
  for (const Row& row : rows) {
    const auto after = with_log_number(row.before, "keep_days", 90);
    REQUIRE(after);
    CHECK(*after == row.after);
  }
  CHECK(with_log_number("log: [1]\n", "keep_days", 90).failed());
  CHECK(with_log_number("log: {keep_days: \"365\"}\n", "keep_days", 90).failed());
  CHECK(with_log_number("\t: no yaml", "keep_days", 90).failed());
}

TEST_CASE("files come and go, and can be finished from wherever it was cut", "[tools][backup]") {
  const auto text_of = [](const test::Folder& folder) {
    return folder.read("school/main") + "|" + folder.read("school/tiers.d/a") + "|" +
           folder.read("school/gone") + "|" + folder.read("school/lists/x");
  };
  const std::string after = "new main|new a||new x";
  for (std::size_t cut = 0; cut < 6; ++cut) {
    const test::Folder folder;
    folder.write("school/main", "old main");
    folder.write("school/tiers.d/a", "old a");
    folder.write("school/gone", "old gone");
    folder.write("school/lists/y", "old y");
    const std::string school = folder.path("school");
    const BackupOwner owner{0644, "-", "-"};
    const SwapPart part{
        school,
        {{"tiers.d", owner}},
        {{"main", "new main", owner}, {"tiers.d/a", "new a", owner}, {"lists/x", "new x", owner}},
        {"lists"},
        {"gone"}};
    REQUIRE(stage_swap(school, {part}, "then").ok());
    CHECK(text_of(folder) == "old main|old a|old gone|");
    auto moves = parse_moves(folder.read("school/.restoring"));
    REQUIRE(moves);
    REQUIRE(moves->size() == 4);
    // As far as a process came that was killed: some renames are done, of the next perhaps the first half.
    for (std::size_t i = 0; i < std::min(cut, moves->size()); ++i) {
      const SwapMove& move = (*moves)[i];
      std::filesystem::create_directories(std::filesystem::path(move.aside).parent_path());
      std::filesystem::rename(move.live, move.aside);
      if (!move.staged.empty() && (i + 1 < cut || cut % 2 == 0))
        std::filesystem::rename(move.staged, move.live);
    }
    const auto finished = finish_swap(school);
    REQUIRE(finished);
    CHECK(*finished);
    CHECK(text_of(folder) == after);
    CHECK(folder.read("school/.before-restore-then/main") == "old main");
    CHECK(folder.read("school/.before-restore-then/lists/y") == "old y");
    CHECK(folder.read("school/.before-restore-then/gone") == "old gone");
    CHECK_FALSE(std::filesystem::exists(folder.path("school/.restore-new")));
    CHECK_FALSE(*finish_swap(school));
  }
}

TEST_CASE("a journal that leads elsewhere is not followed", "[tools][backup]") {
  const std::vector<SwapMove> good{{"/etc/x", "/etc/x/.restore-new/a", "/etc/x/a", "/etc/x/.before/a"},
                                   {"/etc/x", "", "/etc/x/b", "/etc/x/.before/b"}};
  CHECK(parse_moves(to_text(good)) == good);
  for (const char* path :
       {"/etc/passwd", "/etc/x/../passwd", "/etc/x", "/etc/x/", "a", "/etc/x/a/..", "/etc/x//a"}) {
    CHECK_FALSE(parse_moves(to_text({{"/etc/x", "", path, "/etc/x/b"}})));
    CHECK_FALSE(parse_moves(to_text({{"/etc/x", "", "/etc/x/b", path}})));
    CHECK_FALSE(parse_moves(to_text({{"/etc/x", path, "/etc/x/b", "/etc/x/c"}})));
  }
  CHECK_FALSE(parse_moves(""));
  CHECK_FALSE(parse_moves("schoolgate restoring 1"));
  CHECK_FALSE(parse_moves(to_text(good) + "more"));
}
