// One file of tiers.d as values. What a tier does not say stays open for its parent; what it says wrongly is
// an error, and the category that was meant is blocked until it is mended.
#include "config/policy/tier_reader.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Reading;
using test::Tells;

// "version", "tier" and "name" stand in lines 1 to 3; what a test adds begins in line 4.
struct TierReading : Reading {
  explicit TierReading(const std::string& more, const std::string& head = "version: 1\ntier: a\nname: A\n") {
    folder.write("tiers.d/a.yaml", head + more);
    tier = read_tier_file(folder.path("tiers.d/a.yaml"), context);
  }
  [[nodiscard]] std::string told() const { return Reading::told("tiers.d/a.yaml"); }
  std::optional<TierFile> tier;
};

TEST_CASE("a tier that says only its name leaves all else to its parent", "[config][tier_reader]") {
  const TierReading reading("extends: b\n");
  CHECK_THAT(reading.told(), Tells(""));
  REQUIRE(reading.tier);
  const TierFile& tier = *reading.tier;
  CHECK(tier.id.value == "a");
  CHECK(tier.id.where.pos == SourcePos{2, 7});
  CHECK(tier.name_vi == "A");
  CHECK(tier.name_en == "A");
  REQUIRE(tier.extends);
  CHECK(tier.extends->value == "b");
  CHECK(tier.extends->where.pos == SourcePos{4, 10});
  const bool silent = !tier.voice && !tier.pupils && !tier.default_action && !tier.warn_without_page &&
                      !tier.safesearch && !tier.youtube && !tier.https && !tier.open_categories &&
                      !tier.may_override && !tier.ports && !tier.http_ports && !tier.other;
  CHECK(silent);
  for (const auto& choice : tier.tunnel) CHECK_FALSE(choice);
  CHECK(tier.categories.empty());
  CHECK(tier.lines.empty());
}

TEST_CASE("words of a tier", "[config][tier_reader]") {
  const TierReading reading(R"(ages: 11-14
voice: small_children
pupils: false
default: block
warn_without_page: allow_and_record
safesearch: moderate
youtube: off
https: block-page
open_categories: [learning]
may_override: games
)");
  CHECK_THAT(reading.told(), Tells(""));
  REQUIRE(reading.tier);
  const TierFile& tier = *reading.tier;
  CHECK(tier.ages == "11-14");
  CHECK(tier.voice == Voice::small_children);
  CHECK(tier.pupils == false);
  CHECK(tier.default_action->value == Action::block);
  CHECK(tier.default_action->where.pos == SourcePos{7, 10});
  CHECK(tier.warn_without_page == WarnWithoutPage::allow_and_record);
  CHECK(tier.safesearch == SafeLevel::moderate);
  CHECK(tier.youtube == SafeLevel::off);
  CHECK(tier.https->value == Https::block_page);
  REQUIRE(tier.open_categories->size() == 1);
  CHECK(tier.open_categories->front().value == "learning");
  REQUIRE(tier.may_override->size() == 1);
  CHECK(tier.may_override->front().value == "games");
}

TEST_CASE("a word that is not known leaves the value unsaid", "[config][tier_reader]") {
  struct Row {
    const char *line, *tells;
  };
  const Row rows[] = {
      {"default: warn", "4:10: error SG1104"},
      {"default: Block", "4:10: error SG1104"},
      {"pupils: no", "4:9: error SG1106"},
      {"voice: kids", "4:8: error SG1104"},
      {"safesearch: false", "4:13: error SG1104"},
      {"youtube: [strict]", "4:10: error SG1103"},
      {"https: all", "4:8: error SG1104"},
      {"https: [inspect]", "4:8: error SG1103"},
      {"https: {reason: decided}", "4:8: error SG1102: https needs the key \"mode\""},
      {"https: {mode: inspect, reasons: decided}", "4:24: error SG1101\n4:15: error SG1215"},
      {"https: inspect", "4:8: error SG1215: opening pupils' connections needs a reason"},
      {"https: {mode: inspect, reason: ''}", "4:32: error SG1113\n4:15: error SG1215"},
      {"https: {mode: inspect, reason: decided}", ""},
      {"open_categories: {a: b}", "4:18: error SG1103"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.line) {
      const TierReading reading(std::string(row.line) + "\n");
      CHECK_THAT(reading.told(), Tells(row.tells));
      REQUIRE(reading.tier);
      CHECK_FALSE(reading.tier->default_action);
      CHECK_FALSE(reading.tier->pupils);
      CHECK_FALSE(reading.tier->safesearch);
    }
  }
}

