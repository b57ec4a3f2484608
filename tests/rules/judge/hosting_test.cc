// Sites below hosting platforms: what is done with those that nothing names, and that the platform's own name
// weighs less than what names them.
#include <catch2/catch.hpp>

#include "rules/judge/judge.h"
#include "tests/support/policy_text.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

constexpr const char* school = R"(
category gambling
category forums_blogs
category education protecting
category ads
list gambling : re-host:casino thua.github.io
list forums_blogs : blogspot.com
list education : github.io hoc.netlify.app
list ads : re:quang-cao
tier truong
  gambling = block
  forums_blogs = warn
  allow : lop.github.io
tier mo extends truong
  allow : github.io
  block : re-host:tro-choi
tier dong extends truong default block
  allow : bai.github.io
)";

struct Asked {
  std::unique_ptr<World> world;
  std::unique_ptr<Judge> judge;
};

// With `unknown` for sites of platforms in every tier.
Asked school_with(std::optional<Action> unknown) {
  Asked asked{parse_world(school), nullptr};
  for (Tier& tier : asked.world->spec.tiers) tier.unknown_on_hosting = unknown;
  compile_world(*asked.world);
  asked.judge = std::make_unique<Judge>(asked.world->policy, asked.world->lists, asked.world->meanings);
  return asked;
}

std::string said(Asked& asked, const char* tier, const std::string& host, Stage stage = Stage::request) {
  Url url;
  const bool parsed =
      stage == Stage::host ? url.parse_authority(host + ":443").ok() : url.parse("http://" + host + "/").ok();
  REQUIRE(parsed);
  const auto id = asked.world->policy->find_tier(tier);
  REQUIRE(id);
  const JudgeRequest request{url, stage, *id, LocalTime{}, {}};
  const Verdict verdict = asked.judge->evaluate(request);
  CHECK(asked.judge->explain(request).verdict == verdict);
  return std::string(to_string(verdict.action)) + " " + std::string(to_string(verdict.reason));
}

}  // namespace

TEST_CASE("hosting: a site that nothing names gets what the tier says of such sites",
          "[rules][judge][hosting]") {
  struct Row {
    const char* name;
    const char *tier, *host;
    const char *without, *blocked, *allowed;  // by unknown_on_hosting
  };
  const Row rows[] = {
      {"below a platform that no list names", "truong", "moi.vercel.app", "allow tier_default",
       "block unknown_on_hosting", "allow unknown_on_hosting"},
      {"a name below it", "truong", "www.moi.vercel.app", "allow tier_default", "block unknown_on_hosting",
       "allow unknown_on_hosting"},
      {"the platform itself", "truong", "vercel.app", "allow tier_default", "allow tier_default",
       "allow tier_default"},
      {"no platform", "truong", "www.truong.edu.vn", "allow tier_default", "allow tier_default",
       "allow tier_default"},
      {"a list names the platform alone, and protects", "truong", "x.github.io", "allow category",
       "block unknown_on_hosting", "allow category"},
      {"a list names the platform alone, and warns", "truong", "x.blogspot.com", "warn category",
       "block unknown_on_hosting", "warn category"},
      {"a list names the site", "truong", "hoc.netlify.app", "allow category", "allow category",
       "allow category"},
      {"below a site that a list names", "truong", "www.hoc.netlify.app", "allow category", "allow category",
       "allow category"},
      {"a list's site is blocked", "truong", "thua.github.io", "block category", "block category",
       "block category"},
      {"a line names the site", "truong", "lop.github.io", "allow host_line", "allow host_line",
       "allow host_line"},
      {"a line names the platform", "mo", "x.github.io", "allow host_line", "allow host_line",
       "allow host_line"},
      {"a tier that opens only what is named", "dong", "moi.vercel.app", "block tier_default",
       "block unknown_on_hosting", "allow unknown_on_hosting"},
      {"its own line", "dong", "bai.github.io", "allow host_line", "allow host_line", "allow host_line"},
  };
  Asked without = school_with(std::nullopt), blocked = school_with(Action::block),
        allowed = school_with(Action::allow);
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      for (const Stage stage : {Stage::request, Stage::host}) {
        CHECK(said(without, row.tier, row.host, stage) == row.without);
        CHECK(said(blocked, row.tier, row.host, stage) == row.blocked);
        CHECK(said(allowed, row.tier, row.host, stage) == row.allowed);
      }
    }
}

TEST_CASE("hosting: what a list's pattern finds in an address opens no such site",
          "[rules][judge][hosting]") {
  Asked asked = school_with(Action::block);
  CHECK(said(asked, "truong", "quang-cao.vercel.app") == "block unknown_on_hosting");
  CHECK(said(asked, "truong", "casino-7.vercel.app") == "block category");  // as strict, and says more
  Url url;
  REQUIRE(url.parse("http://moi.vercel.app/quang-cao.js").ok());
  CHECK(asked.judge->evaluate({url, Stage::request, 0, LocalTime{}, {}}).reason ==
        Reason::unknown_on_hosting);
}

TEST_CASE("hosting: a warning is continued as that of a line is", "[rules][judge][hosting]") {
  Asked asked = school_with(Action::warn);
  Url url;
  REQUIRE(url.parse("http://moi.vercel.app/").ok());
  CHECK(asked.judge->evaluate({url, Stage::request, 0, LocalTime{}, {}}).action == Action::warn);
  const CategoryId line[] = {no_category};
  const Verdict continued = asked.judge->evaluate({url, Stage::request, 0, LocalTime{}, line});
  CHECK(continued.action == Action::allow);
  CHECK(continued.flags.record);
}

TEST_CASE("hosting: a pattern that names a site is more specific than its platform",
          "[rules][judge][hosting]") {
  Asked asked = school_with(std::nullopt);
  // The platform is education; elsewhere an entry of a host lifts what a pattern says.
  CHECK(said(asked, "truong", "casino-77.github.io") == "block category");
  CHECK(said(asked, "truong", "casino-77.hoc.netlify.app") == "allow category");
  CHECK(said(asked, "mo", "tro-choi.github.io") == "block pattern_line");
  CHECK(said(asked, "mo", "bai-hoc.github.io") == "allow host_line");
}

TEST_CASE("hosting: explain says why", "[rules][judge][hosting]") {
  Asked asked = school_with(Action::block);
  Url url;
  REQUIRE(url.parse("http://moi.vercel.app/").ok());
  const Explanation told = asked.judge->explain({url, Stage::request, 0, LocalTime{}, {}});
  REQUIRE_FALSE(told.steps.empty());
  CHECK(told.steps.front().wins);
  CHECK(told.steps.front().what == "unknown_on_hosting: no line and no list names a site of vercel.app");
}

TEST_CASE("hosting: an override opens such a site only for who may open what is unknown",
          "[rules][judge][hosting][override]") {
  Asked asked = school_with(Action::block);
  for (const bool may : {false, true}) {
    Override one;
    one.action = Action::allow;
    one.tier = 0;
    one.rule.kind = RuleKind::domain;
    one.rule.text = "moi.vercel.app";
    one.lifts_unknown = may;
    one.id = 1;
    const auto compiled = Overrides::compile(asked.world->policy, {one}, 77);
    REQUIRE(compiled);
    asked.judge->use(*compiled);
    CHECK(said(asked, "truong", "moi.vercel.app") ==
          (may ? "allow override_line" : "block unknown_on_hosting"));
  }
}
