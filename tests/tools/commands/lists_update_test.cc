// `lists catalogue`, `enable`, `disable` and `update --from`. What servers do stands in
// ../../integration/test_lists_update.py.
#include <catch2/catch.hpp>

#include "tests/config/support.h"
#include "tests/tools/program_runner.h"
#include "tests/tools/valid_json.h"

using namespace schoolgate;
using namespace schoolgate::tools_test;
using Catch::Contains;

namespace {

constexpr char catalogue[] = R"(version: 1
lists:
  web-bets: {purpose: {vi: Cờ bạc, en: Bets}, category: gambling, format: domains, from: "https://a.example/l", entries: 3700, licence: MIT, school: ask, note: {vi: Hỏi trước, en: Ask first}, maintainer: A, checked: no}
)";

struct Classroom {
  Classroom() {
    test::write_small_school(folder);
    folder.write("list-catalogue.yaml", catalogue);
    std::filesystem::create_directory(folder.path("state"));
    std::filesystem::create_directory(folder.path("stick"));
  }
  Ran lists(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "lists");
    arguments.insert(arguments.end(), {"-c", folder.path("schoolgate.yaml")});
    return run(arguments);
  }
  test::Folder folder;
};

std::string hosts(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "h" + std::to_string(i) + ".test\n";
  return text;
}

}  // namespace

TEST_CASE("lists catalogue: what there is, in the school's language, and for programs", "[tools][lists]") {
  const Classroom classroom;
  const Ran shown = classroom.lists({"catalogue"});
  INFO(shown.err);
  CHECK(shown.exit_code == tools::exit_ok);
  CHECK(shown.out ==
        "web-bets  gambling      3,700  MIT             not checked, ask first\n"
        "    Bets; https://a.example/l\n    Ask first\n");
  std::string main = classroom.folder.read("schoolgate.yaml");
  classroom.folder.write("schoolgate.yaml", main.replace(main.find("language: en"), 12, "language: vi"));
  CHECK(classroom.lists({"catalogue"}).out ==
        "web-bets  gambling      3.700  MIT             chưa kiểm tra, hãy hỏi trước\n"
        "    Cờ bạc; https://a.example/l\n    Hỏi trước\n");
  const Ran json = classroom.lists({"catalogue", "--json"});
  CHECK(is_json(json.out));
  CHECK_THAT(json.out,
             Contains("\"purpose_en\":\"Bets\"") && Contains("\"checked\":false,\"enabled\":false"));
  classroom.folder.write("list-catalogue.yaml", "version: 1\nlists: {a: {}}\n");
  CHECK(classroom.lists({"catalogue"}).exit_code == tools::exit_config_errors);
  std::filesystem::remove(classroom.folder.path("list-catalogue.yaml"));
  CHECK(classroom.lists({"catalogue"}).exit_code == tools::exit_failed);
}

TEST_CASE("lists enable, update from a folder, disable: the way of a list", "[tools][lists]") {
  const Classroom classroom;
  CHECK_THAT(classroom.lists({"enable", "web-bets"}).err, Contains("--unchecked"));
  const Ran enabled = classroom.lists({"enable", "web-bets", "--unchecked"});
  CHECK(enabled.exit_code == tools::exit_ok);
  CHECK_THAT(enabled.out, Contains("Ask first\n") && Contains("to use it: schoolgate lists update web-bets"));
  CHECK_THAT(classroom.lists({"catalogue"}).out, Contains("enabled"));
  const std::string stick = classroom.folder.path("stick");

  CHECK_THAT(classroom.lists({"update", "--from", stick}).out, Contains("not in " + stick));
  classroom.folder.write("stick/web-bets.txt", hosts(100));
  const Ran dry = classroom.lists({"update", "--from", stick, "--dry-run"});
  INFO(dry.err);
  CHECK(dry.exit_code == tools::exit_ok);
  CHECK_THAT(dry.out, Contains("100 entries, all of them new"));
  CHECK_FALSE(std::filesystem::exists(classroom.folder.path("state/lists/web-bets.list")));
  const Ran fetched = classroom.lists({"update", "--from", stick});
  CHECK(fetched.exit_code == tools::exit_ok);
  CHECK_THAT(fetched.out, Contains("no proxy runs here"));
  CHECK(classroom.folder.read("state/lists/web-bets.list") == hosts(100));
  CHECK(test::verdict(classroom.folder.load(), "http://h7.test/") == Action::block);
  CHECK_THAT(classroom.lists({"update", "--from", stick}).out, Contains("nothing new"));
  CHECK_THAT(classroom.lists({"show"}).out, Contains("web-bets.list  fetched today\n"));

  classroom.folder.write("stick/web-bets.txt", hosts(10));
  const Ran waits = classroom.lists({"update", "--from", stick});
  CHECK(waits.exit_code == tools::exit_failed);
  CHECK_THAT(waits.out, Contains("waits: it has shrunk from 100 entries to 10"));
  CHECK(classroom.folder.read("state/lists/web-bets.list") == hosts(100));
  CHECK(classroom.folder.read("state/lists/web-bets.list.waiting") == hosts(10));
  CHECK(classroom.lists({"update", "--accept", "web-bets"}).exit_code == tools::exit_ok);
  CHECK(classroom.folder.read("state/lists/web-bets.list") == hosts(10));
  CHECK(classroom.folder.read("state/lists/web-bets.list.before") == hosts(100));

  CHECK_THAT(classroom.lists({"disable", "web-bets"}).out, Contains("reload --accept-shrunk"));
  CHECK_FALSE(std::filesystem::exists(classroom.folder.path("lists.d/web-bets.yaml")));
}

TEST_CASE("lists update: nothing to do, a name that is none, a configuration with errors", "[tools][lists]") {
  const Classroom classroom;
  const Ran nothing = classroom.lists({"update"});
  CHECK(nothing.exit_code == tools::exit_ok);
  CHECK_THAT(nothing.out, Contains("no list says update:"));
  const Ran unknown = classroom.lists({"update", "bets"});
  CHECK(unknown.exit_code == tools::exit_failed);
  CHECK_THAT(unknown.err, Contains("\"bets\""));
  CHECK(classroom.lists({"update", "--from", classroom.folder.path("none")}).exit_code == tools::exit_usage);
  CHECK(classroom.lists({"update", "--cacert", classroom.folder.path("none")}).exit_code ==
        tools::exit_failed);
  classroom.folder.write("tiers.d/pupil.yaml", "tier: [");
  CHECK(classroom.lists({"update"}).exit_code == tools::exit_config_errors);
}
