// What is opened or closed for a lesson: what it lifts, and what stays.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>

#include "rules/policy/overrides.h"
#include "tests/support/policy_text.h"

using namespace schoolgate;
using namespace schoolgate::testing;
using namespace std::chrono_literals;

namespace {

constexpr const char* school = R"(
category games
category social
category edu protecting
category wiki protecting
category harm
category drugs
list games : play.vn both.vn shared.vn path.vn/bad net:198.18.0.0/24
list social : chat.vn both.vn
list edu : learn.vn shared.vn
list wiki : tra.vn
list harm : harm.vn
list drugs : drugs.vn
list games does warn : mild.vn www.tra.vn
engine tim.vn : q
engine www.tra.vn : q
term games : cheat
term games does block path : xyzzy
help : help.vn
locked block : locked.vn
sealed : sealed.vn
tier lop
  games = block
  social = block
  edu = block
  wiki = allow
  harm = help
  drugs = block+locked
  block : line.vn play.vn/worst
  warn : warned.vn tim.vn/mild
  allow : play.vn/best
tier hep default block
  games = block
  social = allow
  edu = allow
  open : edu
tier khac
  games = block
)";

constexpr std::uint32_t source = 7;
constexpr std::int64_t until_ms = 3'600'000;

struct May {
  std::vector<std::string> lifts = {};
  bool lines = false, unknown = false, everything = false;
};

class OpenedLesson {
 public:
  Override& site(Action action, const std::string& tier, const std::string& text, const May& may = {}) {
    Override& one = next(action, tier);
    one.rule.text = text;
    if (text.find('/') != std::string::npos) one.rule.kind = RuleKind::url;
    for (const std::string& id : may.lifts) one.lifts.push_back(*world->policy->find_category(id));
    one.lifts_lines = may.lines || may.everything;
    one.lifts_unknown = may.unknown || may.everything;
    one.lifts_every_category = may.everything;
    return one;
  }
  Override& category(Action action, const std::string& tier, const std::string& id) {
    Override& one = next(action, tier);
    one.category = *world->policy->find_category(id);
    return one;
  }
  void begin() {
    auto made = Overrides::compile(world->policy, all, source);
    REQUIRE(made);
    overrides = *made;
    judge.use(overrides);
  }
  std::string ask(const std::string& tier, const std::string& url) {
    const bool by_name = url.find("://") == std::string::npos;
    Url parsed;
    REQUIRE((by_name ? parsed.parse_authority(url) : parsed.parse(url)).ok());
    const JudgeRequest request{
        parsed, by_name ? Stage::host : Stage::request, *world->policy->find_tier(tier), {}};
    const Verdict verdict = by_name ? judge.evaluate_connect(request) : judge.evaluate(request);
    const Explanation told = by_name ? judge.explain_connect(request) : judge.explain(request);
    CHECK(told.verdict == verdict);
    CHECK(std::count_if(told.steps.begin(), told.steps.end(), [](const Step& s) { return s.wins; }) == 1);
    return world->words(verdict);
  }
  std::string behind(const std::string& tier, const std::string& host,
                     const std::vector<std::string>& aliases, const std::vector<IpAddress>& addresses = {}) {
    Url url;
    REQUIRE(url.parse_authority(host + ":443").ok());
    const JudgeRequest request{url, Stage::host, *world->policy->find_tier(tier), {}};
    return world->words(
        judge.evaluate_resolved(request, judge.evaluate_connect(request), aliases, addresses).verdict);
  }

  std::unique_ptr<World> world = parse_world(school);
  Judge judge = world->judge();
  std::vector<Override> all;
  std::shared_ptr<const Overrides> overrides;

 private:
  Override& next(Action action, const std::string& tier) {
    Override& one = all.emplace_back();
    one.id = static_cast<std::uint32_t>(all.size());
    one.action = action;
    one.tier = *world->policy->find_tier(tier);
    one.end = {until_ms, std::chrono::steady_clock::time_point(1h)};
    one.about = Message("override " + std::to_string(one.id));
    return one;
  }
};

}  // namespace

