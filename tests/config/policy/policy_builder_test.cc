// All files of a policy together: who inherits what, what a lock above means below, and that a file which
// cannot be read leaves no part of the policy open.
#include "config/policy/policy_builder.h"

#include <catch2/catch.hpp>

#include "config/main/main_reader.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Reading;
using test::Tells;

// The small school of support.h with files of its own; build() reads them as load_snapshot() does.
struct BuiltPolicy : Reading {
  BuiltPolicy() { test::write_small_school(folder); }
  // Below the first three lines of tiers.d/<id>.yaml.
  void tier(const std::string& id, const std::string& text) {
    folder.write("tiers.d/" + id + ".yaml", "version: 1\ntier: " + id + "\nname: N\n" + text);
  }
  PolicyDraft& build() {
    const auto main = read_main_file(context);
    REQUIRE(main);
    catalogue = read_catalogue(main->config.policy.categories, context);
    draft = build_policy(*main, catalogue, context);
    return draft;
  }
  [[nodiscard]] const Tier& tier_of(std::string_view id) const {
    for (const Tier& tier : draft.spec.tiers)
      if (tier.id == id) return tier;
    throw std::out_of_range("no such tier");
  }
  // "block+locked warn allow": of the categories in the catalogue's order
  [[nodiscard]] std::string effects_of(std::string_view id) const {
    std::string out;
    for (const CategoryEffect& effect : tier_of(id).effects)
      out += (out.empty() ? "" : " ") + to_string(effect.effect);
    return out;
  }
  [[nodiscard]] std::string told(const std::string& file = "tiers.d/pupil.yaml") const {
    return Reading::told(file);
  }
  CategoryCatalogue catalogue;
  PolicyDraft draft;
};

const std::string every_category = "categories: {gambling: block, games: warn, learning: allow}\n";

TEST_CASE("a child has all that its parent says and it does not say itself", "[config][policy_builder]") {
  BuiltPolicy policy;
  policy.tier("pupil", every_category + R"(ages: 11-14
voice: small_children
pupils: true
default: block
warn_without_page: allow_and_record
safesearch: off
youtube: moderate
https: {mode: inspect, reason: decided}
open_categories: [learning, games]
may_override: [games]
tunnel: {no_sni: allow, ports: [443], http_ports: [80]}
timetable: [{when: T2 07:00-08:00, categories: [games], action: block}]
)");
  // "a" comes before its parent in the order of the files.
  policy.tier("a",
              "extends: pupil\nyoutube: off\ntunnel: {not_tls: allow_and_record, http_ports: [8080]}\n"
              "timetable: [{when: CN 07:00-08:00, categories: [games], action: allow}]\n");
  policy.tier("b",
              "extends: a\ndefault: allow\npupils: false\nhttps: names\nopen_categories: []\nages: 15-18\n");
  policy.build();
  CHECK_THAT(policy.told(), Tells(""));

  const Tier& a = policy.tier_of("a");
  REQUIRE(a.parent);
  CHECK(policy.draft.spec.tiers[*a.parent].id == "pupil");
  CHECK(a.ages == "11-14");
  CHECK(a.voice == Voice::small_children);
  CHECK(a.pupils);
  CHECK(a.default_action == Action::block);
  CHECK(a.warn_without_page == WarnWithoutPage::allow_and_record);
  CHECK(a.safesearch == SafeLevel::off);
  CHECK(a.youtube == SafeLevel::off);
  CHECK(a.https == Https::inspect);
  CHECK(a.https_reason == "decided");
  CHECK(a.open_categories == std::vector<CategoryId>{2, 1});
  CHECK(a.may_override == std::vector<CategoryId>{1});
  CHECK(a.tunnel.no_sni == Choice::allow);
  CHECK(a.tunnel.not_tls == Choice::allow_and_record);
  CHECK(a.tunnel.odd_address == Choice::block);
  CHECK(a.tunnel.ports == std::vector<std::uint16_t>{443});
  REQUIRE(a.tunnel.http_ports.size() == 1);
  CHECK(a.tunnel.http_ports[0].first == 8080);
  REQUIRE(a.timetable.size() == 2);  // its own after its parent's, each with the tier that wrote it
  CHECK(policy.draft.spec.tiers[a.timetable[0].tier].id == "pupil");
  CHECK(policy.draft.spec.tiers[a.timetable[1].tier].id == "a");
  CHECK(policy.effects_of("a") == "block warn allow");

  const Tier& b = policy.tier_of("b");
  CHECK(b.ages == "15-18");
  CHECK_FALSE(b.pupils);
  CHECK(b.default_action == Action::allow);
  CHECK(b.https == Https::names);
  CHECK(b.https_reason.empty());  // the parent's reason is for what the parent does
  CHECK(b.open_categories.empty());
  CHECK(b.tunnel.no_sni == Choice::allow);
  CHECK(b.timetable.size() == 2);
  CHECK(policy.draft.spec.tiers[*b.parent].id == "a");
}

