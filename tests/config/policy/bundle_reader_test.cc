// bundles.yaml, bundles.d and the lines of tiers that name a bundle.
#include "config/policy/bundle_reader.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Reading;
using test::Tells;

constexpr const char* facts = ", source: s, date: 2026-11-29, checked: false}\n";

// What a test adds begins in line 3.
struct BundlesReading : Reading {
  explicit BundlesReading(const std::string& more) {
    folder.write("bundles.yaml", "version: 1\nbundles:\n" + more);
    bundles = read_bundles(folder.path("bundles.yaml"), folder.path("bundles.d"), context, {});
  }
  [[nodiscard]] std::string told() const { return Reading::told("bundles.yaml"); }
  Bundles bundles;
};

TEST_CASE("a bundle", "[config][bundles]") {
  const BundlesReading reading(
      "  tube: {name: Tube, hosts: [Tube.vn, img.test], shared: [fonts.gstatic.com]" + std::string(facts));
  CHECK_THAT(reading.told(), Tells(""));
  CHECK(reading.bundles.whole);
  const Bundle* bundle = reading.bundles.find("tube");
  REQUIRE(bundle != nullptr);
  CHECK(bundle->name == "Tube");
  CHECK(bundle->hosts == std::vector<std::string>{"tube.vn", "img.test"});
  CHECK(bundle->shared == std::vector<std::string>{"fonts.gstatic.com"});
  CHECK(bundle->where.line == 3);
  CHECK(reading.bundles.find("tubes") == nullptr);
}

TEST_CASE("wrong bundles", "[config][bundles]") {
  struct Row {
    std::string text;
    const char* tells;
  };
  const Row rows[] = {
      {"  a: {hosts: [googleapis.com]" + std::string(facts),
       "3:15: error SG1321: googleapis.com belongs to many"},
      {"  a: {hosts: [gstatic.com]" + std::string(facts), "3:15: error SG1321"},
      {"  a: {hosts: [cloudfront.net]" + std::string(facts), "3:15: error SG1321"},
      {"  a: {hosts: [com.vn]" + std::string(facts), "3:15: error SG1321"},
      {"  a: {hosts: [a.vn], shared: [cloudfront.net]" + std::string(facts),
       "3:31: error SG1321: cloudfront.net is no host"},
      {"  a: {hosts: [\"*.a.vn\"]" + std::string(facts), "3:15: error SG1321"},
      {"  a: {hosts: [a.vn/x]" + std::string(facts), "3:15: error SG1321"},
      {"  a: {hosts: [198.51.100.7]" + std::string(facts), "3:15: error SG1321"},
      {"  a: {hosts: [tube]" + std::string(facts), "3:15: error SG1321"},
      {"  a: {hosts: [a b]" + std::string(facts), "3:15: error SG1321"},
      {"  a: {shared: [a.vn]" + std::string(facts), "3:6: error SG1102"},
      {"  A: {hosts: [a.vn]" + std::string(facts), "3:3: error SG1113"},
      {"  a: {hosts: [a.vn], date: 2026-11-29, checked: false}\n", "3:6: error SG1102"},
      {"  a: {hosts: [a.vn], source: s, checked: false}\n", "3:6: error SG1102"},
      {"  a: {hosts: [a.vn], source: s, date: 2026-11-29}\n", "3:6: error SG1102"},
      {"  a: {hosts: [a.vn], source: s, date: 29/11, checked: false}\n", "3:39: error SG1117"},
      {"  a: {hosts: [a.vn], source: s, date: 2026-11-29, checked: no}\n", "3:60: error SG1106"},
      {"  a: {host: [a.vn]" + std::string(facts), "3:7: error SG1101"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.text) {
      const BundlesReading reading(row.text);
      CHECK_THAT(reading.told(), Tells(row.tells));
      CHECK_FALSE(reading.bundles.whole);
    }
  }
}

TEST_CASE("a school's own bundle takes the place of the one that shipped", "[config][bundles]") {
  Reading reading;
  reading.folder.write("bundles.yaml", "version: 1\nbundles:\n  a: {hosts: [a.vn]" + std::string(facts) +
                                           "  b: {hosts: [b.vn]" + facts);
  reading.folder.write("bundles.d/own.yaml",
                       "version: 1\nbundles:\n  b: {hosts: [own.vn]" + std::string(facts));
  const Bundles bundles = read_bundles(reading.folder.path("bundles.yaml"), reading.folder.path("bundles.d"),
                                       reading.context, {});
  CHECK(reading.context.diagnostics.empty());
  REQUIRE(bundles.all.size() == 2);
  CHECK(bundles.find("b")->hosts.front() == "own.vn");
  CHECK(reading.context.show(Place{bundles.find("b")->where.source, {3, 1}}) == "bundles.d/own.yaml:3");
}

