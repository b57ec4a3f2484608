#include "rules/action.h"

#include <catch2/catch.hpp>

#include "rules/verdict.h"

using namespace schoolgate;

TEST_CASE("effects are read as written", "[rules][action]") {
  struct Row {
    const char* text;
    std::optional<Effect> want;
  };
  const Row rows[] = {
      {"allow", Effect{Action::allow, {}}},
      {"warn", Effect{Action::warn, {}}},
      {"block", Effect{Action::block, {}}},
      {"help", Effect{Action::help, {}}},
      {"allow+record", Effect{Action::allow, {true, false, false}}},
      {"help+alert", Effect{Action::help, {false, true, false}}},
      {"block+locked", Effect{Action::block, {false, false, true}}},
      {"allow+locked", Effect{Action::allow, {false, false, true}}},
      {"allow+locked+record", Effect{Action::allow, {true, false, true}}},
      {"", std::nullopt},
      {"Block", std::nullopt},
      {"block ", std::nullopt},
      {"deny", std::nullopt},
      {"block+", std::nullopt},
      {"+locked", std::nullopt},
      {"block+lock", std::nullopt},
      {"block+locked+locked", std::nullopt},
      {"block+alert", std::nullopt},
      {"block+record", std::nullopt},
      {"warn+locked", std::nullopt},
      {"help+locked", std::nullopt},
      {"help+record", std::nullopt},
      {"allow+alert", std::nullopt},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.text) {
      CHECK(parse_effect(row.text) == row.want);
      if (row.want) {
        CHECK(parse_effect(to_string(*row.want)) == row.want);
      }
    }
  CHECK(to_string(Effect{Action::allow, {true, false, true}}) == "allow+record+locked");
}

TEST_CASE("strength orders as the design says", "[rules][action]") {
  const Effect ordered[] = {{Action::allow, {}},
                            {Action::warn, {}},
                            {Action::block, {}},
                            {Action::help, {}},
                            {Action::block, {false, false, true}}};
  for (int i = 0; i < 5; ++i) CHECK(strength(ordered[i]) == i + 1);
  CHECK(strength({Action::allow, {true, true, true}}) == 1);
}

TEST_CASE("flags join", "[rules][action]") {
  Flags flags{true, false, false};
  flags |= Flags{false, true, false};
  CHECK(flags == Flags{true, true, false});
  flags |= Flags{};
  CHECK(flags == Flags{true, true, false});
}

TEST_CASE("a verdict nobody made blocks", "[rules][verdict]") {
  const Verdict verdict;
  CHECK(verdict.action == Action::block);
  CHECK(to_string(verdict.layer) == "fault");
  CHECK(to_string(verdict.reason) == "no_snapshot");
  CHECK(verdict.rule.empty());
  CHECK(to_string(Layer::tunnel_rule) == "tunnel_rule");
  CHECK(to_string(Reason::hidden_name) == "hidden_name");
}
