// What a candidate would have decided of the last days: three columns, and nothing of fewer than five.
#include "tools/commands/plan_replay.h"

#include <catch2/catch.hpp>

#include "config/text/vietnamese.h"
#include "tests/config/support.h"
#include "tests/tools/valid_json.h"

namespace schoolgate::tools {
namespace {

struct PlannedSchool {
  PlannedSchool() {
    test::write_small_school(folder);
    folder.write("tiers.d/pupil.yaml", folder.read("tiers.d/pupil.yaml") +
                                           "block: [now.test, path.test/secret]\nallow: [bet.example]\n");
    loaded = folder.load();
    INFO(folder.text_of(loaded));
    REQUIRE(loaded.snapshot != nullptr);
  }
  test::Folder folder;
  LoadResult loaded;
};

audit::Decision decision(const char* host, Action action, std::uint64_t client = 1) {
  audit::Decision one;
  one.time_ms = 1'780'000'000'000;
  one.client = client;
  one.host = host;
  one.tier = "pupil";
  one.layer = "tier_default";
  one.action = action;
  one.seen = Seen::connect_only;
  one.connect = true;
  one.port = 443;
  return one;
}

TEST_CASE("each decision falls into one of three columns", "[tools][plan]") {
  const PlannedSchool school;
  struct Row {
    const char* name;
    audit::Decision one;
    char column;  // '=' alike, '!' changed, or the number of why it cannot be said
  };
  auto of_tier = [](audit::Decision one, const char* tier) { return one.tier = tier, one; };
  auto of_layer = [](audit::Decision one, const char* layer) { return one.layer = layer, one; };
  auto of_http = [](audit::Decision one) {
    one.connect = false;
    one.seen = Seen::url;
    one.port = 80;
    return one;
  };
  auto refused = decision("ok.test", Action::block);
  refused.refused = true;
  auto words = of_http(decision("ok.test", Action::block));
  words.seen = Seen::search_words;
  const Row rows[] = {
      {"allowed, and would be", decision("ok.test", Action::allow), '='},
      {"allowed, and would be blocked", decision("now.test", Action::allow), '!'},
      {"blocked by a list, still", decision("bet.test", Action::block), '='},
      {"warned of, still", decision("games.test", Action::warn), '='},
      {"blocked once", decision("ok.test", Action::block), '!'},
      {"in another tier", of_tier(decision("now.test", Action::allow), "staff"), '='},
      {"in a tier that is gone", of_tier(decision("ok.test", Action::allow), "guest"), '2'},
      {"never judged", refused, '0'},
      {"without a host", decision("", Action::allow), '0'},
      {"a fault", of_layer(decision("ok.test", Action::block), "fault"), '0'},
      {"for a lesson", of_layer(decision("now.test", Action::allow), "timed_override"), '1'},
      {"search words", words, '3'},
      {"how a tunnel began", of_layer(decision("ok.test", Action::block), "tunnel_rule"), '3'},
      {"a name whose paths differ, over https", decision("path.test", Action::allow), '='},
      {"a name whose paths differ, over http", of_http(decision("path.test", Action::allow)), '4'},
      {"over http, no path matters", of_http(decision("now.test", Action::allow)), '!'},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      PlanReplay replay(*school.loaded.snapshot);
      audit::Decision one = row.one;
      one.requests = 3;
      replay.take(one);
      const PlanResult result = replay.result();
      CHECK(result.alike == (row.column == '=' ? 3 : 0));
      CHECK(result.changed == (row.column == '!' ? 3 : 0));
      for (std::size_t i = 0; i < unsaid_kinds; ++i)
        CHECK(result.unsaid[i] == (row.column == static_cast<char>('0' + i) ? 3 : 0));
    }
  }
}

TEST_CASE("fewer than five devices are told together", "[tools][plan]") {
  const PlannedSchool school;
  PlanReplay replay(*school.loaded.snapshot);
  for (std::uint64_t client = 1; client <= 5; ++client)
    replay.take(decision("now.test", Action::allow, client));
  for (std::uint64_t client = 1; client <= 4; ++client) {
    replay.take(decision("a.now.test", Action::allow, client));
    replay.take(decision("b.now.test", Action::allow, client + 4));
  }
  replay.take(decision("ok.test", Action::block, 1));
  const PlanResult result = replay.result();
  CHECK(result.changed == 14);
  REQUIRE(result.groups.size() == 3);
  CHECK(result.groups[0].host == "");  // a.now.test and b.now.test: eight devices by one rule
  CHECK(result.groups[0].requests == 8);
  CHECK(result.groups[0].clients == 8);
  CHECK(result.groups[1].host == "now.test");
  CHECK(result.groups[1].clients == 5);
  CHECK(result.groups[1].rule == "tiers.d/pupil.yaml:6");
  CHECK(result.groups[2].host == "");
  CHECK(result.groups[2].clients == 0);
  const std::string text = plan_text(result, 0, nullptr), json = plan_json(result);
  for (const char* name : {"a.now.test", "b.now.test", "ok.test"}) {
    CHECK(text.find(name) == std::string::npos);
    CHECK(json.find(name) == std::string::npos);
  }
  CHECK(text.find("<5") != std::string::npos);
  CHECK(tools_test::is_json(json));
  CHECK(plan_text(result, 1, nullptr).find("and 2 groups more") != std::string::npos);
  CHECK(plan_text(result, 0, vietnamese).find("sẽ có kết quả khác") != std::string::npos);
}

}  // namespace
}  // namespace schoolgate::tools
