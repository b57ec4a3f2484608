#include "tools/console/load.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <sstream>

#include "config/text/diag_codes.h"
#include "tests/config/support.h"

using namespace schoolgate;
using namespace schoolgate::tools;

namespace {

// What a command writes: nothing of a load stands in the output.
struct Written {
  std::ostringstream out, err;
  Console console{out, err};
};

Diagnostics diagnostics_of(int errors, int warnings, int notes) {
  Diagnostics all;
  const auto add = [&all](int count, Severity severity) {
    for (int i = 0; i < count; ++i) all.emplace_back().severity = severity;
  };
  add(notes, Severity::note);
  add(errors, Severity::error);
  add(warnings, Severity::warning);
  return all;
}

// Every file below the folder with its bytes.
std::map<std::string, std::string> files_of(const test::Folder& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path("")))
    if (entry.is_regular_file())
      files[entry.path()] = folder.read(std::filesystem::relative(entry.path(), folder.path("")));
  return files;
}

LoadResult loaded_with(Config config) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->config = std::move(config);
  LoadResult loaded;
  loaded.snapshot = std::move(snapshot);
  return loaded;
}

}  // namespace

TEST_CASE("load: what is wrong, counted and said", "[tools][load]") {
  struct Row {
    int errors, warnings, notes;
    const char* want;
  };
  const Row rows[] = {
      {0, 0, 0, ""},
      {0, 0, 3, ""},  // a note is nothing wrong
      {1, 0, 0, "1 error"},
      {2, 0, 1, "2 errors"},
      {0, 1, 0, "1 warning"},
      {2, 1, 1, "2 errors, 1 warning"},
      {1'000, 2, 0, "1,000 errors, 2 warnings"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION('"' << row.want << '"') {
      CHECK(to_message(count(diagnostics_of(row.errors, row.warnings, row.notes))) == row.want);
    }
}

TEST_CASE("load: a diagnostic as JSON", "[tools][load]") {
  Diagnostic one;
  one.severity = Severity::warning;
  one.code = 42;
  one.file = "tiers.d/\"a\".yaml";
  one.pos = {3, 7};
  one.length = 5;
  one.message = Message("no\x1b[2J");
  CHECK(to_json(one).text() ==
        R"({"severity":"warning","code":"SG0042","file":"tiers.d/\"a\".yaml","line":3,"column":7,)"
        R"("length":5,"message":"no\u001b[2J","message_vi":"no\u001b[2J","hint":null,"hint_vi":null})");
  one.severity = Severity::error;
  one.code = 1204;
  one.hint = Message("why");
  CHECK_THAT(to_json(one).text(), Catch::StartsWith(R"({"severity":"error","code":"SG1204")") &&
                                      Catch::EndsWith(R"("hint":"why","hint_vi":"why"})"));
  one.severity = Severity::note;
  CHECK_THAT(to_json(one).text(), Catch::StartsWith(R"({"severity":"note")"));
}

TEST_CASE("load: what is refused afterwards is no snapshot any more, and says why", "[tools][load]") {
  LoadResult loaded = loaded_with({});
  refuse(loaded, diag::ca_unusable, "schoolgate.yaml", Message("no key"), Message("make one"));
  CHECK(loaded.snapshot == nullptr);
  REQUIRE(loaded.diagnostics.size() == 1);
  CHECK(has_errors(loaded.diagnostics));
  CHECK(loaded.diagnostics[0].code == diag::ca_unusable);
  CHECK(loaded.diagnostics[0].file == "schoolgate.yaml");
  CHECK(loaded.diagnostics[0].message == "no key");
  CHECK(loaded.diagnostics[0].hint == "make one");
}

TEST_CASE("load: whom origins are trusted by must be readable, where a tier inspects", "[tools][load]") {
  Config config;
  config.file = "schoolgate.yaml";
  config.upstream.extra_ca = {"/nonexistent/school.pem"};
  SECTION("nobody inspects: nobody reads it") {
    LoadResult loaded = loaded_with(config);
    check_trust(loaded);
    CHECK(loaded.snapshot != nullptr);
    CHECK(loaded.diagnostics.empty());
  }
  SECTION("a tier inspects") {
    config.https.inspects = true;
    LoadResult loaded = loaded_with(config);
    check_trust(loaded);
    CHECK(loaded.snapshot == nullptr);
    REQUIRE(loaded.diagnostics.size() == 1);
    CHECK_THAT(loaded.diagnostics[0].message.english(), Catch::Contains("/nonexistent/school.pem"));
  }
  SECTION("what is refused already stays as it is") {
    LoadResult refused;
    refused.diagnostics = diagnostics_of(1, 0, 0);
    check_trust(refused);
    CHECK(refused.diagnostics.size() == 1);
  }
}

TEST_CASE("load: the main file alone, though the policy is broken", "[tools][load]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("tiers.d/pupil.yaml", "tier: [");
  Written written;
  const auto config = load_main_file(folder.path("schoolgate.yaml"), written.console);
  REQUIRE(config);
  CHECK(config->log.directory == folder.path("log"));
  CHECK(config->control_socket == folder.path("control.sock"));
  CHECK(written.err.str().empty());
}

TEST_CASE("load: a main file with errors is none, and each is told in the order of the file",
          "[tools][load]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("schoolgate.yaml", folder.read("schoolgate.yaml") + "workers: many\nunheard_of: 1\n");
  Written written;
  CHECK_FALSE(load_main_file(folder.path("schoolgate.yaml"), written.console));
  const std::string err = written.err.str();
  const std::size_t first = err.find("many"), second = err.find("unheard_of");
  CHECK(first != std::string::npos);
  CHECK(second != std::string::npos);
  CHECK(first < second);
  CHECK(written.out.str().empty());
  CHECK_FALSE(load_main_file(folder.path("nothing.yaml"), written.console));
}

TEST_CASE("load: who only looks writes nothing, with and without the proxy's compiled lists",
          "[tools][load]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const bool compiled = GENERATE(false, true);
  if (compiled) REQUIRE(folder.load().snapshot != nullptr);  // as the proxy: it keeps what it compiled
  folder.write("lists/bets.txt", "bet.test\nnew.test\n");    // which does not fit any more
  const auto before = files_of(folder);
  CHECK(before.contains(folder.path("state/lists.sgdb")) == compiled);
  Written written;
  const LoadResult loaded = load_for_reading(folder.path("schoolgate.yaml"), written.console);
  REQUIRE(loaded.snapshot != nullptr);
  CHECK(test::verdict(loaded, "http://new.test/") == Action::block);
  CHECK(files_of(folder) == before);
  CHECK(written.err.str().empty());  // no terminal, no progress
}

TEST_CASE("load: on a terminal the progress is shown, and gone when the load is over", "[tools][load]") {
  const test::Folder folder;
  test::write_small_school(folder);
  Written written;
  written.console.err_terminal = true;
  REQUIRE(load_for_reading(folder.path("schoolgate.yaml"), written.console).snapshot != nullptr);
  CHECK_THAT(written.err.str(), Catch::Contains("] ") && Catch::EndsWith("\r\x1b[K"));
}
