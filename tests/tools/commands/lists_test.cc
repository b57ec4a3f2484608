// What show and search print stands in ../fixture/expected/lists.txt; here is what changes something.
#include <catch2/catch.hpp>

#include "tests/config/support.h"
#include "tests/tools/program_runner.h"

using namespace schoolgate;
using namespace schoolgate::tools_test;
using Catch::Contains;

namespace {

// A collection as UT1 publishes it: one folder with a category, one not wanted, one that nobody knows.
void write_ut1_folder(const test::Folder& folder) {
  folder.write("ut1/gambling/domains", "bet.test\nwin.test\n");
  folder.write("ut1/mixed/domains", "mixed.test\n");
  folder.write("ut1/novelty/domains", "new.test\n");
}

Ran lists(const test::Folder& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "lists");
  arguments.insert(arguments.end(), {"-c", folder.path("schoolgate.yaml")});
  return run(arguments);
}

}  // namespace

TEST_CASE("lists import: says what comes in and what does not, writes one file, and changes no policy yet",
          "[tools][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  write_ut1_folder(folder);
  const Ran ran = lists(folder, {"import", folder.path("ut1")});
  INFO(ran.err);
  CHECK(ran.exit_code == tools::exit_ok);
  CHECK_THAT(ran.out, Contains("  gambling                          2  gambling\n"));
  CHECK_THAT(ran.out, Contains("  mixed                             1  skipped\n"));
  CHECK_THAT(ran.out,
             Contains("  novelty                           1  skipped: no category is known for it\n"));
  CHECK_THAT(ran.out, Contains("\n2 entries in categories\n"));  // what is skipped is not counted
  CHECK_THAT(ran.out, Contains("written: " + folder.path("lists.d/ut1.yaml")) &&
                          Contains("schoolgate check, then schoolgate reload"));
  CHECK(test::verdict(folder.load(), "http://win.test/") == Action::block);
}

TEST_CASE("lists import: the name is the folder's, or the one that is given", "[tools][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  write_ut1_folder(folder);
  CHECK(lists(folder, {"import", folder.path("ut1///")}).exit_code == tools::exit_ok);
  CHECK(std::filesystem::exists(folder.path("lists.d/ut1.yaml")));
  CHECK(lists(folder, {"import", folder.path("ut1"), "--name", "toulouse"}).exit_code == tools::exit_ok);
  CHECK(std::filesystem::exists(folder.path("lists.d/toulouse.yaml")));
  const Ran bad = lists(folder, {"import", folder.path("ut1"), "--name", "../out"});
  CHECK(bad.exit_code == tools::exit_failed);
  CHECK_THAT(bad.err, Contains("--name"));
  CHECK_FALSE(std::filesystem::exists(folder.path("out.yaml")));
}

TEST_CASE("lists import: a dry run and a wrong collection write nothing", "[tools][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  write_ut1_folder(folder);
  const Ran dry = lists(folder, {"import", folder.path("ut1"), "--dry-run"});
  CHECK(dry.exit_code == tools::exit_ok);
  CHECK_THAT(dry.out, Contains("2 entries in categories") && !Contains("written"));
  folder.write("ut1/games/domains", std::string("a.test\n\0\n", 9));  // no text
  const Ran wrong = lists(folder, {"import", folder.path("ut1")});
  CHECK(wrong.exit_code == tools::exit_config_errors);
  CHECK_THAT(wrong.err, Contains("ut1/games/domains"));
  CHECK_THAT(wrong.out, !Contains("written"));
  std::filesystem::create_directory(folder.path("empty"));
  CHECK(lists(folder, {"import", folder.path("empty")}).exit_code == tools::exit_failed);
  CHECK(lists(folder, {"import", folder.path("nothing")}).exit_code == tools::exit_usage);
  CHECK_FALSE(std::filesystem::exists(folder.path("lists.d")));
}

