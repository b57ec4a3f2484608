#include "rules/judge/judge.h"

#include <catch2/catch.hpp>

#include "tests/support/allocations.h"
#include "tests/support/policy_text.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

constexpr const char* school = R"(
category gambling
category games
category education protecting
category self_harm
list gambling : bad.vn @@tot.bad.vn
list games : game.vn tro-choi.vn co.vn/choi
list education : hoc.game.vn
list self_harm does help+alert : re-query:tu\Ctu
help : 111.vn
locked allow : re-host:^truong
sealed : kin.example
tier truong
  gambling = block+locked
  games = warn
  self_harm = help
  at T2-T6 07:00-11:30 : games = block
  block : video.vn
tier thcs extends truong
  allow : video.vn/hoc bad.vn game.vn
  warn : game.vn
tier giao_vien extends truong staff
)";

Url url_of(const std::string& text) {
  Url url;
  REQUIRE(url.parse(text).ok());
  return url;
}

std::string table(const std::vector<Step>& steps) {
  std::string text;
  for (const Step& step : steps) {
    text += step.wins ? "* " : "  ";
    text += to_string(step.layer);
    text += " | " + to_string(step.effect) + " | " + step.what.english();
    if (!step.note.empty()) text += " | " + step.note.english();
    text += '\n';
  }
  return text;
}

}  // namespace

TEST_CASE("a default-made verdict blocks", "[rules][judge]") {
  const Verdict verdict;
  CHECK(verdict.action == Action::block);
  CHECK(verdict.layer == Layer::fault);
}

TEST_CASE("a tier that does not exist is blocked in every question", "[rules][judge]") {
  const std::unique_ptr<World> world = parse_world(school);
  Judge judge = world->judge();
  Url url;
  REQUIRE(url.parse_authority("111.vn:443").ok());
  const JudgeRequest request{url, Stage::host, 99, LocalTime{}, {}};
  CHECK(judge.evaluate(request) == Verdict{});
  CHECK(judge.explain(request).verdict == Verdict{});
  CHECK(judge.evaluate_connect(request) == Verdict{});
  CHECK(judge.explain_connect(request).verdict == Verdict{});
  CHECK(judge.evaluate_hello(request, Verdict{}, TunnelFacts{}) == Verdict{});
}

TEST_CASE("a Judge is not made of parts that do not fit", "[rules][judge]") {
  const std::unique_ptr<World> world = parse_world(school);
  std::vector<ListMeaning> fewer = world->meanings;
  fewer.pop_back();
  std::vector<ListMeaning> unknown = world->meanings;
  unknown[0].category = no_category;
  CHECK_THROWS_AS(Judge(world->policy, world->lists, fewer), std::invalid_argument);
  CHECK_THROWS_AS(Judge(world->policy, world->lists, unknown), std::invalid_argument);
  CHECK_THROWS_AS(Judge(nullptr, world->lists, world->meanings), std::invalid_argument);
  CHECK_THROWS_AS(Judge(world->policy, nullptr, world->meanings), std::invalid_argument);
}

