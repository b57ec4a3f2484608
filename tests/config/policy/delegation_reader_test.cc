#include "config/policy/delegation_reader.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"

using namespace schoolgate;
using namespace schoolgate::test;

TEST_CASE("delegation.yaml: what is read", "[config][delegation]") {
  Reading reading;
  reading.folder.write("delegation.yaml", R"(version: 1
teachers:
  - account: lan
    tiers: [thcs, thpt]
    open: games
    block: [social, chat]
    lines: true
    unknown: true
    open_minutes_max: 30
    edit: lines
  - {account: minh.tran, tiers: thpt}
safeguarding: {accounts: [hoa, binh], reveal_alone: true}
)");
  const DelegationFile file = read_delegation_file(reading.folder.path("delegation.yaml"), reading.context);
  const auto& all = file.teachers;
  CHECK(file.case_keepers.accounts == std::vector<std::string>{"hoa", "binh"});
  CHECK(file.case_keepers.reveal_alone);
  CHECK(reading.told("delegation.yaml").empty());
  REQUIRE(all.size() == 2);
  CHECK(all[0].account.value == "lan");
  CHECK(all[0].account.where.pos.line == 3);
  CHECK(all[0].tiers.size() == 2);
  CHECK(all[0].open.front().value == "games");
  CHECK(all[0].block.size() == 2);
  CHECK((all[0].lines && all[0].unknown && all[0].minutes_max == 30));
  CHECK((!all[1].lines && !all[1].unknown && all[1].minutes_max == 90 && all[1].open.empty()));
  CHECK((all[0].edit == TierEdit::lines && all[1].edit == TierEdit::nothing));
}

TEST_CASE("delegation.yaml: what is refused", "[config][delegation]") {
  struct Row {
    const char *name, *entries, *told;
    std::size_t left;
  };
  const Row rows[] = {
      {"nobody", "", "", 0},
      {"no account", "teachers:\n  - {tiers: [thcs]}\n", "3:5: error SG1102", 0},
      {"no tiers", "teachers:\n  - {account: lan}\n", "3:5: error SG1102", 1},
      {"root", "teachers:\n  - {account: root, tiers: [thcs]}\n", "3:15: error SG1113: root is the admin", 0},
      {"a blank in it", "teachers:\n  - {account: cô lan, tiers: [thcs]}\n", "3:15: error SG1113", 0},
      {"twice", "teachers:\n  - {account: lan, tiers: [a]}\n  - {account: lan, tiers: [b]}\n",
       "4:15: error SG1112", 1},
      {"too long", "teachers:\n  - {account: lan, tiers: [a], open_minutes_max: 91}\n", "3:50: error SG1105",
       1},
      {"an edit nobody knows", "teachers:\n  - {account: lan, tiers: [a], edit: all}\n", "3:38: error SG1104",
       1},
      {"nobody for cases", "safeguarding: {reveal_alone: true}\n", "2:15: error SG1102", 0},
      {"one twice for cases", "safeguarding: {accounts: [hoa, hoa]}\n", "2:32: error SG1112", 0},
      {"root for cases", "safeguarding: {accounts: [root]}\n", "2:27: error SG1113", 0},
      {"a mistyped key", "teachers:\n  - {account: lan, tiers: [a], opens: [games]}\n", "3:32: error SG1101",
       1},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Reading reading;
      reading.folder.write("delegation.yaml", "version: 1\n" + std::string(row.entries));
      const auto all = read_delegation_file(reading.folder.path("delegation.yaml"), reading.context).teachers;
      CHECK_THAT(reading.told("delegation.yaml"), Tells(row.told));
      CHECK(all.size() == row.left);
    }
}