TEST_CASE("categories and their actions", "[config][tier_reader]") {
  const TierReading reading(
      "categories: {a: block+locked, b: allow+record, c: help+alert, other: warn, d: warn+locked, e: yes, "
      "f: , "
      "g: [block], h: block+locked+locked}\n");
  REQUIRE(reading.tier);
  std::string actions;
  for (const auto& [name, effect] : reading.tier->categories)
    actions += name.value + ":" + to_string(effect) + " ";
  // What cannot be read is block: the load fails, but no reader of the draft sees it open.
  CHECK(actions == "a:block+locked b:allow+record c:help+alert d:block e:block f:block g:block h:block ");
  REQUIRE(reading.tier->other);
  CHECK(to_string(reading.tier->other->value) == "warn");
  CHECK(reading.tier->categories[1].first.where.pos == SourcePos{4, 31});
  CHECK_THAT(reading.told(), Tells("4:79: error SG1205\n4:95: error SG1205\n4:100: error SG1103\n"
                                   "4:108: error SG1103\n4:120: error SG1205"));

  const TierReading list("categories: [a]\n");
  CHECK_THAT(list.told(), Tells("4:13: error SG1103"));
}

TEST_CASE("lines of a tier, in the order allow, warn, block", "[config][tier_reader]") {
  const TierReading reading("block: [c.vn]\nallow: [a.vn, {domain: b.vn, record: true}]\nwarn: w.vn\n");
  CHECK_THAT(reading.told(), Tells(""));
  REQUIRE(reading.tier);
  std::string lines;
  for (const PlacedLine& line : reading.tier->lines)
    lines += to_string(line.line.effect) + " " + line.line.rule.text + " " +
             std::to_string(line.where.pos.line) + "\n";
  CHECK(lines == "allow a.vn 5\nallow+record b.vn 5\nwarn w.vn 6\nblock c.vn 4\n");
}

TEST_CASE("what tunnels may do", "[config][tier_reader]") {
  std::string all = "tunnel: {";
  for (const auto& [key, member] : tunnel_keys) all += std::string(key) + ": allow, ";
  const TierReading reading(all + "ports: [443, 8443], http_ports: [80, 8000-8999, '1024-65535']}\n");
  CHECK_THAT(reading.told(), Tells(""));
  REQUIRE(reading.tier);
  for (const auto& choice : reading.tier->tunnel) CHECK(choice == Choice::allow);
  CHECK(reading.tier->ports == std::vector<std::uint16_t>{443, 8443});
  REQUIRE(reading.tier->http_ports);
  std::string ranges;
  for (const auto& [first, last] : *reading.tier->http_ports)
    ranges += std::to_string(first) + "-" + std::to_string(last) + " ";
  CHECK(ranges == "80-80 8000-8999 1024-65535 ");

  struct Row {
    const char *tunnel, *tells;
  };
  const Row rows[] = {
      {"no_sni: true", "4:18: error SG1104"},
      {"nosni: allow", "4:10: error SG1101"},
      {"ports: [0]", "4:18: error SG1105"},
      {"ports: [65536]", "4:18: error SG1105"},
      {"ports: [443-444]", "4:18: error SG1105"},  // every port of CONNECT is named
      {"http_ports: [81-80]", "4:23: error SG1105"},
      {"http_ports: [0-80]", "4:23: error SG1105"},
      {"http_ports: [1-65536]", "4:23: error SG1105"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.tunnel) {
      const TierReading wrong("tunnel: {" + std::string(row.tunnel) + "}\n");
      CHECK_THAT(wrong.told(), Tells(row.tells));
      REQUIRE(wrong.tier);
      // A list of which nothing could be read is an empty one, not the standard: no port is open by a
      // mistake.
      if (wrong.tier->ports) CHECK(wrong.tier->ports->empty());
      if (wrong.tier->http_ports) CHECK(wrong.tier->http_ports->empty());
      for (const auto& choice : wrong.tier->tunnel) CHECK_FALSE(choice);
    }
  }
}

