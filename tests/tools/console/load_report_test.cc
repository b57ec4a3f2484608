#include "tools/console/load_report.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"
#include "tests/tools/program_runner.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

namespace {

constexpr char red[] = "\x1b[31m", green[] = "\x1b[32m", yellow[] = "\x1b[33m";

LoadResult with(const Severity* severity, bool snapshot) {
  LoadResult loaded;
  if (snapshot) loaded.snapshot = std::make_shared<Snapshot>();
  if (severity != nullptr) loaded.diagnostics.emplace_back().severity = *severity;
  return loaded;
}

// A school with one more list, `more` lines of patterns.
LoadResult load_with_patterns(const test::Folder& folder, const std::string& more) {
  folder.write("lists/shapes.txt", more);
  folder.write("lists.d/shapes.yaml",
               "version: 1\nlists:\n"
               "  - {name: shapes, category: games, format: patterns, path: lists/shapes.txt}\n");
  LoadResult loaded = folder.load();
  INFO(folder.text_of(loaded));
  REQUIRE(loaded.snapshot != nullptr);
  return loaded;
}

}  // namespace

TEST_CASE("load report: the exit code", "[tools][check]") {
  const Severity error = Severity::error, warning = Severity::warning, note = Severity::note;
  struct Row {
    const char* name;
    const Severity* worst;
    bool snapshot;
    int usual, strict;
  };
  const Row rows[] = {
      {"nothing to say", nullptr, true, exit_ok, exit_ok},
      {"a note", &note, true, exit_ok, exit_ok},
      {"a warning", &warning, true, exit_ok, exit_warnings},
      {"an error", &error, false, exit_config_errors, exit_config_errors},
      {"an error with a snapshot, which nobody should make", &error, true, exit_config_errors,
       exit_config_errors},
      {"no snapshot, and nobody said why", nullptr, false, exit_config_errors, exit_config_errors},
      {"a warning without a snapshot", &warning, false, exit_config_errors, exit_config_errors},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(check_exit_code(with(row.worst, row.snapshot), false) == row.usual);
      CHECK(check_exit_code(with(row.worst, row.snapshot), true) == row.strict);
    }
}