TEST_CASE("a site that is opened: all that closes it must be its author's to lift",
          "[rules][judge][override]") {
  struct Row {
    const char *name, *tier, *opens;
    May may;
    const char *asked, *want;
  };
  const Row rows[] = {
      {"its category", "lop", "play.vn", {{"games"}}, "http://play.vn/", "allow override_line"},
      {"... by name alone", "lop", "play.vn", {{"games"}}, "play.vn:443", "allow override_line"},
      {"... and names below it", "lop", "play.vn", {{"games"}}, "http://www.play.vn/", "allow override_line"},
      {"... not another site", "lop", "play.vn", {{"games"}}, "http://xplay.vn/", "allow tier_default"},
      {"... not in another tier", "lop", "play.vn", {{"games"}}, "http://play.vn/", "allow override_line"},
      {"another's category", "lop", "play.vn", {{"social"}}, "http://play.vn/", "block category games"},
      {"one of two", "lop", "both.vn", {{"games"}}, "http://both.vn/", "block category games"},
      {"both", "lop", "both.vn", {{"games", "social"}}, "http://both.vn/", "allow override_line"},
      {"one that a protecting one pushes aside counts",
       "lop",
       "shared.vn",
       {{"edu"}},
       "http://shared.vn/",
       "block category edu"},
      {"a line", "lop", "line.vn", {{"games"}}, "http://line.vn/", "block host_line"},
      {"... with the right to it", "lop", "line.vn", {{}, true}, "http://line.vn/", "allow override_line"},
      {"... on a path", "lop", "play.vn", {{"games"}}, "http://play.vn/worst", "block url_line"},
      {"a warning of a line", "lop", "warned.vn", {{"games"}}, "http://warned.vn/", "warn host_line"},
      {"a line that opens speaks itself",
       "lop",
       "play.vn",
       {{"games"}},
       "http://play.vn/best",
       "allow url_line"},
      {"a category that helps",
       "lop",
       "harm.vn",
       {{"harm"}, true, true},
       "http://harm.vn/",
       "help category harm"},
      {"... is nobody's", "lop", "harm.vn", {.everything = true}, "http://harm.vn/", "help category harm"},
      {"a locked line",
       "lop",
       "locked.vn",
       {.everything = true},
       "http://locked.vn/",
       "block+locked locked_line"},
      {"a locked category",
       "lop",
       "drugs.vn",
       {.everything = true},
       "http://drugs.vn/",
       "block+locked locked_category drugs"},
      {"the floor", "lop", "sealed.vn", {.everything = true}, "http://sealed.vn/", "block+locked floor_hash"},
      {"a help line", "lop", "help.vn", {.everything = true}, "http://help.vn/", "allow help_line"},
      {"what is searched for",
       "lop",
       "tim.vn",
       {.everything = true},
       "http://tim.vn/?q=cheat",
       "block search_term games"},
      {"... where only the site was warned of: words that a protecting entry leaves aside stay aside",
       "lop",
       "www.tra.vn",
       {{"games"}},
       "http://www.tra.vn/?q=cheat",
       "warn category games"},
      {"... and the site is open",
       "lop",
       "www.tra.vn",
       {{"games"}},
       "http://www.tra.vn/",
       "allow override_line"},
      {"... and so do words that a line on the very page leaves aside",
       "lop",
       "tim.vn",
       {.everything = true},
       "http://tim.vn/mild?q=cheat",
       "warn url_line"},
      {"words of a path are of their category",
       "lop",
       "play.vn",
       {{"games"}},
       "http://play.vn/xyzzy",
       "allow override_line"},
      {"... which may be another's",
       "lop",
       "chat.vn",
       {{"social"}},
       "http://chat.vn/xyzzy",
       "block path_term games"},
      {"a page within a wrapper",
       "lop",
       "translate.google.com",
       {.everything = true},
       "http://translate.google.com/translate?u=http://play.vn/",
       "block category games"},
      {"... nor by its own name",
       "lop",
       "play.vn",
       {.everything = true},
       "http://translate.google.com/translate?u=http://play.vn/",
       "block category games"},
      {"a list's path", "lop", "path.vn", {{"social"}}, "http://path.vn/bad", "block category games"},
      {"a list's own warning", "lop", "mild.vn", {{"games"}}, "http://mild.vn/", "allow override_line"},
      {"what nobody knows",
       "hep",
       "new.vn",
       {{"games", "social", "edu"}, true},
       "http://new.vn/",
       "block tier_default"},
      {"... with the right to it",
       "hep",
       "new.vn",
       {{}, false, true},
       "http://new.vn/",
       "allow override_line"},
      {"known, and not open there",
       "hep",
       "chat.vn",
       {{}, false, true},
       "http://chat.vn/",
       "block tier_default"},
      {"... with its category", "hep", "chat.vn", {{"social"}}, "http://chat.vn/", "allow override_line"},
      {"open there anyhow", "hep", "learn.vn", {}, "http://learn.vn/", "allow category edu"},
      {"a URL", "lop", "play.vn/one", {{"games"}}, "http://play.vn/one/two", "allow override_line"},
      {"... not its site", "lop", "play.vn/one", {{"games"}}, "http://play.vn/two", "block category games"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      OpenedLesson lesson;
      lesson.site(Action::allow, row.tier, row.opens, row.may);
      lesson.begin();
      CHECK(lesson.ask(row.tier, row.asked) == row.want);
      CHECK(lesson.ask("khac", "http://play.vn/") == "block category games");
    }
}

TEST_CASE("a site that is closed, a category that is opened or closed", "[rules][judge][override]") {
  struct Row {
    const char *name, *what;
    Action action;
    const char *tier, *asked, *want;
  };
  const Row rows[] = {
      {"a site", "new.vn", Action::block, "lop", "http://new.vn/", "block override_line"},
      {"... inside a wrapper", "new.vn", Action::block, "lop",
       "http://translate.google.com/translate?u=http://new.vn/", "block override_line"},
      {"... before a line that opens", "play.vn", Action::block, "lop", "http://play.vn/best",
       "block override_line"},
      {"a help line stays", "help.vn", Action::block, "lop", "http://help.vn/", "allow help_line"},
      {"a lock keeps its name", "locked.vn", Action::block, "lop", "http://locked.vn/",
       "block+locked locked_line"},
      {"opened", "games", Action::allow, "lop", "http://play.vn/", "allow override_category games"},
      {"... no line", "games", Action::allow, "lop", "http://play.vn/worst", "block url_line"},
      {"... no other category", "games", Action::allow, "lop", "http://both.vn/", "block category social"},
      {"... no search words", "games", Action::allow, "lop", "http://tim.vn/?q=cheat",
       "block search_term games"},
      {"... no page within a wrapper", "games", Action::allow, "lop",
       "http://translate.google.com/translate?u=http://play.vn/", "block category games"},
      {"... no lock", "drugs", Action::allow, "lop", "http://drugs.vn/",
       "block+locked locked_category drugs"},
      {"... no help", "harm", Action::allow, "lop", "http://harm.vn/", "help category harm"},
      {"... and does not protect", "edu", Action::allow, "lop", "http://shared.vn/", "block category games"},
      {"... where the tier does not open it", "social", Action::allow, "hep", "http://chat.vn/",
       "allow override_category social"},
      {"closed", "edu", Action::block, "hep", "http://learn.vn/", "block override_category edu"},
      {"... inside a wrapper", "social", Action::block, "khac",
       "http://translate.google.com/translate?u=http://chat.vn/", "block override_category social"},
      {"... and not for others", "edu", Action::block, "hep", "http://play.vn/", "block category games"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      OpenedLesson lesson;
      if (lesson.world->policy->find_category(row.what)) {
        lesson.category(row.action, row.tier, row.what);
      } else {
        lesson.site(row.action, row.tier, row.what);
      }
      lesson.begin();
      CHECK(lesson.ask(row.tier, row.asked) == row.want);
    }
}

TEST_CASE("a site of however many labels is closed, with all below it and nothing beside it",
          "[rules][judge][override]") {
  for (const int labels : {1, 2, 3, 4, 63, 64, 65, 100}) {
    std::string name = "vn";
    for (int i = 1; i < labels; ++i) name = "a." + name;
    OpenedLesson lesson;
    lesson.site(Action::block, "lop", labels == 1 ? "mot-nhan" : name);
    lesson.begin();
    if (labels == 1) name = "mot-nhan";
    INFO(labels << " labels");
    CHECK(lesson.ask("lop", "http://" + name + "/").starts_with("block override_line"));
    CHECK(lesson.ask("lop", "http://x.y." + name + "/").starts_with("block override_line"));
    const std::string beside = labels == 1 ? "mot-nhan-khac" : "b" + name.substr(1);
    CHECK(lesson.ask("lop", "http://" + beside + "/").find("override") == std::string::npos);
  }
  OpenedLesson lesson;
  lesson.site(Action::block, "lop", "198.51.100.7");
  lesson.begin();
  CHECK(lesson.ask("lop", "http://198.51.100.7/").starts_with("block override_line"));
  CHECK(lesson.ask("lop", "http://198.51.100.8/").find("override") == std::string::npos);
}

TEST_CASE("overrides beside each other", "[rules][judge][override]") {
  OpenedLesson lesson;
  SECTION("the more specific wins, whichever it is") {
    lesson.site(Action::block, "lop", "new.vn");
    lesson.site(Action::allow, "lop", "a.new.vn", {.everything = true});
    lesson.site(Action::allow, "lop", "play.vn", {.everything = true});
    lesson.site(Action::block, "lop", "b.play.vn");
    lesson.begin();
    CHECK(lesson.ask("lop", "http://a.new.vn/") == "allow tier_default");
    CHECK(lesson.ask("lop", "http://new.vn/") == "block override_line");
    CHECK(lesson.ask("lop", "http://b.play.vn/") == "block override_line");
    CHECK(lesson.ask("lop", "http://play.vn/") == "allow override_line");
  }
  SECTION("on the same site the block") {
    lesson.site(Action::allow, "lop", "play.vn", {.everything = true});
    lesson.site(Action::block, "lop", "play.vn");
    lesson.category(Action::allow, "lop", "social");
    lesson.category(Action::block, "lop", "social");
    lesson.begin();
    CHECK(lesson.ask("lop", "http://play.vn/") == "block override_line");
    CHECK(lesson.ask("lop", "http://chat.vn/") == "block category social");
  }
  SECTION("two halves of a right open nothing") {
    lesson.site(Action::allow, "lop", "both.vn", {{"games"}});
    lesson.site(Action::allow, "lop", "both.vn", {{"social"}});
    lesson.begin();
    CHECK(lesson.ask("lop", "http://both.vn/") == "block category games");
  }
}

TEST_CASE("what is behind a name that is open for a lesson", "[rules][judge][override]") {
  OpenedLesson lesson;
  lesson.site(Action::allow, "lop", "play.vn", {{"games"}});
  lesson.category(Action::allow, "lop", "social");
  lesson.site(Action::block, "lop", "shut.vn");
  lesson.begin();
  const IpAddress of_games = *IpAddress::parse("198.18.0.7");
  CHECK(lesson.behind("lop", "play.vn", {"cdn.la"}) == "allow override_line");
  CHECK(lesson.behind("lop", "play.vn", {"www.learn.vn"}) == "block category edu");
  CHECK(lesson.behind("lop", "play.vn", {"mild.vn"}) == "allow override_line");
  CHECK(lesson.behind("lop", "play.vn", {"line.vn"}) == "block host_line");
  CHECK(lesson.behind("lop", "play.vn", {"locked.vn"}) == "block+locked locked_line");
  CHECK(lesson.behind("lop", "play.vn", {"drugs.vn"}) == "block+locked locked_category drugs");
  CHECK(lesson.behind("lop", "play.vn", {"harm.vn"}) == "help category harm");
  CHECK(lesson.behind("lop", "play.vn", {}, {of_games}) == "allow override_line");
  CHECK(lesson.behind("lop", "chat.vn", {"line.vn"}) == "block host_line");
  CHECK(lesson.behind("lop", "chat.vn", {"play.vn"}) == "allow override_category social");
  CHECK(lesson.behind("lop", "chat.vn", {"mild.vn"}) == "allow override_category social");
  CHECK(lesson.behind("lop", "chat.vn", {}, {of_games}) == "block category games");
  CHECK(lesson.behind("lop", "new.vn", {"shut.vn"}) == "block override_line");
}

// A connection that no rule spoke of may carry the requests of every tier.
TEST_CASE("a site that is closed in one tier is a rule that speaks of what is behind a name, in all",
          "[rules][judge][override]") {
  OpenedLesson lesson;
  lesson.site(Action::block, "lop", "shut.vn");
  lesson.begin();
  const auto spoke = [&](const std::string& tier, const std::string& alias) {
    Url url;
    REQUIRE(url.parse_authority("new.vn:443").ok());
    const JudgeRequest request{url, Stage::host, *lesson.world->policy->find_tier(tier), {}};
    const std::vector<std::string> aliases = {alias};
    return lesson.judge.evaluate_resolved(request, lesson.judge.evaluate_connect(request), aliases, {})
        .rules_spoke;
  };
  CHECK(spoke("lop", "a.shut.vn"));
  CHECK(spoke("khac", "a.shut.vn"));
  CHECK_FALSE(spoke("khac", "open.vn"));
  CHECK(lesson.judge.end_overrides({until_ms, std::chrono::steady_clock::time_point(1s)}));
  CHECK_FALSE(spoke("khac", "a.shut.vn"));
}

TEST_CASE("each ends by either clock, and then nothing is left of it", "[rules][judge][override]") {
  using Steady = std::chrono::steady_clock::time_point;
  OpenedLesson lesson;
  lesson.site(Action::allow, "lop", "play.vn", {{"games"}});
  lesson.category(Action::allow, "lop", "social").end.wall_ms = 2 * until_ms;
  lesson.category(Action::allow, "lop", "social").end.steady =
      Steady(2h);  // and by the wall clock as the first
  lesson.begin();
  const auto open = [&] {
    return lesson.ask("lop", "http://play.vn/") + ", " + lesson.ask("lop", "http://chat.vn/");
  };
  const std::string both = "allow override_line, allow override_category social";
  CHECK(open() == both);
  CHECK_FALSE(lesson.judge.end_overrides({until_ms - 1, Steady(1h - 1ns)}));
  CHECK(open() == both);
  SECTION("by the wall clock") {
    CHECK(lesson.judge.end_overrides({until_ms, Steady(1s)}));
    CHECK(open() == "block category games, allow override_category social");
    CHECK(lesson.judge.end_overrides({2 * until_ms, Steady(1s)}));
    CHECK_FALSE(lesson.judge.end_overrides({3 * until_ms, Steady(9h)}));
  }
  SECTION("by the one that only runs, though the other is set back") {
    CHECK(lesson.judge.end_overrides({-until_ms, Steady(1h)}));
    CHECK(open() == "block category games, allow override_category social");
    CHECK(lesson.judge.end_overrides({-until_ms, Steady(2h)}));
  }
  CHECK(open() == "block category games, block category social");
  lesson.judge.use(lesson.overrides);
  CHECK(open() == both);
  lesson.judge.use(nullptr);
  CHECK(open() == "block category games, block category social");
}

TEST_CASE("overrides that fit no policy", "[rules][judge][override]") {
  OpenedLesson lesson;
  const auto refused = [&](auto&& change) {
    std::vector<Override> one{lesson.site(Action::block, "lop", "a.vn")};
    change(one.front());
    return !Overrides::compile(lesson.world->policy, one, source);
  };
  CHECK_FALSE(refused([](Override&) {}));
  CHECK(refused([](Override& one) { one.action = Action::warn; }));
  CHECK(refused([](Override& one) { one.action = Action::help; }));
  CHECK(refused([](Override& one) { one.tier = 3; }));
  CHECK(refused([](Override& one) { one.category = 6; }));
  CHECK(refused([](Override& one) { one.rule.kind = RuleKind::network; }));
  CHECK(refused([](Override& one) { one.rule.kind = RuleKind::pattern; }));
  CHECK(refused([](Override& one) { one.rule.exception = true; }));
  CHECK(refused([](Override& one) { one.rule.text.clear(); }));
  lesson.begin();
  const auto other = parse_world(school);
  Judge judge = other->judge();
  CHECK_THROWS_AS(judge.use(lesson.overrides), std::invalid_argument);
}
