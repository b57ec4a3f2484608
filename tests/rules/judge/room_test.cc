// Rooms that are off, or open for one thing alone: what stays, what a switch may lift, when it ends.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>

#include "rules/policy/overrides.h"
#include "tests/support/policy_text.h"

using namespace schoolgate;
using namespace schoolgate::testing;
using namespace std::chrono_literals;

namespace {

constexpr const char* school_with_rooms = R"(
category games
category drugs
category harm
list games : play.vn
list drugs : drugs.vn cured.vn
list harm : harm.vn
engine tim.vn : q
term games : cheat
help : help.vn
locked block : locked.vn
locked allow : cured.vn
sealed : sealed.vn
tier lop
  games = block
  drugs = block+locked
  harm = help
  block : line.vn
  warn : warned.vn
tier hep default block
  games = block
)";

constexpr std::uint32_t rooms_source = 8;
constexpr std::int64_t room_ends_ms = 3'600'000;
constexpr const char *in_room = "10.1.0.7", *teachers_desk = "10.1.0.200", *elsewhere = "10.2.0.7";

Closing a_room(bool off, const std::vector<std::string>& only, const MayLift& lifts = {}) {
  Closing one;
  one.id = 3;
  one.networks = {*Network::parse("10.1.0.0/24")};
  one.not_these = {*Network::parse("10.1.0.200/32")};
  one.off = off;
  for (const std::string& host : only) one.only.emplace_back().text = host;
  if (!off) one.lifts = {lifts, lifts};
  one.end = {room_ends_ms, std::chrono::steady_clock::time_point(2h)};
  one.lifts_end = {room_ends_ms / 2, std::chrono::steady_clock::time_point(1h)};
  one.about = Message("the room");
  return one;
}

class ClosedRoom {
 public:
  explicit ClosedRoom(std::vector<Closing> closings, std::vector<Override> sites = {}) {
    auto made = Overrides::compile(world->policy, std::move(sites), rooms_source, std::move(closings));
    REQUIRE(made);
    overrides = *made;
    judge.use(overrides);
  }
  std::string ask(const std::string& url, const char* client = in_room, const std::string& tier = "lop",
                  LocalTime time = {}) {
    const bool by_name = url.find("://") == std::string::npos;
    Url parsed;
    REQUIRE((by_name ? parsed.parse_authority(url) : parsed.parse(url)).ok());
    IpAddress address;
    if (client != nullptr) address = *IpAddress::parse(client);
    const JudgeRequest request{
        parsed, by_name ? Stage::host : Stage::request, *world->policy->find_tier(tier), time,
        {},     client == nullptr ? nullptr : &address};
    const Verdict verdict = by_name ? judge.evaluate_connect(request) : judge.evaluate(request);
    const Explanation told = by_name ? judge.explain_connect(request) : judge.explain(request);
    CHECK(told.verdict == verdict);
    CHECK(std::count_if(told.steps.begin(), told.steps.end(), [](const Step& s) { return s.wins; }) == 1);
    return world->words(verdict);
  }

  std::unique_ptr<World> world = parse_world(school_with_rooms);
  Judge judge = world->judge();
  std::shared_ptr<const Overrides> overrides;
};

}  // namespace

TEST_CASE("a room that is off: what stays", "[rules][judge][room]") {
  ClosedRoom room({a_room(true, {})});
  struct Row {
    const char *url, *want, *client;
  };
  const Row rows[] = {
      {"http://any.vn/", "block room_off", in_room},
      {"any.vn:443", "block room_off", in_room},
      {"http://any.vn/", "allow tier_default", teachers_desk},
      {"http://any.vn/", "allow tier_default", elsewhere},
      {"http://any.vn/", "allow tier_default", nullptr},
      {"http://warned.vn/", "block room_off", in_room},
      {"http://play.vn/", "block room_off", in_room},
      {"http://help.vn/", "allow help_line", in_room},
      {"http://sealed.vn/", "block+locked floor_hash", in_room},
      {"http://locked.vn/", "block+locked locked_line", in_room},
      {"http://drugs.vn/", "block+locked locked_category drugs", in_room},
      {"http://cured.vn/", "block room_off", in_room},  // the cure of a list's mistake opens no closed room
      {"http://cured.vn/", "allow+locked locked_line", elsewhere},
      {"http://translate.google.com/translate?u=http://any.vn/", "block room_off", in_room},
  };
  for (const Row& row : rows) {
    INFO(row.url << " from " << (row.client == nullptr ? "nobody" : row.client));
    CHECK(room.ask(row.url, row.client) == row.want);
  }
}