TEST_CASE("what parent, child, other and locks make of a category", "[config][policy_builder]") {
  const std::string plain = "gambling: block, games: warn, learning: allow";
  const std::string shut = "gambling: block+locked, games: block, learning: allow";
  struct Row {
    const char* name;
    std::string pupil, child, locked;         // what the files say
    const char *of_pupil, *of_child, *tells;  // of gambling, games, learning
  };
  const Row rows[] = {
      {"the child says nothing", plain, "", "", "block warn allow", "block warn allow", ""},
      {"the child says it milder", plain, "gambling: warn", "", "block warn allow", "warn warn allow", ""},
      {"other is all that is not named", "gambling: block+locked, other: warn", "", "",
       "block+locked warn warn", "block+locked warn warn", ""},
      {"the child's other leaves its parent's locks", shut, "other: allow", "", "block+locked block allow",
       "block+locked allow allow", ""},
      {"a locked category that is blocked again stays locked", shut, "gambling: block", "",
       "block+locked block allow", "block+locked block allow", ""},
      {"a child locks more", plain, "games: block+locked", "", "block warn allow", "block block+locked allow",
       ""},
      {"a child loosens a lock", shut, "gambling: help", "", "block+locked block allow",
       "block+locked block allow",
       "tiers.d/z.yaml:5:14: error SG1207: gambling is locked (tiers.d/pupil.yaml:5) and cannot be help "
       "here"},
      {"a child blocks what is locked open", "games: allow+locked, other: block", "games: block", "",
       "block allow+locked block", "block block+locked block", ""},
      {"a child warns of what is locked open", "games: allow+locked, other: block", "games: warn", "",
       "block allow+locked block", "block allow+locked block",
       "tiers.d/z.yaml:5:14: error SG1207: games is locked (tiers.d/pupil.yaml:5) and cannot be warn here"},
      {"the school locks for every tier, named or not", "gambling: block, learning: allow", "", "games",
       "block block+locked allow", "block block+locked allow", ""},
      {"the school's lock and other", "other: allow", "other: warn", "gambling", "block+locked allow allow",
       "block+locked warn warn", ""},
      {"a tier against the school's lock", "gambling: allow, games: warn, learning: allow", "gambling: block",
       "gambling", "block+locked warn allow", "block+locked warn allow",
       "5:14: error SG1207: gambling is locked for every tier (locked.yaml:2) and cannot be allow here"},
      {"nothing said of one", "gambling: block, games: warn", "", "", "block warn block", "block warn block",
       "5:13: error SG1206: this tier says nothing about: learning"},
      {"one mistyped is not also called missing", "gambling: block, games: warn, lerning: allow", "", "",
       "block warn block", "block warn block", "5:44: error SG1204: unknown category \"lerning\""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      BuiltPolicy policy;
      policy.tier("pupil", "default: allow\ncategories: {" + row.pupil + "}\n");
      policy.tier("staff", "default: allow\npupils: false\ncategories: {other: block}\n");
      policy.tier("z", "extends: pupil\ncategories: {" + row.child + "}\n");
      if (!row.locked.empty())
        policy.folder.write("locked.yaml", "version: 1\ncategories: [" + row.locked + "]\n");
      policy.build();
      CHECK(policy.effects_of("pupil") == row.of_pupil);
      CHECK(policy.effects_of("z") == row.of_child);
      CHECK_THAT(policy.told(), Tells(row.tells));
    }
  }
}