TEST_CASE("load report: what cannot be used says so last, and tells no figures", "[tools][check]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("tiers.d/pupil.yaml", "tier: [");
  const LoadResult loaded = folder.load();
  REQUIRE(loaded.snapshot == nullptr);
  const std::string text = check_text(loaded, nullptr, false);
  CHECK_THAT(text, Contains("tiers.d/pupil.yaml:1") && Contains(": this configuration cannot be used\n") &&
                       Contains("schoolgate help SG"));
  CHECK_THAT(text, !Contains("lists\n") && !Contains("ok"));
  CHECK_THAT(check_text(loaded, nullptr, true), Contains(red) && !Contains(green));
  CHECK_THAT(check_json(loaded), StartsWith(R"({"ok":false,"errors":)"));
  CHECK_THAT(check_json(loaded), !Contains("\"digest\"") && !Contains("\"counts\""));
}

TEST_CASE("load report: a school without lists", "[tools][check]") {
  const test::Folder folder;
  test::write_small_school(folder);
  std::string main = folder.read("schoolgate.yaml");
  main.erase(main.find("lists:"), main.find("state_directory:") - main.find("lists:"));
  folder.write("schoolgate.yaml", main);
  const LoadResult loaded = folder.load();
  INFO(folder.text_of(loaded));
  REQUIRE(loaded.snapshot != nullptr);
  CHECK_THAT(check_text(loaded, nullptr, false),
             Contains("lists\n  none\n") && Contains(" 0 lists with 0 domains"));
  CHECK_THAT(check_text(loaded, nullptr, true), Contains(std::string(red) + "thin: "));
  CHECK_THAT(check_json(loaded), Contains("\"lists\":[]"));
}

TEST_CASE("load report: what a protecting list lifts is told with an example", "[tools][check]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("lists/fun.txt", "games.test\nplay.test\n");
  folder.write("lists/good.txt", "play.test\n");
  folder.write("lists.d/good.yaml",
               "version: 1\nlists:\n"
               "  - {name: good, category: learning, format: domains, path: lists/good.txt}\n");
  const LoadResult loaded = folder.load();
  REQUIRE(loaded.snapshot != nullptr);
  CHECK_THAT(check_text(loaded, nullptr, false), Contains("; lifts 1 blocked entry, such as play.test\n"));
  CHECK_THAT(check_json(loaded), Contains("\"lifts\":1,\"lifts_example\":\"play.test\""));
  folder.write("lists/fun.txt", "games.test\nplay.test\nm.play.test\n");
  folder.write("lists/good.txt", "play.test\nm.play.test\n");
  CHECK_THAT(check_text(folder.load(), nullptr, false), Contains("; lifts 2 blocked entries, such as "));
}

TEST_CASE("load report: networks are counted where there are any, and what is left out is told",
          "[tools][check]") {
  const test::Folder folder;
  test::write_small_school(folder);
  CHECK_THAT(check_text(folder.load(), nullptr, false), !Contains("network"));
  CHECK_THAT(check_json(folder.load()), Contains("\"networks\":0"));
  folder.write("lists/fun.txt", "games.test\n198.51.100.0/24\n2001:db8::/32\n198.51.100.7/24\n0.0.0.0/0\n");
  const LoadResult loaded = folder.load();
  REQUIRE(loaded.snapshot != nullptr);
  CHECK_THAT(check_text(loaded, nullptr, false), Contains(" and 2 networks, "));
  CHECK_THAT(check_text(loaded, nullptr, false),
             Contains("the first in line 4: \"198.51.100.7/24\" has more than zeros"));
  CHECK_THAT(check_json(loaded), Contains("\"networks\":2"));
}

TEST_CASE("load report: patterns that cost every request are told", "[tools][check]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const LoadResult weak = load_with_patterns(folder, "[0-9]{6}\ncasino-[0-9]+\n");
  CHECK_THAT(check_text(weak, nullptr, true),
             Contains(std::string(yellow) + "1 pattern of lists without a fixed text"));
  CHECK_THAT(check_json(weak), Contains("\"weak_patterns\":1"));
  const LoadResult strong = load_with_patterns(folder, "casino-[0-9]+\n");
  CHECK_THAT(check_text(strong, nullptr, false), !Contains("without a fixed text"));
}

TEST_CASE("load report: patterns that need a path sleep where a tier does not inspect; five are shown",
          "[tools][check]") {
  const test::Folder folder;
  test::write_small_school(folder);
  std::string patterns;
  for (int i = 0; i < 7; ++i) patterns += "/bad-" + std::to_string(i) + "/x\n";
  const std::string text = check_text(load_with_patterns(folder, patterns), nullptr, false);
  CHECK_THAT(text, Contains("7 patterns of lists need a path"));
  CHECK_THAT(text, Contains("lists/shapes.txt:5: /bad-4/x\n  and 2 more\n") && !Contains("/bad-5/x"));

  // As soon as no tier is without.
  const std::string config = folder.path("schoolgate.yaml");
  for (const char* tier : {"tiers.d/pupil.yaml", "tiers.d/staff.yaml"})
    folder.write(tier, folder.read(tier) + "https: {mode: inspect, reason: a test}\n");
  folder.write("schoolgate.yaml",
               folder.read("schoolgate.yaml") + "https: {never_inspect: {categories: []}}\n");
  REQUIRE(tools_test::run({"ca", "create", "-c", config, "--user", "root"}).exit_code == 0);
  CHECK_THAT(check_text(folder.load(), nullptr, false), !Contains("need a path") && Contains("ok"));
}

TEST_CASE("load report: texts of lists cannot move the cursor", "[tools][check]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("lists/bets.txt", "bet.test\nlucky.test\nx\x1b[2J.test two\n");
  const std::string text = check_text(folder.load(), nullptr, false);
  CHECK_THAT(text, Contains("1 invalid") && !Contains("\x1b"));
}

TEST_CASE("load report: what is out of the ordinary in the running proxy stands in the JSON, if anything is",
          "[tools][check]") {
  const LoadResult loaded = with(nullptr, false);
  CHECK_THAT(check_json(loaded), !Contains("standing"));
  CHECK_THAT(check_json(loaded, "runs on its last good set"),
             EndsWith(",\"standing\":\"runs on its last good set\"}\n"));
}
