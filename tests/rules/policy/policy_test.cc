#include "rules/policy/policy.h"

#include <catch2/catch.hpp>
#include <functional>

#include "rules/judge/tier_view.h"
#include "tests/support/policy_text.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

PolicySpec small_spec() {
  PolicySpec spec;
  spec.categories.resize(2);
  spec.categories[0].id = "games";
  spec.categories[1].id = "gambling";
  spec.tiers.resize(2);
  spec.tiers[0].id = "truong";
  spec.tiers[1].id = "thcs";
  spec.tiers[1].parent = TierId{0};
  for (Tier& tier : spec.tiers) tier.effects.resize(2);
  return spec;
}

Line line_of(const char* host) {
  Line line;
  line.effect = {Action::allow, {}};
  line.rule.text = host;
  return line;
}

IpAddress address(const char* text) {
  return *IpAddress::parse(text);
}

}  // namespace

TEST_CASE("Policy::compile refuses what would make decisions meaningless", "[rules][policy]") {
  REQUIRE(Policy::compile(small_spec()));
  struct Row {
    const char* name;
    std::function<void(PolicySpec&)> spoil;
    const char* message;
  };
  const Row rows[] = {
      {"no tier", [](PolicySpec& s) { s.tiers.clear(); }, "no tier"},
      {"a tier twice", [](PolicySpec& s) { s.tiers[1].id = "truong"; }, "two tiers"},
      {"a category twice", [](PolicySpec& s) { s.categories[1].id = "games"; }, "two categories"},
      {"a tier that extends itself", [](PolicySpec& s) { s.tiers[0].parent = TierId{0}; }, "circle"},
      {"a longer circle", [](PolicySpec& s) { s.tiers[0].parent = TierId{1}; }, "circle"},
      {"an unknown parent", [](PolicySpec& s) { s.tiers[1].parent = TierId{9}; }, "unknown tier"},
      {"a default of warn", [](PolicySpec& s) { s.tiers[0].default_action = Action::warn; }, "default"},
      {"an effect too few", [](PolicySpec& s) { s.tiers[1].effects.pop_back(); }, "not every category"},
      {"a locked warning",
       [](PolicySpec& s) {
         s.tiers[0].effects[0].effect = {Action::warn, {.locked = true}};
       },
       "locked"},
      {"a timetable with a locked help",
       [](PolicySpec& s) {
         s.tiers[0].timetable.push_back(
             {*Schedule::parse("T2 07:00-08:00"), {0}, {Action::help, {.locked = true}}, {}});
       },
       "locked"},
      {"a timetable of an unknown category",
       [](PolicySpec& s) {
         s.tiers[0].timetable.push_back({*Schedule::parse("T2 07:00-08:00"), {7}, {Action::block, {}}, {}});
       },
       "unknown category"},
      {"an unknown open category", [](PolicySpec& s) { s.tiers[0].open_categories = {2}; },
       "unknown category"},
      {"no tier for unknown clients", [](PolicySpec& s) { s.unknown_tier = 2; }, "unknown clients"},
      {"unknown clients as staff", [](PolicySpec& s) { s.tiers[0].pupils = false; }, "pupils' tier"},
      {"a network of an unknown tier",
       [](PolicySpec& s) {
         s.networks.push_back({*Network::parse("10.0.0.0/8"), 5, {}});
       },
       "network"},
      {"a line of an unknown tier",
       [](PolicySpec& s) {
         s.tier_lines.push_back(line_of("a.vn"));
         s.tier_lines[0].tier = 5;
       },
       "unknown tier"},
      {"a locked line in a tier",
       [](PolicySpec& s) {
         s.tier_lines.push_back(line_of("a.vn"));
         s.tier_lines[0].effect = {Action::block, {.locked = true}};
       },
       "cannot be locked"},
      {"an exception as a line",
       [](PolicySpec& s) {
         s.locked_lines.push_back(line_of("a.vn"));
         s.locked_lines[0].rule.exception = true;
       },
       "exception"},
      {"a help line that blocks",
       [](PolicySpec& s) {
         s.help_lines.push_back(line_of("111.vn"));
         s.help_lines[0].effect.action = Action::block;
       },
       "always allows"},
      {"a help line on a network",
       [](PolicySpec& s) {
         s.help_lines.push_back(line_of("198.51.100.0/24"));
         s.help_lines[0].rule.kind = RuleKind::network;
       },
       "names a site"},
      {"a pattern that RE2 refuses",
       [](PolicySpec& s) {
         s.locked_lines.push_back(line_of("("));
         s.locked_lines[0].rule.kind = RuleKind::pattern;
       },
       ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      PolicySpec spec = small_spec();
      row.spoil(spec);
      const auto policy = Policy::compile(std::move(spec));
      REQUIRE_FALSE(policy);
      CHECK_THAT(policy.error().message.english(), Catch::Matchers::Contains(row.message));
      CHECK_FALSE(policy.error().message.empty());
    }
  }
}

