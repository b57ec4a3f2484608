#include "rules/lookalike/trainer.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/made_names.h"

using namespace schoolgate;
using schoolgate::testing::MadeNames;

namespace {

using Names = std::vector<std::string>;

LookalikeTrainer::Trained trained(const Names& betting, const Names& ordinary, const Names& wrong = {}) {
  LookalikeTrainer trainer;
  const std::size_t category = trainer.add_category("gambling");
  for (const std::string& name : betting) trainer.add(category, name);
  for (const std::string& name : ordinary) trainer.add_benign(name);
  for (const std::string& name : wrong) trainer.add_wrong(name);
  return trainer.train({}, {});
}

bool looks_alike(const LookalikeModel& model, std::string_view host) {
  const std::string_view name = lookalike_name(host);
  return !name.empty() && model.score(NamePieces(name)) >= model.threshold && !model.spares(name);
}

std::size_t alarms(const LookalikeModel& model, const Names& hosts) {
  return static_cast<std::size_t>(std::count_if(
      hosts.begin(), hosts.end(), [&](const std::string& host) { return looks_alike(model, host); }));
}

Names well_known() {
  Names hosts;
  std::ifstream in(SCHOOLGATE_SOURCE_DIR "/tests/rules/data/benign_vietnam.txt");
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line.front() != '#') hosts.push_back(line);
  return hosts;
}

}  // namespace

TEST_CASE("lookalike: what is learned is seen in other names", "[rules][lookalike]") {
  const Names betting = MadeNames(1).betting(24'000), ordinary = MadeNames(2).ordinary(52'000);
  const Names known(betting.begin(), betting.begin() + 22'000),
      unseen(betting.begin() + 22'000, betting.end());
  const auto made = trained(known, ordinary);
  REQUIRE(made.counts.size() == 1);
  CHECK(made.counts[0].positives == 22'000);
  CHECK(made.bytes.size() < 256 * 1024);
  const auto models = LookalikeModels::open(made.bytes);
  REQUIRE(models);
  REQUIRE(models->all().size() == 1);
  const LookalikeModel& model = models->all()[0];
  CHECK(model.category == "gambling");
  CHECK(model.may_act());
  CHECK(alarms(model, unseen) > unseen.size() * 7 / 10);
  CHECK(alarms(model, MadeNames(3).ordinary(20'000)) <= 2);
  CHECK(looks_alike(model, "www.m.kubet7788.vip"));
  CHECK_FALSE(looks_alike(model, "kubet7788.edu.vn"));
  CHECK_FALSE(looks_alike(model, "kubet7788.gov.vn"));
  const auto spoken = loudest_pieces(model, "kubet7788.vip", 3);
  REQUIRE(spoken.size() == 3);
  CHECK(spoken[0].weight >= spoken[1].weight);

  SECTION("well-known Vietnamese sites never alarm") {
    const Names hosts = well_known();
    CHECK(hosts.size() >= 500);
    for (const std::string& host : hosts) {
      INFO(host);
      CHECK_FALSE(looks_alike(model, host));
    }
  }
}

TEST_CASE("lookalike: the same names make the same bytes, in any order", "[rules][lookalike]") {
  Names betting = MadeNames(1).betting(2'500), ordinary = MadeNames(2).ordinary(6'000);
  const Bytes first = trained(betting, ordinary).bytes;
  std::reverse(betting.begin(), betting.end());
  std::reverse(ordinary.begin(), ordinary.end());
  ordinary.push_back(ordinary.front());  // a second list may name it too
  CHECK(trained(betting, ordinary).bytes == first);
  betting.pop_back();
  CHECK(trained(betting, ordinary).bytes != first);
}

TEST_CASE("lookalike: a person's word stands", "[rules][lookalike]") {
  const Names betting = MadeNames(1).betting(2'500), ordinary = MadeNames(2).ordinary(6'000);
  const auto before = trained(betting, ordinary), after = trained(betting, ordinary, {"www.kubet7788.vip"});
  const auto trusting = LookalikeModels::open(before.bytes), told = LookalikeModels::open(after.bytes);
  REQUIRE(trusting);
  REQUIRE(told);
  CHECK(looks_alike(trusting->all()[0], "kubet7788.vip"));
  CHECK_FALSE(looks_alike(told->all()[0], "kubet7788.vip"));
  CHECK_FALSE(looks_alike(told->all()[0], "m.kubet7788.vip"));
  const Names others = MadeNames(4).betting(1'000);
  CHECK(alarms(told->all()[0], others) > others.size() / 2);
}

TEST_CASE("lookalike: too few names teach nothing, few may not act", "[rules][lookalike]") {
  const Names betting = MadeNames(1).betting(2'500), ordinary = MadeNames(2).ordinary(6'000);
  struct Row {
    const char* name;
    std::size_t betting, ordinary;
    bool learned;
  };
  const Row rows[] = {
      {"enough for a record", 2'500, 6'000, true},
      {"few of the category", 1'000, 6'000, false},
      {"few ordinary ones", 2'500, 3'000, false},
      {"none", 0, 0, false},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const auto end = [](const Names& all, std::size_t n) {
        return Names(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n));
      };
      const auto made = trained(end(betting, row.betting), end(ordinary, row.ordinary));
      const auto models = LookalikeModels::open(made.bytes);
      REQUIRE(models);
      CHECK(models->empty() != row.learned);
      if (row.learned) CHECK_FALSE(models->all()[0].may_act());
      CHECK(made.counts[0].enough() == row.learned);
    }
  }
}

TEST_CASE("lookalike: hosts below a name teach nothing, listed names are no ordinary ones",
          "[rules][lookalike]") {
  LookalikeTrainer trainer;
  const std::size_t category = trainer.add_category("gambling");
  trainer.add(category, "foo.blogspot.com");
  trainer.add(category, "www.bet88.vip");
  trainer.add(category, "casinoworld1.com");
  trainer.add_benign("bet88.vip");         // the same
  trainer.add_benign("casino-world.org");  // its sibling
  trainer.add_benign("shop.sach-viet.vn");
  const auto made = trainer.train({}, {});
  REQUIRE(made.counts.size() == 1);
  CHECK(made.counts[0].positives == 2);
  CHECK(made.counts[0].negatives == 1);
}

TEST_CASE("lookalike: bytes that are no models are refused", "[rules][lookalike]") {
  const Bytes good = trained(MadeNames(1).betting(2'500), MadeNames(2).ordinary(6'000)).bytes;
  REQUIRE(LookalikeModels::open(good));
  CHECK(LookalikeModels::open({})->empty());
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{31}, std::size_t{33}, std::size_t{60}, good.size() - 1})
    CHECK_FALSE(LookalikeModels::open(std::span(good).first(size)));
  Bytes longer = good;
  longer.push_back(std::byte{0});
  CHECK_FALSE(LookalikeModels::open(longer));
  Bytes many = good;
  many[32] = std::byte{100};  // how many models
  CHECK_FALSE(LookalikeModels::open(many));
}