TEST_CASE("a tier without categories says nothing about any", "[config][policy_builder]") {
  BuiltPolicy policy;
  policy.tier("pupil", "default: allow\n");
  policy.build();
  CHECK_THAT(policy.told(),
             Tells("2:7: error SG1206: this tier says nothing about: gambling, games, learning"));
  CHECK(policy.effects_of("pupil") == "block block block");
}

TEST_CASE("tiers that extend in a circle", "[config][policy_builder]") {
  BuiltPolicy policy;
  policy.tier("pupil", "default: allow\nextends: c\n" + every_category);
  policy.tier("b", "default: allow\nextends: pupil\n" + every_category);
  policy.tier("c", "default: allow\nextends: b\n" + every_category);
  policy.build();
  CHECK_THAT(policy.told(), Tells("tiers.d/c.yaml:5:10: error SG1208: the tier \"b\" extends itself"));
}

TEST_CASE("a tier file that cannot be read is one error: its name may be any", "[config][policy_builder]") {
  BuiltPolicy policy;
  policy.folder.write("tiers.d/pupil.yaml", "version: 1\ntier: pupil\nname: [\n");
  policy.tier("z", "extends: pupil\n" + every_category + "default: allow\n");
  policy.build();  // schoolgate.yaml names pupil, too
  CHECK_THAT(policy.told(), Tells("3:7: error SG1005"));
}

TEST_CASE("without a tier there is no policy", "[config][policy_builder]") {
  BuiltPolicy policy;
  std::filesystem::remove_all(policy.folder.path("tiers.d"));
  std::string want = "cannot read the folder of tier files";
  SECTION("no folder") {}
  SECTION("an empty folder") {
    std::filesystem::create_directory(policy.folder.path("tiers.d"));
    want = "the folder tiers.d holds no tier file (*.yaml)";
  }
  SECTION("files of other names") {
    policy.folder.write("tiers.d/pupil.yaml.bak", "version: 1\ntier: pupil\nname: P\n");
    want = "the folder tiers.d holds no tier file (*.yaml)";
  }
  CHECK(policy.build().spec.tiers.empty());
  CHECK_THAT(policy.told("tiers.d"), Tells("error SG1210: " + want));
}

TEST_CASE("there are at most 64 tiers", "[config][policy_builder]") {
  BuiltPolicy policy;  // with pupil and staff
  for (int i = 0; i < 62; ++i) policy.tier("t" + std::to_string(i), "default: allow\n" + every_category);
  SECTION("64") {
    CHECK(policy.build().spec.tiers.size() == 64);
    CHECK_THAT(policy.told(), Tells(""));
  }
  SECTION("65") {
    policy.tier("z", "default: allow\n" + every_category);
    CHECK(policy.build().spec.tiers.size() == 64);
    CHECK_THAT(policy.told("tiers.d/z.yaml"), Tells("2:7: error SG1211: more than 64 tiers"));
  }
}

TEST_CASE("what is open must not be locked, and needs a tier whose default is block",
          "[config][policy_builder]") {
  BuiltPolicy policy;
  SECTION("a default that is allow") {
    policy.tier("pupil", "default: allow\nopen_categories: [games, gamez]\n" + every_category);
    policy.build();
    CHECK_THAT(policy.told(), Tells("5:26: error SG1204\n5:19: warning SG1213"));
  }
  SECTION("a lock of the parent") {
    policy.tier("pupil",
                "default: block\ncategories: {gambling: block+locked, games: block, learning: block}\n");
    policy.tier("z", "extends: pupil\nopen_categories: [gambling]\n");
    policy.build();
    CHECK_THAT(policy.told("tiers.d/z.yaml"),
               Tells("5:19: error SG1212: gambling is locked (tiers.d/pupil.yaml:5) and cannot stand in "
                     "open_categories"));
  }
}

