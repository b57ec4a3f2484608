// What ships must load without an error or a warning, and its own tests must pass.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "config/snapshot.h"

namespace schoolgate {
namespace {

const std::string defaults = std::string(SCHOOLGATE_SOURCE_DIR) + "/config/defaults/";

LoadResult load(const std::string& file) {
  LoadOptions options;
  options.use_cache = false;
  return load_snapshot(defaults + file, options);
}

TEST_CASE("the shipped configurations load without a word", "[config][defaults]") {
  for (const char* file : {"schoolgate.yaml", "quickstart.yaml"}) {
    DYNAMIC_SECTION(file) {
      const LoadResult result = load(file);
      CHECK(render(result.diagnostics, result.texts, false) == "");
      REQUIRE(result.snapshot != nullptr);
      CHECK(result.snapshot->counts.tiers == 6);
      CHECK(result.snapshot->counts.categories == 49);
      CHECK(result.snapshot->counts.policy_tests >= 20);
      CHECK(result.snapshot->policy->tiers()[result.snapshot->policy->spec().unknown_tier].id == "tieu_hoc");
    }
  }
}

TEST_CASE("the quickstart answers as its page says", "[config][defaults]") {
  const LoadResult result = load("quickstart.yaml");
  REQUIRE(result.snapshot != nullptr);
  const Snapshot& snapshot = *result.snapshot;
  const TierId tier = snapshot.policy->tier_of(*IpAddress::parse("127.0.0.1"));
  CHECK(snapshot.policy->tiers()[tier].id == "thcs");
  const auto judge = snapshot.make_judge();
  struct Row {
    const char *url, *category, *place;
    Action action;
  };
  const Row rows[] = {
      {"http://gambling.schoolgate.test/", "gambling", "lists/gambling.txt:5", Action::block},
      {"http://nohu88-taixiu.example/", "gambling", "lists/gambling-names.txt:5", Action::block},
      {"http://adult.schoolgate.test/", "adult", "lists/adult.txt:5", Action::block},
      {"http://ai.schoolgate.test/", "ai", "lists/ai.txt:5", Action::warn},
      {"http://self-harm.schoolgate.test/", "self_harm", "lists/self_harm.txt:3", Action::help},
      {"http://locked.schoolgate.test/", "", "locked.yaml:22", Action::block},
      {"http://vi.wikipedia.org/wiki/Ai", "education", "lists/education.txt:6", Action::allow},
      {"http://example.com/", "", "tiers.d/30-thcs.yaml:12", Action::allow},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.url) {
      Url url;
      REQUIRE_FALSE(url.parse(row.url));
      const Verdict verdict = judge->evaluate({url, Stage::request, tier, LocalTime{}, {}});
      CHECK(verdict.action == row.action);
      CHECK(snapshot.place(verdict.rule) == row.place);
      const std::string category =
          verdict.category == no_category ? "" : snapshot.policy->categories()[verdict.category].id;
      CHECK(category == row.category);
    }
  }
}

TEST_CASE("what is thin in the starter set is said", "[config][defaults]") {
  const LoadResult result = load("quickstart.yaml");
  REQUIRE(result.snapshot != nullptr);
  std::string all;
  for (const std::string& sentence : result.snapshot->thin) all += sentence + "\n";
  CHECK(all.find("The sealed floor has no entries") != std::string::npos);
  CHECK(all.find("only starter lists") != std::string::npos);
  CHECK(all.find("No list entries for: csam") != std::string::npos);
}

}  // namespace
}  // namespace schoolgate