TEST_CASE("a client's tier: the longest prefix, else unknown", "[rules][policy]") {
  PolicySpec spec = small_spec();
  Tier staff = spec.tiers[0];
  staff.id = "giao_vien";
  staff.pupils = false;
  spec.tiers.push_back(staff);
  spec.networks = {{*Network::parse("10.0.0.0/8"), 0, {}},
                   {*Network::parse("10.1.0.0/16"), 1, {}},
                   {*Network::parse("10.1.2.3"), 2, {}},
                   {*Network::parse("fd00::/8"), 2, {}}};
  spec.unknown_tier = 1;
  const auto policy = *Policy::compile(spec);
  CHECK(policy->tier_of(address("10.9.9.9")) == 0);
  CHECK(policy->tier_of(address("10.1.9.9")) == 1);
  CHECK(policy->tier_of(address("10.1.2.3")) == 2);
  CHECK(policy->tier_of(address("::ffff:10.1.2.3")) == 2);
  CHECK(policy->tier_of(address("fd00::1")) == 2);
  CHECK(policy->tier_of(address("192.168.0.1")) == 1);
  CHECK(policy->tier_of(address("2001:db8::1")) == 1);
}

TEST_CASE("names, chains and the order of the lines' tags", "[rules][policy]") {
  PolicySpec spec = small_spec();
  spec.help_lines = {line_of("111.vn")};
  spec.locked_lines = {line_of("khoa.vn"), line_of("khoa2.vn")};
  spec.tier_lines = {line_of("mo.vn")};
  const auto policy = *Policy::compile(spec);
  CHECK(policy->find_tier("thcs") == TierId{1});
  CHECK_FALSE(policy->find_tier("THCS").has_value());
  CHECK(policy->find_category("gambling") == CategoryId{1});
  CHECK_FALSE(policy->find_category("").has_value());
  CHECK(policy->depth(1, 1) == 0);
  CHECK(policy->depth(1, 0) == 1);
  CHECK(policy->depth(0, 1) == Policy::not_in_chain);
  const char* texts[] = {"111.vn", "khoa.vn", "khoa2.vn", "mo.vn"};
  const Layer layers[] = {Layer::guaranteed_help, Layer::locked, Layer::locked, Layer::explicit_line};
  REQUIRE(policy->line_count() == 4);
  for (Tag tag = 0; tag < 4; ++tag) {
    CHECK(policy->line(tag).rule.text == texts[tag]);
    CHECK(policy->layer_of(tag) == layers[tag]);
  }
}

TEST_CASE("timetables: an exception beats its rule, none lifts a lock", "[rules][policy]") {
  const std::unique_ptr<World> world = parse_world(R"(
category games
category gambling
tier truong
  games = warn
  gambling = block+locked
  at T2-T6 07:00-11:30 : games gambling = block
  at T2 08:00-09:00 : games = allow
)");
  const Policy& policy = *world->policy;
  const auto action = [&](CategoryId id, const char* time) {
    return to_string(policy.effect(0, id, *parse_local_time(time)).effect);
  };
  CHECK(action(0, "T2 06:59") == "warn");
  CHECK(action(0, "T2 07:00") == "block");
  CHECK(action(0, "T2 08:00") == "allow");
  CHECK(action(0, "T2 09:00") == "block");
  CHECK(action(0, "T2 11:30") == "warn");
  CHECK(action(1, "T2 08:00") == "block+locked");

  CHECK(policy.minutes_to_next_edge(*parse_local_time("T2 06:59")) == 1);
  CHECK(policy.minutes_to_next_edge(*parse_local_time("T2 07:30")) == 30);
  CHECK(policy.minutes_to_next_edge(*parse_local_time("T7 07:00")) == 2 * 24 * 60);
  const auto timeless = *Policy::compile(small_spec());
  CHECK(timeless->minutes_to_next_edge(LocalTime{}) == SchoolTimes::never);
}