TEST_CASE("rows of a timetable", "[config][tier_reader]") {
  struct Row {
    const char *row, *tells;
    bool taken;
  };
  const Row rows[] = {
      {"{when: T2-T6 07:00-11:30, categories: [games, chat], action: block}", "", true},
      {"{when: 22:00-06:00, categories: games, action: warn}", "", true},
      {"{when: T2 07:00, categories: [games], action: block}", "5:15: error SG1209", false},
      {"{when: '', categories: [games], action: block}", "5:12: error SG1113", false},
      {"{when: T2 07:00-08:00, categories: [games], action: deny}", "5:57: error SG1205", false},
      {"{when: T2 07:00-08:00, categories: [games], action: block+locked}",
       "5:57: error SG1205: a timetable cannot lock", true},
      {"{when: T2 07:00-08:00, categories: [games]}",
       "5:5: error SG1102: a line of the timetable needs the key \"action\"", false},
      {"T2 07:00-08:00", "5:5: error SG1103", false},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.row) {
      const TierReading reading("timetable:\n  - " + std::string(row.row) + "\n");
      CHECK_THAT(reading.told(), Tells(row.tells));
      REQUIRE(reading.tier);
      CHECK(reading.tier->timetable.size() == (row.taken ? 1 : 0));
    }
  }
}

TEST_CASE("rows of a timetable on sites", "[config][tier_reader]") {
  const TierReading reading(R"(allow: [olm.vn]
timetable:
  - {when: T2-T6 09:40-10:00, sites: [youtube.com, {domain: zalo.me, why: breaks}], action: allow+record}
  - {when: T2 07:00-08:00, categories: [games], sites: youtube.com/shorts, action: block}
)");
  CHECK_THAT(reading.told(), Tells(""));
  REQUIRE(reading.tier);
  const auto& lines = reading.tier->lines;
  REQUIRE(lines.size() == 4);
  CHECK_FALSE(lines[0].line.when);
  CHECK(lines[1].line.rule.text == "youtube.com");
  REQUIRE(lines[1].line.when);
  CHECK(lines[1].line.when->to_string() == "T2-T6 09:40-10:00");
  CHECK(lines[1].line.effect == Effect{Action::allow, {.record = true}});
  CHECK(lines[2].line.why == "breaks");
  CHECK(lines[3].line.rule.kind == RuleKind::url);
  CHECK(lines[3].line.effect == Effect{Action::block, {}});
  REQUIRE(reading.tier->timetable.size() == 1);
  CHECK(reading.tier->timetable[0].categories.size() == 1);

  struct Row {
    const char *row, *tells;
  };
  const Row rows[] = {
      {"{when: T2 07:00-08:00, action: block}",
       "5:5: error SG1102: a line of the timetable has the key categories, or sites"},
      {"{when: T2 07:00-08:00, sites: [zalo.me], action: help}",
       "5:54: error SG1301: help is for categories, not for sites"},
      {"{when: T2 07:00-08:00, sites: [zalo.me], action: block+locked}",
       "5:54: error SG1205: a timetable cannot lock"},
      {"{when: T2 07:00-08:00, sites: [{domain: zalo.me, terms: off}], action: allow}",
       "5:54: error SG1101: a line has no key \"terms\""},
      {"{when: T2 07:00-08:00, sites: [zalo], action: block}", "5:36: warning SG1313"},
      {"{when: T2 07:00-08:00, sites: [{bundle: nothing}], action: allow}", "5:45: error SG1322"},
      {"{when: T2 07:00-08:00, site: [zalo.me], action: allow}", "5:28: error SG1101"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.row) {
      const TierReading wrong("timetable:\n  - " + std::string(row.row) + "\n");
      CHECK_THAT(wrong.told(), Tells(row.tells));
    }
  }
}