TEST_CASE("a room that is open for one thing alone", "[rules][judge][room]") {
  const std::vector<std::string> only{"olm.vn",   "play.vn",   "line.vn",
                                      "drugs.vn", "tim.vn",    "harm.vn",
                                      "cured.vn", "warned.vn", "translate.google.com"};
  ClosedRoom admins({a_room(false, only, MayLift::all())}), hers({a_room(false, only)});
  struct Row {
    const char *url, *admins, *hers;
  };
  const Row rows[] = {
      {"http://olm.vn/", "allow tier_default", "allow tier_default"},
      {"http://www.olm.vn/", "allow tier_default", "allow tier_default"},
      {"http://any.vn/", "block room_only", "block room_only"},
      {"any.vn:443", "block room_only", "block room_only"},
      {"http://play.vn/", "allow override_line", "block category games"},
      {"http://line.vn/", "allow override_line", "block host_line"},
      {"http://warned.vn/", "allow override_line", "warn host_line"},
      {"http://drugs.vn/", "block+locked locked_category drugs", "block+locked locked_category drugs"},
      {"http://harm.vn/", "help category harm", "help category harm"},
      {"http://cured.vn/", "allow+locked locked_line", "allow+locked locked_line"},
      {"http://help.vn/", "allow help_line", "allow help_line"},
      {"http://tim.vn/?q=cheat", "block search_term games", "block search_term games"},
      {"http://translate.google.com/translate?u=http://olm.vn/", "allow tier_default", "allow tier_default"},
      {"http://translate.google.com/translate?u=http://any.vn/", "block room_only", "block room_only"},
  };
  for (const Row& row : rows) {
    INFO(row.url);
    CHECK(admins.ask(row.url) == row.admins);
    CHECK(hers.ask(row.url) == row.hers);
  }
  CHECK(admins.ask("http://olm.vn/", in_room, "hep") == "allow override_line");
  CHECK(hers.ask("http://olm.vn/", in_room, "hep") == "block tier_default");
}

TEST_CASE("what stands behind the one thing that is open", "[rules][judge][room]") {
  ClosedRoom room({a_room(false, {"olm.vn"}, MayLift::all())});
  Url url;
  REQUIRE(url.parse_authority("olm.vn:443").ok());
  const IpAddress client = *IpAddress::parse(in_room);
  const JudgeRequest request{url, Stage::host, *room.world->policy->find_tier("lop"), {}, {}, &client};
  const Verdict name = room.judge.evaluate_connect(request);
  const auto behind = [&](const std::string& alias) {
    return room.world->words(room.judge.evaluate_resolved(request, name, std::vector{alias}, {}).verdict);
  };
  CHECK(behind("edge.cdn.la") == "allow tier_default");
  CHECK(behind("play.vn") == "block category games");
  CHECK(behind("locked.vn") == "block+locked locked_line");
}

TEST_CASE("a closed room beside overrides, and another closing", "[rules][judge][room]") {
  Override opens;
  opens.id = 1;
  opens.action = Action::allow;
  opens.rule.text = "zalo.vn";
  static_cast<MayLift&>(opens) = MayLift::all();
  opens.end = {room_ends_ms, std::chrono::steady_clock::time_point(1h)};
  opens.about = Message("opens");
  Override closes = opens;
  closes.id = 2;
  closes.action = Action::block;
  closes.rule.text = "olm.vn";
  Closing exam = a_room(false, {"olm.vn", "azota.vn"}, MayLift::all());
  exam.id = 0;
  exam.where = {1, 12};
  exam.networks.clear();
  exam.not_these.clear();
  exam.tiers = {0};
  exam.when.emplace();
  DayTimes span;
  span.add(0x7f, 9 * 60, 10 * 60);
  const LocalTime in_exam = *parse_local_time("2026-11-30 09:30"),
                  after = *parse_local_time("2026-11-30 10:00");
  exam.when->add(span, DaySet({{in_exam.day, in_exam.day}}));
  exam.end = exam.lifts_end = {INT64_MAX, std::chrono::steady_clock::time_point::max()};
  ClosedRoom room({a_room(false, {"olm.vn"}), exam}, {opens, closes});
  CHECK(room.ask("http://zalo.vn/", elsewhere, "lop", after) == "allow tier_default");
  CHECK(room.ask("http://zalo.vn/", in_room, "lop", after) == "block room_only");
  CHECK(room.ask("http://olm.vn/", in_room, "lop", after) == "block override_line");
  CHECK(room.ask("http://azota.vn/", in_room, "lop", in_exam) == "block room_only");
  CHECK(room.ask("http://azota.vn/", elsewhere, "lop", in_exam) == "allow tier_default");
  CHECK(room.ask("http://any.vn/", elsewhere, "lop", in_exam) == "block room_only");
  CHECK(room.ask("http://any.vn/", elsewhere, "hep", in_exam) == "block tier_default");
  LocalTime some_week = in_exam;
  some_week.day = LocalTime::no_day;
  CHECK(room.ask("http://any.vn/", elsewhere, "lop", some_week) == "allow tier_default");
  REQUIRE(room.judge.closing({1, 12}) != nullptr);
  CHECK(room.judge.closing({rooms_source, 3})->id == 3);
  CHECK(room.judge.closing({rooms_source, 4}) == nullptr);
}

