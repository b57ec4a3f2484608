// `schoolgate tier show`: what holds in a tier, where each part was written, and what beats it.
#include <catch2/catch.hpp>
#include <regex>

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
