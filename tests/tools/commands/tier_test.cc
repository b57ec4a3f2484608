// `schoolgate tier show`: what holds in a tier, where each part was written, and what beats it.
#include <catch2/catch.hpp>
#include <ctime>
#include <regex>

#include "config/overrides.h"
#include "tests/config/support.h"
#include "tests/tools/program_runner.h"
#include "tests/tools/valid_json.h"

using namespace schoolgate;
using namespace schoolgate::tools_test;

namespace {

// A tier that inherits, is locked and has lines that nobody hears.
void write_school(const test::Folder& folder) {
  test::write_small_school(folder);
  folder.write("locked.yaml", "version: 1\ncategories: [gambling]\nblock: [shut.vn]\n");
  folder.write("tiers.d/pupil.yaml", R"(version: 1
tier: pupil
name: {vi: Học sinh, en: Pupils}
ages: 6-18
default: allow
youtube: moderate
tunnel: {no_sni: allow}
categories: {games: warn, other: allow}
allow: [good.vn, twice.vn]
block: ['bad.vn']
timetable:
  - {when: T2-T6 07:00-11:30, categories: [games], action: block}
)");
  folder.write("tiers.d/young.yaml", R"(version: 1
tier: young
name: {vi: Lớp nhỏ, en: Young}
extends: pupil
categories: {games: block}
warn: [twice.vn]
allow:
  - {domain: a.bad.vn, why: một trang tốt}
)");
}

// Rows of the text, with one blank where there are several.
std::string shown(const test::Folder& folder, const std::string& tier) {
  const Ran ran = run({"tier", "show", tier, "-c", folder.path("schoolgate.yaml")});
  INFO(ran.err);
  REQUIRE(ran.exit_code == 0);
  return std::regex_replace(ran.out, std::regex(" +"), " ");
}

}  // namespace

TEST_CASE("tier show: each part with its file and line, and the tier that said it", "[tools][tier]") {
  const test::Folder folder;
  write_school(folder);
  const std::string text = shown(folder, "young");
  for (const char* row : {
           "tier young Lớp nhỏ / Young, 6-18\n",
           " extends pupil tiers.d/young.yaml:4\n",
           " default allow tiers.d/pupil.yaml:5 (tier pupil)\n",
           " safesearch strict no file says it\n",
           " youtube moderate tiers.d/pupil.yaml:6 (tier pupil)\n",
           " tunnel: no_sni allow tiers.d/pupil.yaml:7 (tier pupil)\n",
           " tunnel: not_tls block no file says it\n",
           " gambling block+locked locked.yaml:2\n",
           " games block tiers.d/young.yaml:5\n",
           " learning allow tiers.d/pupil.yaml:8 by \"other\" (tier pupil)\n",
           " games block tiers.d/pupil.yaml:12 (tier pupil)\n"
           " T2-T6 07:00-11:30\n"
           " beaten by tier young says of games itself, tiers.d/young.yaml:5\n",
           " shut.vn block+locked locked.yaml:3\n",
           " a.bad.vn allow tiers.d/young.yaml:8\n why: một trang tốt\n",
           " bad.vn block tiers.d/pupil.yaml:10 (tier pupil)\n",
           " twice.vn allow tiers.d/pupil.yaml:9 (tier pupil)\n beaten by line warn twice.vn, "
           "tiers.d/young.yaml:6\n",
       }) {
    INFO(text);
    CHECK_THAT(text, Catch::Contains(row));
  }
  CHECK_THAT(shown(folder, "pupil"), Catch::Contains(" devices of no other network schoolgate.yaml:6\n"));
  CHECK_THAT(shown(folder, "staff"), Catch::Contains(" 10.1.0.0/16 schoolgate.yaml:5\n"));
}

TEST_CASE("tier show: the same as JSON", "[tools][tier]") {
  const test::Folder folder;
  write_school(folder);
  const Ran ran = run({"tier", "show", "young", "--json", "-c", folder.path("schoolgate.yaml")});
  CHECK(ran.exit_code == 0);
  CHECK(is_json(ran.out));
  for (
      const char* part : {
          R"({"category":"gambling","action":"block+locked","locked":true,"named":true,"from":"locked.yaml:2","inherited_from":null})",
          R"({"key":"youtube","value":"moderate","why":null,"from":"tiers.d/pupil.yaml:6","inherited_from":"pupil"})",
          R"({"key":"safesearch","value":"strict","why":null,"from":null,"inherited_from":null})",
          R"("beaten_by":{"what":"line warn twice.vn","from":"tiers.d/young.yaml:6"})",
      }) {
    INFO(ran.out);
    CHECK_THAT(ran.out, Catch::Contains(part));
  }
}