TEST_CASE("a clock in doubt: an exam that may be one of the month to come is held", "[rules][judge][room]") {
  Closing exam = a_room(false, {"olm.vn"}, MayLift::all());
  exam.id = 0;
  exam.where = {1, 12};
  exam.when.emplace();
  DayTimes span;
  span.add(0x7f, 9 * 60, 10 * 60);
  const LocalTime in_exam = *parse_local_time("2026-11-30 09:30");
  exam.when->add(span, DaySet({{in_exam.day, in_exam.day + 1}}));
  exam.end = exam.lifts_end = {INT64_MAX, std::chrono::steady_clock::time_point::max()};
  ClosedRoom room({exam});
  const auto ask = [&](int days, bool in_doubt) {
    LocalTime time = in_exam;
    time.minute_of_week = 3 * 60;  // Monday night
    time.day += 7 * days;
    time.in_doubt = in_doubt;
    return room.ask("http://any.vn/", in_room, "lop", time);
  };
  CHECK(ask(0, false) == "allow tier_default");
  CHECK(ask(0, true) == "block room_only");
  CHECK(ask(-4, true) == "block room_only");
  CHECK(ask(-5, true) == "allow tier_default");  // 35 days before
  CHECK(ask(1, true) == "allow tier_default");   // it is over
  CHECK(ask(0, false) == "allow tier_default");
  LocalTime some_week{3 * 60};
  some_week.in_doubt = true;
  CHECK(room.ask("http://any.vn/", in_room, "lop", some_week) == "allow tier_default");
}

TEST_CASE("a switch ends by either clock, and what it lifts before it", "[rules][judge][room]") {
  using Steady = std::chrono::steady_clock::time_point;
  ClosedRoom room({a_room(false, {"play.vn"}, MayLift::all())});
  const auto all = [&] { return room.ask("http://play.vn/") + ", " + room.ask("http://any.vn/"); };
  CHECK(all() == "allow override_line, block room_only");
  CHECK_FALSE(room.judge.end_overrides({0, Steady(1h - 1ns)}));
  SECTION("by the wall clock") {
    CHECK(room.judge.end_overrides({room_ends_ms / 2, Steady(1s)}));
    CHECK(all() == "block category games, block room_only");
    CHECK(room.judge.end_overrides({room_ends_ms, Steady(1s)}));
  }
  SECTION("by the one that only runs") {
    CHECK(room.judge.end_overrides({-1, Steady(1h)}));
    CHECK(all() == "block category games, block room_only");
    CHECK(room.judge.end_overrides({-1, Steady(2h)}));
  }
  CHECK(all() == "block category games, allow tier_default");
  CHECK_FALSE(room.judge.end_overrides({room_ends_ms * 2, Steady(9h)}));
}

TEST_CASE("closings that fit no policy", "[rules][judge][room]") {
  const auto world = parse_world(school_with_rooms);
  const auto refused = [&](auto&& change) {
    Closing one = a_room(false, {"olm.vn"}, MayLift::all());
    change(one);
    return !Overrides::compile(world->policy, {}, rooms_source, {one});
  };
  CHECK_FALSE(refused([](Closing&) {}));
  CHECK(refused([](Closing& one) { one.off = true; }));
  CHECK(refused([](Closing& one) { one.only.clear(); }));
  CHECK(refused([](Closing& one) { one.only[0].exception = true; }));
  CHECK(refused([](Closing& one) { one.tiers = {9}; }));
  CHECK(refused([](Closing& one) { one.lifts.pop_back(); }));
  CHECK(refused([](Closing& one) { one.id = 0; }));
  CHECK(refused([](Closing& one) { one.when.emplace(); }));
}

TEST_CASE("a line may except a site from what tunnels may carry", "[rules][judge][tunnel]") {
  const auto world = parse_world(R"(
tier lop default block
  allow : meet.vn zoom.vn net:203.0.113.0/24
)");
  for (Line& line : world->spec.tier_lines) line.not_tls = line.rule.text != "meet.vn";
  compile_world(*world);
  Judge judge = world->judge();
  const auto ask = [&](const std::string& authority, TunnelFacts::First first) {
    Url url;
    REQUIRE(url.parse_authority(authority).ok());
    const JudgeRequest request{url, Stage::host, 0, {}};
    TunnelFacts facts;
    facts.first = first;
    return world->words(judge.evaluate_hello(request, judge.evaluate_connect(request), facts));
  };
  using First = TunnelFacts::First;
  CHECK(ask("meet.vn:443", First::not_tls) == "block+record not_tls");
  CHECK(ask("zoom.vn:443", First::not_tls) == "allow host_line");
  CHECK(ask("media.zoom.vn:443", First::not_tls) == "allow host_line");
  CHECK(ask("203.0.113.9:443", First::not_tls).starts_with("allow"));
  CHECK(ask("203.0.114.9:443", First::not_tls).starts_with("block"));
  CHECK(ask("zoom.vn:443", First::bad_hello) == "block+record bad_hello");
  CHECK(ask("other.vn:443", First::not_tls) == "block tier_default");
}