TEST_CASE("lists compile: the next start finds its lists ready", "[tools][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const Ran ran = lists(folder, {"compile"});
  INFO(ran.err);
  CHECK(ran.exit_code == tools::exit_ok);
  CHECK_THAT(ran.out,
             Catch::StartsWith("3 domains, 0 URL rules, 0 patterns in ") && Catch::EndsWith(" ms\n"));
  CHECK(std::filesystem::exists(folder.path("state/lists.sgdb")));
}

TEST_CASE("lists compile: a list that lost most of its entries is refused until that is meant",
          "[tools][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  std::string many;
  for (int i = 0; i < 200; ++i) many += "bet" + std::to_string(i) + ".test\n";
  folder.write("lists/bets.txt", many);
  REQUIRE(lists(folder, {"compile"}).exit_code == tools::exit_ok);
  const std::string compiled = folder.read("state/lists.sgdb");
  folder.write("lists/bets.txt", "bet0.test\n");
  const Ran refused = lists(folder, {"compile"});
  CHECK(refused.exit_code == tools::exit_config_errors);
  CHECK(refused.out.empty());
  CHECK_THAT(refused.err, Contains("bets"));
  CHECK(folder.read("state/lists.sgdb") == compiled);  // the measure stays
  CHECK(lists(folder, {"compile", "--accept-shrunk"}).exit_code == tools::exit_ok);
  CHECK(folder.read("state/lists.sgdb") != compiled);
}

TEST_CASE("lists search: a host as people write it, and what is none", "[tools][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  CHECK_THAT(lists(folder, {"search", "M.BET.test."}).out, Catch::StartsWith("gambling  bet.test  "));
  CHECK(lists(folder, {"search", "bet.test.example"}).out == "no list names bet.test.example\n");
  CHECK(lists(folder, {"search", "nothing.test", "--json"}).out == "[]\n");
  const Ran none = lists(folder, {"search", "a b\x1b[2J"});
  CHECK(none.exit_code == tools::exit_usage);
  CHECK(none.err.find('\x1b') == std::string::npos);
}

TEST_CASE("lists: a configuration with errors shows them and no lists", "[tools][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("tiers.d/pupil.yaml", "tier: [");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"show"}, {"search", "bet.test"}, {"compile"}}) {
    CAPTURE(arguments);
    const Ran ran = lists(folder, arguments);
    CHECK(ran.exit_code == tools::exit_config_errors);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, Contains("pupil.yaml:1"));
  }
}

TEST_CASE("lists lookalikes: an empty log, and a person's word on a site", "[tools][lists][lookalike]") {
  const test::Folder folder;
  test::write_small_school(folder);
  std::filesystem::create_directories(folder.path("log"));
  const Ran none = lists(folder, {"lookalikes"});
  INFO(none.err);
  CHECK(none.exit_code == tools::exit_ok);
  CHECK(none.out == "no site was called a look-alike\n");
  CHECK(lists(folder, {"lookalikes", "--since", "soon"}).exit_code == tools::exit_usage);

  const Ran wrong = lists(folder, {"lookalikes", "--wrong", "WWW.Angler77.vn."});
  CHECK(wrong.exit_code == tools::exit_ok);
  CHECK_THAT(wrong.out, Contains("www.angler77.vn is never called a look-alike again"));
  CHECK(lists(folder, {"lookalikes", "--wrong", "www.angler77.vn"}).exit_code == tools::exit_ok);
  CHECK(lists(folder, {"lookalikes", "--wrong", "other.vn"}).exit_code == tools::exit_ok);
  const std::string text = folder.read("lookalikes_wrong.txt");
  CHECK(text.substr(text.find("host a line.\n")) == "host a line.\nwww.angler77.vn\nother.vn\n");
  CHECK(lists(folder, {"lookalikes", "--wrong", "198.51.100.7"}).exit_code == tools::exit_usage);
  CHECK(lists(folder, {"lookalikes", "--wrong", "no host"}).exit_code == tools::exit_usage);
}
