// What the names in lists teach: when they are learned, kept and learned anew, and what a school says of
// them.
#include "config/lists/list_names.h"

#include <catch2/catch.hpp>

#include "config/text/diag_codes.h"
#include "tests/config/support.h"
#include "tests/support/made_names.h"

namespace schoolgate {
namespace {

using test::has;
using test::verdict;
using testing::MadeNames;

std::string lines(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += name + "\n";
  return out;
}

// Gambling is learned against "learning"; pupils' look-alikes are blocked where names suffice, else recorded.
void write_learning_school(const test::Folder& folder, std::size_t betting = 2'500,
                           std::size_t ordinary = 6'000) {
  test::write_small_school(folder);
  folder.write("categories.yaml", R"(version: 1
categories:
  gambling: {name: Gambling, reason: No., names: lookalikes}
  games: {name: Games, reason: Later.}
  learning: {name: Learning, reason: Open., kind: protecting, names: benign}
)");
  std::string main = folder.read("schoolgate.yaml");
  main.insert(main.find("state_directory"),
              "  - {name: good, category: learning, format: domains, path: lists/good.txt}\n");
  folder.write("schoolgate.yaml", main);
  folder.write("tiers.d/pupil.yaml", folder.read("tiers.d/pupil.yaml") + "lookalikes: block\n");
  folder.write("lists/bets.txt", lines(MadeNames(1).betting(betting)));
  folder.write("lists/good.txt", lines(MadeNames(2).ordinary(ordinary)));
}

const LookalikeModel* model_of(const LoadResult& result) {
  REQUIRE(result.snapshot != nullptr);
  const auto models = result.snapshot->lists->lookalikes().all();
  return models.empty() ? nullptr : &models[0];
}

// In the tier of pupils: the reason and the flags.
std::string asked(const LoadResult& result, const std::string& address) {
  const Snapshot& snapshot = *result.snapshot;
  Url url;
  REQUIRE(url.parse(address).ok());
  const Verdict verdict =
      snapshot.make_judge()->evaluate({url, Stage::request, *snapshot.policy->find_tier("pupil"), {}, {}});
  return to_string(Effect{verdict.action, verdict.flags}) + " " + std::string(to_string(verdict.reason));
}

TEST_CASE("names of lists are learned, recorded where they are few, and kept", "[config][lists][lookalike]") {
  const test::Folder folder;
  write_learning_school(folder);
  LoadOptions options;
  std::vector<std::string> steps;
  double last = 0;
  bool grows = true;
  options.progress = [&](const Message& what, double done) {
    steps.push_back(what.english());
    grows = grows && done >= last;
    last = done;
  };
  const LoadResult cold = folder.load(options);
  INFO(folder.text_of(cold));
  REQUIRE(model_of(cold) != nullptr);
  CHECK(model_of(cold)->positives == 2'500);
  CHECK(std::count(steps.begin(), steps.end(), "learning from names") > 2);
  CHECK(grows);
  // "block" needs more names: it is recorded, and said.
  CHECK(asked(cold, "http://kubetnohu79.vip/") == "allow+record lookalike");
  CHECK(asked(cold, "http://sachhoc.vn/") == "allow tier_default");
  CHECK(has(cold, diag::lookalikes_act_not, Severity::warning));
  CHECK(folder.text_of(cold).find("tiers.d/pupil.yaml:6") != std::string::npos);

  steps.clear();
  last = 0;
  const LoadResult warm = folder.load(options);
  REQUIRE(model_of(warm) != nullptr);
  CHECK(std::count(steps.begin(), steps.end(), "learning from names") == 0);
  CHECK(asked(warm, "http://kubetnohu79.vip/") == "allow+record lookalike");

  SECTION("another list compiles anew and learns nothing anew") {
    folder.write("lists/fun.txt", "games.test\nmore.test\n");
    const LoadResult after = folder.load(options);
    REQUIRE(model_of(after) != nullptr);
    CHECK(std::count(steps.begin(), steps.end(), "compiling") == 1);
    CHECK(std::count(steps.begin(), steps.end(), "learning from names") == 0);
    CHECK(asked(after, "http://kubetnohu79.vip/") == "allow+record lookalike");
  }
  SECTION("a list that is learned from is learned anew") {
    folder.write("lists/bets.txt", lines(MadeNames(1).betting(2'600)));
    const LoadResult after = folder.load(options);
    REQUIRE(model_of(after) != nullptr);
    CHECK(std::count(steps.begin(), steps.end(), "learning from names") > 0);
    CHECK(model_of(after)->positives == 2'600);
  }
  SECTION("a person says that one is called so wrongly") {
    folder.write("lookalikes_wrong.txt",
                 "# not a site of bets\nwww.kubetnohu79.vip  # the club of anglers\n\nno host\n");
    const LoadResult after = folder.load(options);
    INFO(folder.text_of(after));
    REQUIRE(after.snapshot != nullptr);
    CHECK(asked(after, "http://kubetnohu79.vip/") == "allow tier_default");
    CHECK(folder.text_of(after).find("lookalikes_wrong.txt:4") != std::string::npos);
  }
  SECTION("that file cannot be read") {
    std::filesystem::create_directories(folder.path("lookalikes_wrong.txt"));
    const LoadResult after = folder.load(options);
    CHECK(after.snapshot == nullptr);
    CHECK(has(after, diag::list_unreadable));
  }
}

TEST_CASE("what is learned anew waits where it would judge many hosts of last week otherwise",
          "[config][lists][lookalike]") {
  const test::Folder folder;
  write_learning_school(folder);
  LoadOptions options;
  std::vector<std::string> asked_for = MadeNames(5).betting(60);
  std::string log_folder;
  options.hosts_of_last_week = [&](const std::string& directory) {
    log_folder = directory;
    return asked_for;
  };
  REQUIRE(model_of(folder.load(options)) != nullptr);
  CHECK(log_folder.empty());  // there was nothing before

  std::string others;
  for (int i = 0; i < 2'500; ++i) others += "zebra" + std::to_string(i) + "giraffe.zoo\n";
  folder.write("lists/bets.txt", others);
  SECTION("until a person accepts it") {
    folder.write("lookalikes_wrong.txt", "kubetcasino79.vip\n");
    for (const char* const when : {"learned", "kept"}) {
      INFO(when);
      const LoadResult waiting = folder.load(options);
      INFO(folder.text_of(waiting));
      REQUIRE(waiting.snapshot != nullptr);
      CHECK(has(waiting, diag::lookalikes_waiting, Severity::warning));
      CHECK(asked(waiting, "http://kubetnohu79.vip/") == "allow+record lookalike");
      CHECK(asked(waiting, "http://zebra9999giraffe.zoo/") == "allow tier_default");
      CHECK(asked(waiting, "http://kubetcasino79.vip/") ==
            "allow tier_default");  // a person's word holds at once
    }
    CHECK(log_folder == folder.path("log"));
    options.accept_shrunk = true;
    const LoadResult taken = folder.load(options);
    CHECK_FALSE(has(taken, diag::lookalikes_waiting, Severity::warning));
    CHECK(asked(taken, "http://kubetnohu79.vip/") == "allow tier_default");
    CHECK(asked(taken, "http://zebra9999giraffe.zoo/") == "allow+record lookalike");
  }
  SECTION("few hosts change") {
    asked_for.resize(20);
    const LoadResult after = folder.load(options);
    CHECK_FALSE(has(after, diag::lookalikes_waiting, Severity::warning));
    CHECK(asked(after, "http://zebra9999giraffe.zoo/") == "allow+record lookalike");
  }
}

TEST_CASE("few names teach nothing, and it is said", "[config][lists][lookalike]") {
  const test::Folder folder;
  write_learning_school(folder, 1'000);
  const LoadResult result = folder.load();
  REQUIRE(result.snapshot != nullptr);
  CHECK(model_of(result) == nullptr);
  CHECK(asked(result, "http://kubetnohu79.vip/") == "allow tier_default");
  CHECK(has(result, diag::lookalikes_act_not, Severity::warning));
  const auto& thin = result.snapshot->thin;
  CHECK(std::count_if(thin.begin(), thin.end(), [](const Message& one) {
          return one.english().find("Too few names to learn look-alikes from, of: gambling") == 0;
        }) == 1);
}

TEST_CASE("many names let a tier block", "[config][lists][lookalike]") {
  const test::Folder folder;
  write_learning_school(folder, 21'000, 52'000);
  const LoadResult result = folder.load();
  INFO(folder.text_of(result));
  REQUIRE(model_of(result) != nullptr);
  CHECK(model_of(result)->may_act());
  CHECK_FALSE(has(result, diag::lookalikes_act_not, Severity::warning));
  CHECK(asked(result, "http://kubetnohu7988.vip/") == "block lookalike");
}

TEST_CASE("lookalikes of a tier that blocks by default say nothing", "[config][lists][lookalike]") {
  const test::Folder folder;
  test::write_small_school(folder);
  std::string tier = folder.read("tiers.d/pupil.yaml");
  folder.write("tiers.d/pupil.yaml",
               tier.replace(tier.find("default: allow"), 14, "default: block") + "lookalikes: record\n");
  CHECK(has(folder.load(), diag::open_without_use, Severity::warning));
}

}  // namespace
}  // namespace schoolgate