TEST_CASE("tier show: what a line lets through besides, bundles, tools, lessons", "[tools][tier]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("bundles.yaml", R"(version: 1
bundles:
  olm: {hosts: [olm.test], shared: [fonts.shared.test], source: s, date: 2026-01-31, checked: true}
)");
  folder.write("tiers.d/pupil.yaml", R"(version: 1
tier: pupil
name: Pupils
default: allow
lookalikes: record
categories: {gambling: block+locked, games: warn, learning: allow}
may_override: [games]
allow:
  - {domain: meet.test, tunnel: [not_tls]}
  - {domain: tim.test, terms: off}
  - {bundle: olm, why: exercises}
block: [fonts.shared.test]
ai: [{site: ai.test, why: drafts, review_by: 2099-06-30}]
)");
  folder.write("tiers.d/closed.yaml", R"(version: 1
tier: closed
name: Closed
extends: pupil
default: block
unknown_on_hosting: warn
unknown_engines: allow
)");
  folder.write("delegation.yaml", R"(version: 1
teachers: [{account: lan, tiers: [pupil], open: [games], block: [games], lines: true, open_minutes_max: 45}]
)");
  folder.write("periods.yaml", R"(version: 1
exams: [{name: Test, date: 2028-03-10, times: "07:30-09:00", tier: pupil, only: [olm]}]
)");
  OverrideRows rows;
  rows.last_id = 7;
  OverrideRow& row = rows.rows.emplace_back();
  row.id = 7;
  row.account = "lan";
  row.action = Action::allow;
  row.kind = OverrideKind::category;
  row.target = "games";
  row.tier = "pupil";
  row.since_ms = std::int64_t{std::time(nullptr)} * 1000 - 1000;
  row.end.wall_ms = row.since_ms + 20 * 60'000;
  row.why = "last lesson";
  REQUIRE(is_whole(row));
  folder.write("state/overrides", to_text(rows));
  const std::string text = shown(folder, "pupil");
  for (const char* line : {
           "\nfor this lesson\n override 7 of lan until ",
           " unknown_on_hosting as the platform no file says it\n",
           " unknown_engines as their entry says no file says it\n",
           " meet.test allow tiers.d/pupil.yaml:9\n connections there that are not TLS may pass (tunnel: "
           "[not_tls])\n",
           " tim.test allow tiers.d/pupil.yaml:10\n rules on search words do not hold there (terms: off)\n",
           " bundle olm allow tiers.d/pupil.yaml:11\n why: exercises\n hosts, with the names below them: "
           "olm.test\n "
           "and these alone, which others use too: fonts.shared.test\n fonts.shared.test: beaten by ",
           " ai.test allow tiers.d/pupil.yaml:13\n why: drafts\n an AI tool, to be looked at again by "
           "2099-06-30\n",
           "\nrooms and exams\n exam Test periods.yaml:2\n",
           " nothing is open but: olm\n",
           "\nwho may open or block for a lesson\n lan 45 minutes delegation.yaml:2\n may open: games\n may "
           "block: "
           "games\n may lift the tier's own lines\n",
       }) {
    INFO(text);
    CHECK(text.find(line) != std::string::npos);
  }
  const std::string closed = shown(folder, "closed");
  INFO(closed);
  const std::string no_effect = "has no effect: what nothing names is closed here anyway\n";
  CHECK(closed.find("(tier pupil)\n " + no_effect) != std::string::npos);  // lookalikes
  CHECK(closed.find(" unknown_on_hosting warn tiers.d/closed.yaml:6\n " + no_effect) != std::string::npos);
  CHECK(closed.find(" unknown_engines allow tiers.d/closed.yaml:7\n " + no_effect) != std::string::npos);
  CHECK(closed.find("for this lesson") == std::string::npos);
  const Ran json = run({"tier", "show", "pupil", "--json", "-c", folder.path("schoolgate.yaml")});
  CHECK(is_json(json.out));
  for (const char* part :
       {R"("tunnel":["not_tls"])", R"("terms":"off")", R"("review_by":"2099-06-30")",
        R"("account":"lan","minutes":45)", R"("name":"Test")", R"("lesson":["override 7 of lan)"})
    CHECK(json.out.find(part) != std::string::npos);
}

TEST_CASE("tier show: a tier that is not there, and files that do not load", "[tools][tier]") {
  const test::Folder folder;
  write_school(folder);
  const Ran other = run({"tier", "show", "yuong", "-c", folder.path("schoolgate.yaml")});
  CHECK(other.exit_code == tools::exit_usage);
  CHECK(other.err == "schoolgate: there is no tier \"yuong\"; did you mean \"young\"?\n");
  folder.write("tiers.d/young.yaml", "version: 1\ntier: young\n");
  const Ran broken = run({"tier", "show", "young", "-c", folder.path("schoolgate.yaml")});
  CHECK(broken.exit_code == tools::exit_config_errors);
  CHECK_THAT(broken.err, Catch::Contains("SG1102"));
}
