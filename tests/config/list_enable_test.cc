// A published list is taken into lists.d and out again; what a person wrote stays.
#include "config/list_enable.h"

#include <catch2/catch.hpp>

#include "config/main/lists_reader.h"

#include "tests/config/support.h"

namespace schoolgate {
namespace {

using Catch::Contains;

constexpr char catalogue[] = R"(version: 1
lists:
  web-bets: {purpose: "Bets\n  - x", category: gambling, format: domains, from: "https://a.example/l", licence: MIT, school: yes, maintainer: A, checked: yes}
  unread: {purpose: U, category: games, format: hosts, from: "https://b.example/l", licence: MIT, school: yes, maintainer: B, checked: no}
  closed: {purpose: C, category: games, format: hosts, from: "https://c.example/l", licence: own, school: no, maintainer: C, checked: yes}
  fun: {purpose: F, category: games, format: hosts, from: "https://d.example/l", licence: MIT, school: yes, maintainer: D, checked: yes}
sets:
  first: {purpose: P, lists: [web-bets, fun]}
)";

struct School {
  School() {
    test::write_small_school(folder);
    folder.write("list-catalogue.yaml", catalogue);
  }
  Result<std::string> enable(const std::string& name, bool unchecked = false) const {
    const auto offers = read_list_offers(folder.path("schoolgate.yaml"));
    REQUIRE(offers);
    REQUIRE(offers->diagnostics.empty());
    return enable_list(*offers, name, unchecked);
  }
  Result<Message> disable(const std::string& name) const {
    return disable_list(folder.path("schoolgate.yaml"), name);
  }
  template <class Done>
  std::string why(const Done& done) const {
    REQUIRE_FALSE(done);
    return done.error().message.english();
  }
  test::Folder folder;
};

TEST_CASE("enable writes an entry once, and never over what is there", "[config][list_enable]") {
  const School school;
  const auto written = school.enable("web-bets");
  REQUIRE(written);
  CHECK(*written == school.folder.path("lists.d/web-bets.yaml"));
  const std::string text = school.folder.read("lists.d/web-bets.yaml");
  CHECK_THAT(text, Contains("# Made by: schoolgate lists enable web-bets. Bets   - x\n"));
  CHECK_THAT(text, Contains("update: {from: \"https://a.example/l\", every_days: 1}\n"));
  CHECK_THAT(school.why(school.enable("web-bets")), Contains("is there already"));
  school.folder.write("lists.d/unread.yaml", "mine\n");
  CHECK_THAT(school.why(school.enable("unread", true)), Contains("is there already"));
  CHECK(school.folder.read("lists.d/unread.yaml") == "mine\n");
}

TEST_CASE("the name of a set stands for its lists, and a mistyped one is known", "[config][list_enable]") {
  const School school;
  const auto offers = read_list_offers(school.folder.path("schoolgate.yaml"));
  REQUIRE(offers);
  CHECK(lists_named(*offers, "first") == std::vector<std::string>{"web-bets", "fun"});
  CHECK(lists_named(*offers, "fun") == std::vector<std::string>{"fun"});
  CHECK_THAT(school.why(school.enable("frist")), Contains("did you mean \"first\"?"));
}

TEST_CASE("enable keeps which file of an archive it is", "[config][list_enable]") {
  PublishedList list;
  list.update = {"https://a.example/l.tar.gz", 7, "gambling/domains"};
  CHECK_THAT(enable_text(list),
             Contains("{from: \"https://a.example/l.tar.gz\", file: \"gambling/domains\", every_days: 7}"));
}

TEST_CASE("enable refuses with a reason and writes nothing", "[config][list_enable]") {
  const School school;
  CHECK_THAT(school.why(school.enable("webbets")), Contains("did you mean \"web-bets\"?"));
  CHECK_THAT(school.why(school.enable("../web-bets")), Contains("has no list"));
  CHECK_THAT(school.why(school.enable("unread")), Contains("--unchecked") && Contains("https://b.example/l"));
  CHECK_THAT(school.why(school.enable("closed", true)), Contains("does not let a school"));
  CHECK_THAT(school.why(school.enable("fun")), Contains("has a list \"fun\" already"));
  CHECK_FALSE(std::filesystem::exists(school.folder.path("lists.d")));
  CHECK(school.enable("unread", true));
}

TEST_CASE("disable takes the entry out, and keeps what a person changed", "[config][list_enable]") {
  const School school;
  CHECK_THAT(school.why(school.disable("web-bets")), Contains("there is no "));
  CHECK_THAT(school.why(school.disable("bets")), Contains("stands in no file of its own"));
  CHECK_THAT(school.why(school.disable("../x")), Contains("is not the name of a list"));
  REQUIRE(school.enable("web-bets"));
  REQUIRE(school.disable("web-bets"));
  CHECK_FALSE(std::filesystem::exists(school.folder.path("lists.d/web-bets.yaml")));
  CHECK_FALSE(std::filesystem::exists(school.folder.path("lists.d/web-bets.yaml.off")));

  REQUIRE(school.enable("web-bets"));
  const std::string mine = school.folder.read("lists.d/web-bets.yaml") + "    suffixes: true\n";
  school.folder.write("lists.d/web-bets.yaml", mine);
  const auto kept = school.disable("web-bets");
  REQUIRE(kept);
  CHECK_THAT(kept->english(), Contains("is kept as"));
  CHECK_FALSE(std::filesystem::exists(school.folder.path("lists.d/web-bets.yaml")));
  CHECK(school.folder.read("lists.d/web-bets.yaml.off") == mine);

  const std::string two = mine + "  - {name: more, category: games, format: domains, path: lists/fun.txt}\n";
  school.folder.write("lists.d/web-bets.yaml", two);
  CHECK_THAT(school.why(school.disable("web-bets")), Contains("holds more than"));
  CHECK(school.folder.read("lists.d/web-bets.yaml") == two);
}

TEST_CASE(
    "a list that was never fetched: no error where nothing is lost, an error where it may have been there",
    "[config][list_enable][lists]") {
  const School school;
  LoadOptions options;
  REQUIRE(school.enable("web-bets"));
  // Nothing is known of a last good load: on a machine whose state was lost the list may have ruled.
  LoadResult loaded = school.folder.load(options);
  CHECK(test::has(loaded, diag::list_not_fetched));
  CHECK(loaded.snapshot == nullptr);
  options.unfetched_may_lack = true;
  CHECK(school.folder.load(options).snapshot != nullptr);  // which keeps what it compiled
  options.unfetched_may_lack = false;
  loaded = school.folder.load(options);
  CHECK(loaded.snapshot != nullptr);
  CHECK(test::has(loaded, diag::list_not_fetched, Severity::warning));
  const std::string file = fetched_list_path(school.folder.path("state"), "web-bets");
  school.folder.write("state/lists/web-bets.list", "win.test\n");
  loaded = school.folder.load(options);
  CHECK(school.folder.text_of(loaded) == "");
  CHECK(test::verdict(loaded, "http://win.test/") == Action::block);
  REQUIRE(loaded.snapshot->list_status.size() == 3);
  CHECK(loaded.snapshot->list_status[2].source.update == ListUpdate{"https://a.example/l", 1});
  std::filesystem::remove(file);  // from here on it had entries once
  loaded = school.folder.load(options);
  CHECK(loaded.snapshot == nullptr);
  CHECK(test::has(loaded, diag::list_unreadable));
}

TEST_CASE("a staged file is read in place of a list's own, and nothing else changes",
          "[config][list_enable][lists]") {
  const School school;
  REQUIRE(school.folder.load().snapshot != nullptr);
  school.folder.write("beside", "bet.test\nlucky.test\nstaged.test\n");
  const std::map<std::string, std::string> staged{
      {school.folder.path("lists/bets.txt"), school.folder.path("beside")}};
  LoadOptions options;
  options.write_cache = false;
  options.staged = &staged;
  const LoadResult tried = school.folder.load(options);
  CHECK(test::verdict(tried, "http://staged.test/") == Action::block);
  CHECK(tried.snapshot->list_status[0].source.path == school.folder.path("lists/bets.txt"));
  CHECK(test::verdict(school.folder.load(), "http://staged.test/") == Action::allow);
}

}  // namespace
}  // namespace schoolgate