TEST_CASE("explain writes every step down, losers too", "[rules][judge][explain]") {
  const std::unique_ptr<World> world = parse_world(school);
  Judge judge = world->judge();
  struct Row {
    const char *name, *tier, *time, *url, *want;
  };
  const Row rows[] = {
      {"a lock defeats a line", "thcs", "T2 00:00", "http://bad.vn/",
       "* locked | block+locked | category gambling, list gambling-0: bad.vn\n"
       "  explicit_line | allow | line allow bad.vn | layer \"locked\" speaks first\n"
       "  tier_default | allow | default of tier thcs\n"},
      {"the nearer and the stricter line", "thcs", "T2 00:00", "http://game.vn/",
       "* explicit_line | warn | line warn game.vn\n"
       "  explicit_line | allow | line allow game.vn | of two equally specific lines the stricter wins\n"
       "  category | warn | category games, list games-1: game.vn | layer \"explicit_line\" speaks first\n"
       "  tier_default | allow | default of tier thcs\n"},
      {"a more specific line", "thcs", "T2 00:00", "http://video.vn/hoc/1",
       "* explicit_line | allow | line allow video.vn/hoc\n"
       "  explicit_line | block | line block video.vn | a more specific line wins\n"
       "  tier_default | allow | default of tier thcs\n"},
      {"a protecting category", "truong", "T2 08:00", "http://hoc.game.vn/",
       "* category | allow | category education, list education-2: hoc.game.vn\n"
       "  category | block | category games, list games-1: game.vn | category education protects this site\n"
       "  tier_default | allow | default of tier truong\n"},
      {"a stricter category", "truong", "T2 08:00", "http://tro-choi.vn/?q=tu-tu",
       "* category | help+alert | category self_harm, list self_harm-3: tu\\Ctu\n"
       "  category | block | category games, list games-1: tro-choi.vn | category self_harm is stricter\n"
       "  tier_default | allow | default of tier truong\n"},
      {"an exception", "truong", "T2 00:00", "http://tot.bad.vn/",
       "  locked | block+locked | category gambling, list gambling-0: bad.vn | lifted by an exception of its "
       "list\n"
       "  locked | allow | category gambling, list gambling-0: @@tot.bad.vn | an exception: lifts this "
       "list's "
       "other rules\n"
       "* tier_default | allow | default of tier truong | nothing else speaks\n"},
      {"the floor", "giao_vien", "T2 00:00", "http://kin.example/",
       "* sealed_floor | block+locked | sealed floor\n"
       "  tier_default | allow | default of tier giao_vien\n"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const Url url = url_of(row.url);
      const JudgeRequest request{
          url, Stage::request, *world->policy->find_tier(row.tier), *parse_local_time(row.time), {}};
      const Explanation explanation = judge.explain(request);
      CHECK(table(explanation.steps) == row.want);
      CHECK(explanation.verdict == judge.evaluate(request));
    }
  }
}

TEST_CASE("explain names the rules that could not be asked", "[rules][judge][explain]") {
  const std::unique_ptr<World> world = parse_world(school);
  Judge judge = world->judge();
  Url url;
  REQUIRE(url.parse_authority("video.vn:443").ok());
  const Explanation by_line = judge.explain({url, Stage::host, 1, LocalTime{}, {}});
  CHECK(by_line.verdict.path_may_change_it);
  CHECK_THAT(table(by_line.not_asked), Catch::Matchers::Contains("line allow video.vn/hoc | needs the path"));
  REQUIRE(url.parse_authority("co.vn:443").ok());
  const Explanation by_list = judge.explain({url, Stage::host, 1, LocalTime{}, {}});
  CHECK_THAT(table(by_list.not_asked),
             Catch::Matchers::Contains("list games-1: co.vn/choi | needs the path"));
}

TEST_CASE("explain of a CONNECT says what the rules of tunnels did", "[rules][judge][explain]") {
  const std::unique_ptr<World> world = parse_world(school);
  Judge judge = world->judge();
  Url url;
  REQUIRE(url.parse_authority("la.vn:25").ok());
  const Explanation explanation = judge.explain_connect({url, Stage::host, 0, LocalTime{}, {}});
  CHECK_THAT(table(explanation.steps),
             Catch::Matchers::Contains("* tunnel_rule | block+record | tunnel rule port_not_allowed"));
  CHECK_THAT(table(explanation.steps), Catch::Matchers::Contains("  tier_default"));
  CHECK(explanation.verdict == judge.evaluate_connect({url, Stage::host, 0, LocalTime{}, {}}));
}

TEST_CASE("what cannot be judged is blocked for pupils", "[rules][judge]") {
  const std::unique_ptr<World> world = parse_world(school);
  Judge judge = world->judge();
  const std::string long_query = "/?q=" + std::string(9000, 'x');
  struct Row {
    const char *name, *tier, *host, *want;
  };
  const Row rows[] = {
      {"a pupil", "truong", "la.vn", "block+record pattern_error"},
      {"a pupil, a warning", "truong", "game.vn", "block+record pattern_error"},
      {"a pupil, an allowed line", "thcs", "game.vn", "block+record pattern_error"},
      {"a pupil, a block", "truong", "video.vn", "block+record host_line"},
      {"a pupil, a lock", "truong", "bad.vn", "block+record+locked locked_category gambling"},
      {"a pupil, a hotline", "truong", "111.vn", "allow help_line"},
      {"a pupil, the floor", "truong", "kin.example", "block+locked floor_hash"},
      {"a pupil, a locked pattern could have met a stricter one", "truong", "truong.vn",
       "block+record pattern_error"},
      {"staff", "giao_vien", "la.vn", "allow+record tier_default"},
      {"staff, a warning", "giao_vien", "game.vn", "warn+record category games"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const Url url = url_of("http://" + std::string(row.host) + long_query);
      const JudgeRequest request{url, Stage::request, *world->policy->find_tier(row.tier), LocalTime{}, {}};
      CHECK(world->words(judge.evaluate(request)) == row.want);
      CHECK(judge.explain(request).verdict == judge.evaluate(request));
    }
  }
}

