// Names that look like those of a category's lists: whom they concern, and what lifts them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "rules/lookalike/model.h"
#include "rules/policy/overrides.h"
#include "tests/support/policy_text.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

constexpr const char* school = R"(
category gambling
category games
category edu protecting
list gambling : listed.vn path-kubet.vn/bad
list games : games-kubet.vn
list edu : edu-kubet.vn
locked allow : free-kubet.vn
tier lop
  gambling = block
  games = allow
  edu = allow
  allow : allowed-kubet.vn
  warn : warned-kubet.vn
  block : shut-kubet.vn
tier khoa
  gambling = block+locked
tier nhac
  gambling = warn
tier mo
  gambling = allow
tier hep default block
  gambling = block
)";

struct Size {
  std::uint64_t positives = fewest_to_act, negatives = fewest_benign_to_act;
};

// A model that knows one piece: "kubet".
std::vector<std::byte> one_piece(Size size, const std::vector<std::string>& spared) {
  std::vector<std::int8_t> weights(NamePieces::buckets);
  const std::string name = "kubet.vn";
  for (std::size_t i = 0; i < NamePieces(name).size(); ++i)
    if (piece_text(name, i) == "kubet") weights[NamePieces(name).begin()[i]] = 100;
  LookalikeModel model;
  model.category = "gambling";
  model.positives = size.positives;
  model.negatives = size.negatives;
  model.threshold = 50;
  model.unit = 0.1F;
  model.weights = weights;
  for (const std::string& one : spared) model.spared.push_back(hash_name(one));
  std::sort(model.spared.begin(), model.spared.end());
  return lookalike_bytes(std::span(&model, 1), {});
}

std::unique_ptr<World> world_with(Lookalikes choice, Size size = {},
                                  const std::vector<std::string>& spared = {}) {
  auto world = parse_world(school);
  world->lookalikes = one_piece(size, spared);
  for (Tier& tier : world->spec.tiers) tier.lookalikes = choice;
  compile_world(*world);
  return world;
}

// "block lookalike gambling"; explain() says the same.
std::string asked(const World& world, Judge& judge, const std::string& tier, const std::string& url) {
  const bool by_name = url.find("://") == std::string::npos;
  Url parsed;
  REQUIRE((by_name ? parsed.parse_authority(url) : parsed.parse(url)).ok());
  const JudgeRequest request{
      parsed, by_name ? Stage::host : Stage::request, *world.policy->find_tier(tier), {}};
  const Verdict verdict = by_name ? judge.evaluate_connect(request) : judge.evaluate(request);
  const Explanation told = by_name ? judge.explain_connect(request) : judge.explain(request);
  CHECK(told.verdict == verdict);
  std::string text =
      to_string(Effect{verdict.action, verdict.flags}) + " " + std::string(to_string(verdict.reason));
  if (verdict.category != no_category) text += " " + world.policy->categories()[verdict.category].id;
  return text;
}

}  // namespace

TEST_CASE("lookalike: asked where no rule names the host", "[rules][judge][lookalike]") {
  const auto world = world_with(Lookalikes::block);
  Judge judge = world->judge();
  struct Row {
    const char *name, *tier, *url, *want;
  };
  const Row rows[] = {
      {"an unknown name", "lop", "http://kubet77.vip/", "block lookalike gambling"},
      {"at CONNECT", "lop", "kubet77.vip:443", "block lookalike gambling"},
      {"a host below it", "lop", "kubet.kubet77.vip:443", "block lookalike gambling"},
      {"the piece below another's name", "lop", "kubet.ordinary.vn:443", "allow tier_default"},
      {"an ordinary name", "lop", "http://ordinary.vn/", "allow tier_default"},
      {"listed itself", "lop", "http://listed.vn/", "block category gambling"},
      {"a list's path on it", "lop", "http://path-kubet.vn/bad", "block category gambling"},
      {"an open category names it", "lop", "http://games-kubet.vn/", "allow category games"},
      {"a protecting category names it", "lop", "http://edu-kubet.vn/", "allow category edu"},
      {"an allow line", "lop", "http://allowed-kubet.vn/", "allow host_line"},
      {"a warn line", "lop", "http://warned-kubet.vn/", "warn host_line"},
      {"a block line", "lop", "http://shut-kubet.vn/", "block host_line"},
      {"a locked allow line", "lop", "http://free-kubet.vn/", "allow+locked locked_line"},
      {"schools", "lop", "http://kubet.edu.vn/", "allow tier_default"},
      {"offices", "lop", "http://a.kubet.gov.vn/", "allow tier_default"},
      {"a locked category locks no look-alike", "khoa", "http://kubet77.vip/", "block lookalike gambling"},
      {"never stricter than its category", "nhac", "http://kubet77.vip/", "warn lookalike gambling"},
      {"its category is open", "mo", "http://kubet77.vip/", "allow tier_default"},
      {"a tier that opens only what is named", "hep", "http://kubet77.vip/", "block tier_default"},
      {"an address", "lop", "http://198.51.100.7/", "allow tier_default"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      if (std::string(row.url).find("198.") != std::string::npos) {
        CHECK(asked(*world, judge, row.tier, row.url).find("lookalike") == std::string::npos);
        return;
      }
      CHECK(asked(*world, judge, row.tier, row.url) == row.want);
    }
  }
}