TEST_CASE("timetables: while the clock may be wrong the strictest of all hours holds", "[rules][policy]") {
  const std::unique_ptr<World> world = parse_world(R"(
category games
category social
category videos
tier truong
  games = allow
  social = block
  videos = block
  at T2-T6 07:00-11:30 : games = warn
  at T2 08:00-09:00 : social videos = allow
tier thcs extends truong
  videos = allow
  at T3 09:40-10:00 : games = block
)");
  const Policy& policy = *world->policy;
  const auto action = [&](TierId tier, CategoryId id, const char* time) {
    LocalTime doubted = *parse_local_time(time);
    doubted.in_doubt = true;
    return to_string(policy.effect(tier, id, doubted).effect);
  };
  for (const char* time : {"T2 08:30", "T3 09:45", "CN 20:00"}) {
    INFO(time);
    CHECK(action(0, 0, time) == "warn");
    CHECK(action(0, 1, time) == "block");
    CHECK(action(1, 0, time) == "block");
    CHECK(action(1, 2, time) == "allow");  // what a tier says itself no row of its parent changes
  }
}

TEST_CASE("a line with times: when it speaks, and in doubt", "[rules][policy]") {
  Line line = line_of("zalo.me");
  CHECK(line.action_at(LocalTime{}) == line.effect.action);
  line.when = *Schedule::parse("T2-T6 07:00-11:30");
  LocalTime lesson = *parse_local_time("T2 08:00"), evening = *parse_local_time("T2 20:00");
  for (const Action action : {Action::allow, Action::warn, Action::block}) {
    line.effect.action = action;
    CHECK(line.action_at(lesson) == action);
    CHECK(line.action_at(evening) == std::nullopt);
  }
  lesson.in_doubt = evening.in_doubt = true;
  for (const LocalTime time : {lesson, evening}) {
    line.effect.action = Action::allow;
    CHECK(line.action_at(time) == std::nullopt);
    line.effect.action = Action::warn;
    CHECK(line.action_at(time) == Action::block);
    line.effect.action = Action::block;
    CHECK(line.action_at(time) == Action::block);
  }
}

TEST_CASE("a line with times: its edges are the policy's", "[rules][policy]") {
  const std::unique_ptr<World> world = parse_world(R"(
tier truong
  at T2-T6 07:00-11:30 : block : zalo.me
)");
  CHECK(world->policy->minutes_to_next_edge(*parse_local_time("T2 06:59")) == 1);
  CHECK(world->policy->minutes_to_next_edge(*parse_local_time("T2 11:00")) == 30);
}

TEST_CASE("a rule's own action is never stricter than its category's, help apart", "[rules][policy]") {
  struct Row {
    const char *own, *category, *want;
  };
  const Row rows[] = {
      {"block", "block+locked", "block"},
      {"warn", "block", "warn"},
      {"block", "warn", "warn"},
      {"block", "allow", "allow"},
      {"allow+record", "block+locked", "allow+record"},
      {"help+alert", "allow", "help+alert"},
      {"help+alert", "block+locked", "help+alert"},
      {"block+locked", "block", "block"},
      {"block+locked", "block+locked", "block+locked"},
      {"block+locked", "help", "help"},
      {"warn", "help", "warn"},
      {"allow+locked", "block", "allow"},
      {"block", "allow+locked", "allow+locked"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.own << " in " << row.category) {
      CHECK(to_string(own_or_capped(parse_effect(row.own), *parse_effect(row.category))) == row.want);
    }
  }
  CHECK(own_or_capped(std::nullopt, *parse_effect("warn")) == *parse_effect("warn"));
}