TEST_CASE("the page inside a wrapper blocks, and never allows", "[rules][judge]") {
  const std::unique_ptr<World> world = parse_world(R"(
category gambling
category education protecting
category self_harm
category translation
list gambling : bad.vn
list education : hoc.vn
list self_harm : buon.vn
list translation : translate.goog
sealed : kin.example dau.example/x
help : 111.vn
locked allow : khoa.vn
tier truong
  gambling = block
  self_harm = help
  translation = warn
  allow : mo.vn
tier chi_xem extends truong default block
  translation = allow
tier lop1 extends truong
  education = warn
  translation = block
)");
  Judge judge = world->judge();
  struct Row {
    const char *name, *tier, *url, *want;
  };
  const Row rows[] = {
      {"blocked inside", "truong", "https://www-bad-vn.translate.goog/", "block category gambling"},
      {"sealed inside", "truong", "https://kin-example.translate.goog/", "block+locked floor_hash"},
      {"a sealed path inside", "truong", "https://dau-example.translate.goog/x/1", "block+locked floor_hash"},
      {"allowed inside", "truong", "https://mo-vn.translate.goog/", "warn category translation"},
      {"a hotline inside", "truong", "https://111-vn.translate.goog/", "warn category translation"},
      {"a locked allow inside", "truong", "https://khoa-vn.translate.goog/", "warn category translation"},
      {"protected inside", "truong", "https://hoc-vn.translate.goog/", "warn category translation"},
      {"a protecting warning inside protects nothing", "lop1", "https://hoc-vn.translate.goog/",
       "block category translation"},
      {"a site of help inside is not opened", "truong", "https://buon-vn.translate.goog/",
       "help category self_harm"},
      {"help inside does not open a tier that blocks", "chi_xem", "https://buon-vn.translate.goog/",
       "block tier_default"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const Url url = url_of(row.url);
      const JudgeRequest request{url, Stage::request, *world->policy->find_tier(row.tier), LocalTime{}, {}};
      CHECK(world->words(judge.evaluate(request)) == row.want);
      CHECK(judge.explain(request).verdict == judge.evaluate(request));
    }
  }
}

TEST_CASE("a warm Judge allocates nothing", "[rules][judge]") {
  const std::unique_ptr<World> world = parse_world(school);
  Judge judge = world->judge();
  const char* urls[] = {"http://bad.vn/", "http://game.vn/x",    "http://video.vn/hoc/1", "http://la.vn/?q=1",
                        "http://111.vn/", "http://kin.example/", "http://hoc.game.vn/"};
  std::vector<Url> parsed;
  for (const char* text : urls) parsed.push_back(url_of(text));
  const CategoryId granted[] = {1};
  const auto ask_all = [&] {
    std::size_t blocked = 0;
    for (const Url& url : parsed) {
      for (TierId tier = 0; tier < 3; ++tier) {
        const JudgeRequest request{url, Stage::request, tier, LocalTime{}, granted};
        blocked += judge.evaluate(request).action == Action::block;
        blocked += judge.evaluate_connect(request).action == Action::block;
      }
    }
    return blocked;
  };
  const std::size_t first = ask_all();
  const std::size_t before = allocations();
  const std::size_t second = ask_all();
  const std::size_t made = allocations() - before;
  CHECK(first == second);
  CHECK(made == 0);
  // The counter counts.
  const auto memory = std::make_unique<int>(1);
  CHECK(allocations() > before);
  CHECK(*memory == 1);
}