// The small school: games.test is of a list that pupils are warned of.
struct School {
  explicit School(const std::string& lines, const std::string& own_default = "") {
    test::write_small_school(folder);
    if (!own_default.empty())
      folder.write("tiers.d/pupil.yaml",
                   "version: 1\ntier: pupil\nname: Pupils\ndefault: " + own_default +
                       "\ncategories: {gambling: block+locked, games: warn, learning: allow}\n");
    folder.write("bundles.yaml",
                 "version: 1\nbundles:\n  tube: {name: Tube, hosts: [tube.vn, img.test], shared: "
                 "[fonts.gstatic.com]" +
                     std::string(facts));
    folder.write("tiers.d/pupil.yaml", folder.read("tiers.d/pupil.yaml") + lines);
    result = folder.load();
  }
  test::Folder folder;
  LoadResult result;
};

TEST_CASE("a line of a bundle opens all its hosts, one that blocks leaves what is shared",
          "[config][bundles]") {
  const School open("allow:\n  - {bundle: tube, why: lessons}\n", "block");
  INFO(open.folder.text_of(open.result));
  REQUIRE(open.result.snapshot != nullptr);
  CHECK(test::verdict(open.result, "http://www.tube.vn/") == Action::allow);
  CHECK(test::verdict(open.result, "http://a.img.test/") == Action::allow);
  CHECK(test::verdict(open.result, "http://fonts.gstatic.com/") == Action::allow);
  CHECK(test::verdict(open.result, "http://x.fonts.gstatic.com/") == Action::block);
  CHECK(test::verdict(open.result, "http://www.gstatic.com/") == Action::block);
  const Policy& policy = *open.result.snapshot->policy;
  REQUIRE(policy.spec().tier_lines.size() == 3);
  for (const Line& line : policy.spec().tier_lines) {
    CHECK(line.bundle == "tube");
    CHECK(line.why == "lessons");
    CHECK(open.result.snapshot->place(line.where) == "tiers.d/pupil.yaml:7");
  }
  Url url;
  REQUIRE(url.parse("http://img.test/").ok());
  const auto judge = open.result.snapshot->make_judge();
  const Explanation said = judge->explain({url, Stage::request, *policy.find_tier("pupil"), LocalTime{}, {}});
  REQUIRE_FALSE(said.steps.empty());
  CHECK(said.steps.front().what == "line allow img.test, bundle tube (lessons)");

  const School shut("block:\n  - bundle: tube\n");
  REQUIRE(shut.result.snapshot != nullptr);
  CHECK(test::verdict(shut.result, "http://www.tube.vn/") == Action::block);
  CHECK(test::verdict(shut.result, "http://img.test/") == Action::block);
  CHECK(test::verdict(shut.result, "http://fonts.gstatic.com/") == Action::allow);
}

TEST_CASE("lines that name a bundle wrongly", "[config][bundles]") {
  struct Row {
    const char *lines, *tells;
  };
  const Row rows[] = {
      {"allow: [{bundle: tub}]\n", "6:18: error SG1322: unknown bundle \"tub\""},
      {"allow: [{bundle: tube, domain: a.vn}]\n", "6:9: error SG1102: a bundle stands alone"},
      {"warn: [{bundle: tube, record: true}]\n", "6:23: error SG1101"},
      {"allow: [{bundle: tube, hit: [\"http://a.vn/\"]}]\n", "6:24: error SG1101"},
      {"allow: [{bundle: [tube]}]\n", "6:18: error SG1103"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.lines) {
      const School school(row.lines);
      CHECK(school.result.snapshot == nullptr);
      CHECK_THAT(school.folder.without_path(
                     test::told(school.result.diagnostics, school.folder.path("tiers.d/pupil.yaml"))),
                 Tells(row.tells));
    }
  }
}

TEST_CASE("an allow line of a site whose bundle is known gets a hint", "[config][bundles]") {
  const auto hinted = [](const School& school) {
    REQUIRE(school.result.snapshot != nullptr);
    return test::has(school.result, diag::bundle_known, Severity::note);
  };
  CHECK(hinted(School("allow: [tube.vn]\n", "block")));
  CHECK(hinted(School("allow: [www.tube.vn]\n", "block")));
  CHECK_FALSE(hinted(School("allow: [tube.vn, img.test, fonts.gstatic.com]\n", "block")));
  CHECK_FALSE(hinted(School("allow: [{bundle: tube}]\n", "block")));
  CHECK_FALSE(hinted(School("allow: [tube.vn]\n")));  // the others are open anyhow
  CHECK_FALSE(hinted(School("allow: [img.test]\n", "block")));
}

TEST_CASE("the shipped bundles", "[config][bundles]") {
  const std::string defaults = std::string(SCHOOLGATE_SOURCE_DIR) + "/config/defaults/";
  LoadContext context(defaults + "schoolgate.yaml");
  const Bundles bundles = read_bundles(defaults + "bundles.yaml", defaults + "bundles.d", context, {});
  CHECK(render(context.diagnostics, context.texts, nullptr, false) == "");
  CHECK(bundles.all.size() >= 50);
  for (const char* id :
       {"youtube", "google_classroom", "google_meet", "zoom", "microsoft_teams", "olm", "azota", "k12online",
        "vnedu", "smas", "canva", "quizizz", "kahoot", "geogebra", "scratch", "zalo"})
    CHECK(bundles.find(id) != nullptr);
}

}  // namespace
}  // namespace schoolgate