TEST_CASE("lines, tests and networks stand in the order in which they were read",
          "[config][policy_builder]") {
  BuiltPolicy policy;
  policy.tier("pupil", "default: allow\n" + every_category +
                           "block: [p.vn]\ntests: [{url: 'http://p.vn/', expect: block}]\n");
  policy.tier("a", "default: allow\n" + every_category + "allow: [a.vn]\n");
  policy.folder.write("locked.yaml", "version: 1\nblock: [l.vn]\n");
  policy.folder.write("hotlines.yaml", "version: 1\nhotlines: [{id: h, name: H, sites: h.vn}]\n");
  policy.folder.write("floor.txt", std::string(64, 'a') + "\n");
  const PolicyDraft& draft = policy.build();
  CHECK_THAT(policy.told(),
             Tells("floor.txt: warning SG1521: the floor in force, as it was before, is signed by nobody"));
  std::string tiers, lines;
  for (const Tier& tier : draft.spec.tiers) tiers += tier.id + " ";
  CHECK(tiers == "a pupil staff ");
  for (const PlacedLine& line : draft.lines) lines += line.line.rule.text + " ";
  CHECK(lines == "a.vn p.vn l.vn ");  // each has its tests of patterns run
  REQUIRE(draft.spec.tier_lines.size() == 2);
  REQUIRE(draft.tier_lines.size() == 2);
  CHECK(draft.spec.tier_lines[1].tier == 1);
  CHECK(draft.tier_lines[1].first == 1);
  REQUIRE(draft.spec.locked_lines.size() == 1);
  CHECK(draft.spec.locked_lines[0].effect.flags.locked);
  REQUIRE(draft.spec.help_lines.size() == 1);
  CHECK(draft.hotlines.size() == 1);
  CHECK(draft.spec.floor.size() == 1);
  REQUIRE(draft.tests.size() == 1);
  CHECK(draft.tests[0].first == 1);
  REQUIRE(draft.spec.networks.size() == 1);
  CHECK(draft.spec.networks[0].tier == 2);
  CHECK(draft.spec.unknown_tier == 1);
}

TEST_CASE("every tier that the main file names is there", "[config][policy_builder]") {
  BuiltPolicy policy;
  policy.folder.write("schoolgate.yaml", R"(version: 1
school: {name: Test}
listen: {proxy: [{address: "127.0.0.1:3128", tier: gests}]}
who: [{network: 10.1.0.0/16, tier: staf}, {network: 10.2.0.0/16, tier: staff}]
unknown_tier: pupil
)");
  const PolicyDraft& draft = policy.build();
  CHECK_THAT(policy.told("schoolgate.yaml"), Tells("4:36: error SG1203: unknown tier \"staf\"\n"
                                                   "3:52: error SG1203: unknown tier \"gests\""));
  CHECK(draft.spec.networks.size() == 1);
}

TEST_CASE("what is never opened unless the file says others is what the school has of it",
          "[config][policy_builder]") {
  const auto never = [](const std::string& https) {
    BuiltPolicy other;
    other.folder.write(
        "categories.yaml",
        "version: 1\ncategories:\n  gambling: {name: x, reason: x}\n  games: {name: x, reason: x}\n"
        "  learning: {name: x, reason: x}\n  health: {name: x, reason: x}\n");
    for (const char* tier : {"pupil", "staff"})
      other.tier(tier, "default: allow\ncategories: {other: allow}\n" +
                           std::string(tier[0] == 's' ? "pupils: false\n" : ""));
    other.folder.write("schoolgate.yaml", other.folder.read("schoolgate.yaml") + https);
    std::string out;
    for (const CategoryId id : other.build().spec.never_inspect_categories)
      out += other.catalogue.ids[id] + " ";
    for (const std::string& host : other.draft.spec.never_inspect_hosts) out += host + " ";
    return out + other.told("schoolgate.yaml");
  };
  CHECK(never("") == "health ");  // no finance, no government in this catalogue
  CHECK(never("https: {never_inspect: {hosts: [bank.vn]}}\n") == "health bank.vn ");
  CHECK(never("https: {never_inspect: {categories: [games]}}\n") == "games ");
  CHECK(never("https: {never_inspect: {categories: []}}\n").empty());
  CHECK_THAT(never("https: {never_inspect: {categories: [helth]}}\n"),
             Catch::Matchers::StartsWith("13:38: error SG1204: unknown category \"helth\""));
}