TEST_CASE("contradictions in a policy are reported with both places", "[rules][judge][conflicts]") {
  const std::unique_ptr<World> world = parse_world(R"(
category gambling
category games
list gambling : bad.vn co-bac.vn/choi
help : 111.vn
locked block : khoa.vn
locked allow : tot.bad.vn
sealed : kin.example
tier truong
  gambling = block+locked
  games = warn
  at T2-T6 07:00-11:30 : gambling games = allow
tier thcs extends truong
  allow : bad.vn tot.bad.vn co-bac.vn/choi
  allow : www.khoa.vn
  block : 111.vn khoa.vn
  warn : kin.example
  allow : hai.vn
  block : hai.vn
)");
  Judge judge = world->judge();
  const std::string places[] = {"policy"};
  std::string text;
  for (const Diagnostic& d : policy_conflicts(judge, places)) {
    CHECK(d.file == "policy");
    CHECK(d.pos.line > 0);
    CHECK_FALSE(d.hint.empty());
    text += "SG" + std::to_string(d.code) + (d.severity == Severity::error ? " error " : " warning ");
    text += world->rule_texts.at(d.pos.line) + ": " + d.message.english() + "\n";
  }
  const auto place = [&](const std::string& rule, std::size_t nth = 0) {
    for (std::size_t i = 0; i < world->rule_texts.size(); ++i) {
      if (world->rule_texts[i] == rule && nth-- == 0) return "policy:" + std::to_string(i);
    }
    return std::string("nowhere");
  };
  const auto timetable = [&](const std::string& tier) {
    return "SG3003 error T2-T6 07:00-11:30 : gambling games = allow: the timetable cannot change category "
           "\"gambling\" in tier \"" +
           tier + "\": it is locked to block (" + place("gambling = block+locked") + ")\n";
  };
  const std::string locked = "is locked to block in this tier and holds it (";
  CHECK(
      text ==
      "SG3001 warning bad.vn: `allow: bad.vn` can never take effect: category \"gambling\" " + locked +
          place("bad.vn") + ")\n" +
          "SG3001 warning co-bac.vn/choi: `allow: co-bac.vn/choi` can never take effect: category "
          "\"gambling\" " +
          locked + place("co-bac.vn/choi") + ")\n" +
          "SG3001 error www.khoa.vn: `allow: www.khoa.vn` can never take effect: a locked line says block (" +
          place("khoa.vn") + ")\n" +
          "SG3001 error 111.vn: `block: 111.vn` can never take effect: it is a help line, always allowed (" +
          place("111.vn") + ")\n" +
          "SG3001 error kin.example: `warn: kin.example` can never take effect: the sealed floor blocks "
          "it\n" +
          "SG3002 warning hai.vn: `hai.vn` is said twice in this tier: block here, allow at " +
          place("hai.vn") + "; the stricter counts\n" + timetable("truong") + timetable("thcs"));
}

TEST_CASE("contradictions of networks", "[rules][judge][conflicts]") {
  const std::unique_ptr<World> world = parse_world(R"(
category bots
list bots : net:198.51.100.0/24
locked block : net:203.0.113.0/24
locked allow : net:203.0.113.64/26
tier truong
  bots = block+locked
  allow : net:203.0.113.128/25 net:203.0.113.64/27 net:203.0.112.0/23 203.0.113.1
  block : net:203.0.113.64/28
  allow : net:192.0.2.0/26 192.0.2.77 192.0.3.1
tier con extends truong
  block : net:192.0.2.0/24
)");
  Judge judge = world->judge();
  std::string text;
  for (const Diagnostic& d : policy_conflicts(judge, {}))
    text += "SG" + std::to_string(d.code) + " " + world->rule_texts.at(d.pos.line) + ": " +
            d.message.english() + "\n";
  const std::string never = "can never take effect: a locked line says ";
  CHECK(
      text ==
      "SG3001 net:203.0.113.128/25: `allow: 203.0.113.128/25` " + never + "block (the policy)\n" +
          "SG3001 203.0.113.1: `allow: 203.0.113.1` " + never + "block (the policy)\n" +
          "SG3001 net:203.0.113.64/28: `block: 203.0.113.64/28` " + never + "allow (the policy)\n" +
          "SG3005 net:192.0.2.0/24: `block: 192.0.2.0/24` does not reach 192.0.2.0/26: tier \"truong\", "
          "which "
          "this one extends, says allow there (the policy), and the more specific line wins\n" +
          "SG3005 net:192.0.2.0/24: `block: 192.0.2.0/24` does not reach 192.0.2.77: tier \"truong\", which "
          "this one extends, says allow there (the policy), and the more specific line wins\n");
}