TEST_CASE("lookalike: what a tier chose, and what the model may", "[rules][judge][lookalike]") {
  struct Row {
    const char* name;
    Lookalikes choice;
    Size size;
    std::vector<std::string> spared;
    const char* want;
  };
  const Row rows[] = {
      {"off", Lookalikes::off, {}, {}, "allow tier_default"},
      {"record", Lookalikes::record, {}, {}, "allow+record lookalike gambling"},
      {"warn", Lookalikes::warn, {}, {}, "warn lookalike gambling"},
      {"block", Lookalikes::block, {}, {}, "block lookalike gambling"},
      {"few names of the category: recorded",
       Lookalikes::block,
       {fewest_to_act - 1, fewest_benign_to_act},
       {},
       "allow+record lookalike gambling"},
      {"few ordinary names: recorded",
       Lookalikes::warn,
       {fewest_to_act, fewest_benign_to_act - 1},
       {},
       "allow+record lookalike gambling"},
      {"called so wrongly", Lookalikes::block, {}, {"kubet77.vip"}, "allow tier_default"},
      {"another was called so wrongly", Lookalikes::block, {}, {"kubet78.vip"}, "block lookalike gambling"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const auto world = world_with(row.choice, row.size, row.spared);
      Judge judge = world->judge();
      CHECK(asked(*world, judge, "lop", "http://www.kubet77.vip/") == row.want);
    }
  }
}

TEST_CASE("lookalike: an explanation names the pieces and the threshold", "[rules][judge][lookalike]") {
  const auto world = world_with(Lookalikes::record);
  Judge judge = world->judge();
  Url url;
  REQUIRE(url.parse("http://www.kubet77.vip/").ok());
  const Explanation told = judge.explain({url, Stage::request, *world->policy->find_tier("lop"), {}, {}});
  const auto step =
      std::find_if(told.steps.begin(), told.steps.end(), [](const Step& one) { return one.wins; });
  REQUIRE(step != told.steps.end());
  CHECK(step->what.english() ==
        "category gambling: kubet77.vip looks like its names, 10.0 of 5.0 needed: kubet +10.0");
}

TEST_CASE("lookalike: overrides of a lesson lift it where its author may", "[rules][judge][lookalike]") {
  const auto world = world_with(Lookalikes::block);
  const TierId tier = *world->policy->find_tier("lop");
  const CategoryId gambling = *world->policy->find_category("gambling");
  Judge judge = world->judge();
  Override one;
  one.id = 1;
  one.tier = tier;
  one.action = Action::allow;
  one.rule.text = "kubet77.vip";
  one.end.wall_ms = 3'600'000;
  SECTION("may not") {
    judge.use(*Overrides::compile(world->policy, {one}, 7));
    CHECK(asked(*world, judge, "lop", "http://kubet77.vip/") == "block lookalike gambling");
  }
  SECTION("may") {
    one.lifts.push_back(gambling);
    judge.use(*Overrides::compile(world->policy, {one}, 7));
    CHECK(asked(*world, judge, "lop", "http://kubet77.vip/") == "allow override_line");
  }
  SECTION("the category is open") {
    one.rule.text.clear();
    one.category = gambling;
    judge.use(*Overrides::compile(world->policy, {one}, 7));
    CHECK(asked(*world, judge, "lop", "http://kubet77.vip/") == "allow tier_default");
  }
}