TEST_CASE("a line that needs a path is noted where https is not inspected", "[config][policy_builder]") {
  struct Row {
    const char *name, *tier, *tells;
  };
  const Row rows[] = {
      {"a host needs none", "block: [a.vn]\n", ""},
      {"a path", "block: [a.vn/x]\n", "6:9: note SG1308: 1 line of this tier needs a path; it is"},
      {"two", "allow: [a.vn/x]\nblock: [b.vn, b.vn/x]\n",
       "6:9: note SG1308: 2 lines of this tier need a path (lines 6, 7)"},
      {"a pattern on hosts", "block: [{pattern: '^a[0-9]', target: host}]\n", ""},
      {"a pattern on paths", "block: [{pattern: 'casino', target: path}]\n", "6:19: note SG1308"},
      {"block pages open nothing that is allowed", "https: block-page\nblock: [a.vn/x]\n",
       "7:9: note SG1308"},
      {"inspection sees all", "https: {mode: inspect, reason: x}\nblock: [a.vn/x]\n", ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      BuiltPolicy policy;
      policy.tier("pupil", "default: allow\n" + every_category + row.tier);
      policy.build();
      CHECK_THAT(policy.told(), Tells(row.tells));
    }
  }
}

// A start with kept texts: a lock that was added since holds, and what it contradicts does not stop the
// start.
TEST_CASE("in kept files a lock of today holds, and what it contradicts is a warning",
          "[config][policy_builder]") {
  BuiltPolicy policy;
  policy.tier("pupil", "default: block\nopen_categories: [games]\nmay_override: [games]\n" + every_category);
  policy.folder.write("locked.yaml", "version: 1\nblock: [both.vn]\n");
  policy.build();
  CHECK_THAT(policy.told(), Tells("7:44: note SG1216"));
  const ConfigTexts kept = policy.context.read;

  policy.folder.write("locked.yaml", "version: 1\ncategories: [games, unheard]\nblock: [both.vn, now.vn]\n");
  policy.folder.write("floor.txt", std::string(64, 'a') + "\n");
  LoadContext context(policy.folder.path("schoolgate.yaml"), &kept);
  const auto main = read_main_file(context);
  REQUIRE(main);
  const PolicyDraft draft =
      build_policy(*main, read_catalogue(main->config.policy.categories, context), context);
  CHECK_FALSE(has_errors(context.diagnostics));
  CHECK_THAT(
      policy.folder.without_path(test::told(context.diagnostics, policy.folder.path("tiers.d/pupil.yaml"))),
      Catch::Matchers::Contains("warning SG1207: games is locked for every tier") &&
          Catch::Matchers::Contains("warning SG1212: games is locked"));
  for (const Tier& tier : draft.spec.tiers) {
    CHECK(to_string(tier.effects[1].effect) == "block+locked");
    CHECK(tier.open_categories.empty());
    CHECK(tier.may_override.empty());
  }
  std::string locked;
  for (const Line& line : draft.spec.locked_lines) locked += line.rule.text + " ";
  CHECK(locked == "both.vn now.vn ");  // none twice
  CHECK(draft.spec.floor.size() == 1);
}

}  // namespace
}  // namespace schoolgate