TEST_CASE("explain says networks", "[rules][judge][explain]") {
  const std::unique_ptr<World> world = parse_world(R"(
category bots
list bots : net:198.51.100.0/24 198.51.100.7
tier truong
  bots = block
  tunnel address_target = allow
  allow : net:198.51.100.0/25
)");
  Judge judge = world->judge();
  const Url url = url_of("http://198.51.100.7/");
  CHECK(
      table(judge.explain({url, Stage::request, 0, LocalTime{}, {}}).steps) ==
      "* explicit_line | allow | line allow network 198.51.100.0/25\n"
      "  category | block | category bots, list bots-0: 198.51.100.7 | layer \"explicit_line\" speaks first\n"
      "  category | block | category bots, list bots-0: network 198.51.100.0/24 | layer \"explicit_line\" "
      "speaks first\n"
      "  tier_default | allow | default of tier truong\n");
}

TEST_CASE("an engine that is made safe by what is sent, where nothing is seen of that", "[rules][judge]") {
  auto world = parse_world("engine tim.vn otherwise block : q\ntier t\n");
  world->spec.engines[0].parameter = "safe";
  world->spec.engines[0].parameter_value = "1";
  world->spec.tiers[0].https = Https::inspect;
  world->spec.never_inspect_hosts = {"dong.tim.vn"};
  compile_world(*world);
  Judge judge = world->judge();
  const auto by_name = [&](const char* authority) {
    Url url;
    REQUIRE(url.parse_authority(authority).ok());
    return judge.evaluate_connect({.url = url, .stage = Stage::host, .tier = 0, .time = {}}).reason;
  };
  CHECK(by_name("mo.tim.vn:443") == Reason::tier_default);
  CHECK(by_name("dong.tim.vn:443") == Reason::unsafe_search);
  CHECK(judge.evaluate({.url = url_of("http://dong.tim.vn/"), .tier = 0, .time = {}}).reason ==
        Reason::tier_default);
}

TEST_CASE("more pages within a wrapper than can be judged are a fault, before the floor alone too",
          "[rules][judge]") {
  const auto world = parse_world("sealed : kin.example\ntier t\n");
  Judge judge = world->judge();
  std::string text = "http://translate.google.com/translate?";
  for (int i = 0; i < 100; ++i) text += "&u=http://a" + std::to_string(i) + ".vn/";
  const Verdict verdict = judge.evaluate({.url = url_of(text), .tier = 0, .time = {}});
  CHECK(verdict.action == Action::block);
  CHECK(verdict.reason == Reason::pattern_error);
}

TEST_CASE("an address is never opened", "[rules][judge]") {
  const auto world = parse_world("tier t\n");
  for (const char* text : {"203.0.113.0/24", "203.0.113.6/32", "198.51.100.0/24"})
    world->spec.never_inspect_networks.push_back(*Network::parse(text));
  compile_world(*world);
  Judge judge = world->judge();
  CHECK(judge.never_inspected_because(url_of("https://203.0.113.6/")) ==
        "never_inspect names 203.0.113.6/32");
  CHECK(judge.never_inspected_because(url_of("https://203.0.113.7/")) ==
        "never_inspect names 203.0.113.0/24");
  CHECK(judge.never_inspected_because(url_of("https://192.0.2.1/")) ==
        "no certificate is made for an address");
  CHECK(judge.never_inspected_because(url_of("https://a.vn/")).empty());
  CHECK(judge.never_inspected(url_of("https://203.0.113.6/")));
  CHECK(judge.never_inspected(url_of("https://[2001:db8::1]/")));
  CHECK_FALSE(judge.never_inspected(url_of("https://a.vn/")));
}