TEST_CASE("tests of a tier", "[config][tier_reader]") {
  struct Row {
    const char *row, *tells;
    bool taken;
  };
  const Row rows[] = {
      {"{url: 'http://a.vn/', expect: block}", "", true},
      {"{url: 'http://a.vn/', expect: help, at: T2 08:30}", "", true},
      {"{url: nonsense, expect: allow}", "", true},  // run_policy_checks() reads the address
      {"{url: 'http://a.vn/', expect: blocked}", "5:35: error SG1104", false},
      {"{url: 'http://a.vn/', expect: block+locked}", "5:35: error SG1104", false},
      {"{url: 'http://a.vn/', expect: block, at: T2}", "5:46: error SG1209", false},
      {"{url: 'http://a.vn/', expect: block, at: T2 24:00}", "5:49: error SG1209", false},
      {"{url: 'http://a.vn/'}", "5:5: error SG1102", false},
      {"{expect: block}", "5:5: error SG1102", false},
      {"{url: 'http://a.vn/', expect: block, tier: b}", "5:42: error SG1101", true},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.row) {
      const TierReading reading("tests:\n  - " + std::string(row.row) + "\n");
      CHECK_THAT(reading.told(), Tells(row.tells));
      REQUIRE(reading.tier);
      CHECK(reading.tier->tests.size() == (row.taken ? 1 : 0));
    }
  }
  const TierReading reading("tests: [{url: 'http://a.vn/', expect: help, at: T3 00:01}]\n");
  REQUIRE(reading.tier);
  REQUIRE(reading.tier->tests.size() == 1);
  CHECK(reading.tier->tests[0].expect == Action::help);
  CHECK(reading.tier->tests[0].at.minute_of_week == 24 * 60 + 1);
  CHECK(reading.tier->tests[0].where.pos == SourcePos{4, 15});
}

TEST_CASE("a file that names no tier gives none", "[config][tier_reader]") {
  struct Row {
    const char *name, *text, *tells;
    bool tier = false;
  };
  const Row rows[] = {
      {"empty", "", "error SG1012"},
      {"no id", "version: 1\nname: A\n", "1:1: error SG1102: a tier's file needs the key \"tier\""},
      {"an empty id", "version: 1\ntier:\nname: A\n", "2:1: error SG1102: the key \"tier\" has no value"},
      {"a list of ids", "version: 1\ntier: [a]\nname: A\n", "2:7: error SG1103"},
      {"a text", "pupil\n", "1:1: error SG1103"},
      {"cut in the middle", "version: 1\ntier: a\nname: A\ncategories: {gambling: block+loc",
       "4:13: error SG1005"},
      {"another version", "version: 2\ntier: a\nname: A\n", "1:10: error SG1110", true},
      {"an id with a blank", "version: 1\ntier: a b\nname: A\n", "2:7: error SG1113", true},
      {"no name", "version: 1\ntier: a\n", "1:1: error SG1102: a tier's file needs the key \"name\"", true},
      {"a key twice", "version: 1\ntier: a\nname: A\nallow: [a.vn]\nallow: [b.vn]\n", "5:1: error SG1010"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const TierReading reading("", row.text);
      CHECK(reading.tier.has_value() == row.tier);
      CHECK_THAT(reading.told(), Tells(row.tells));
    }
  }
}

}  // namespace
}  // namespace schoolgate
