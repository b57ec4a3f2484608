// What a snapshot lacks is said to people: it blocks nothing wrongly, but less than they think.
#include "config/thinness.h"

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <ctime>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

constexpr std::uint64_t public_collection = 20'000;

// A policy of three categories and two tiers as the rows say it, and lists of so many entries.
struct ThinSnapshot {
  struct List {
    CategoryId category;
    std::uint64_t entries;
    std::string path;
  };
  // Actions by tier and category.
  explicit ThinSnapshot(std::vector<std::array<Action, 3>> tiers = {{Action::block, Action::warn,
                                                                     Action::allow}},
                        bool floor = true) {
    for (const char* const id : {"gambling", "games", "learning"}) spec.categories.emplace_back().id = id;
    for (const auto& actions : tiers) {
      Tier& tier = spec.tiers.emplace_back();
      tier.id = "t" + std::to_string(spec.tiers.size());
      for (const Action action : actions) tier.effects.emplace_back().effect.action = action;
    }
    if (floor) spec.floor.emplace_back();
  }
  void add(List list) {
    snapshot.list_meanings.push_back({list.category, 0, std::nullopt});
    ListStatus& status = snapshot.list_status.emplace_back();
    status.source.name = "l" + std::to_string(snapshot.list_status.size());
    status.source.path = std::move(list.path);
    status.report.accepted = list.entries;
  }
  std::string said() {
    auto policy = Policy::compile(spec);
    REQUIRE(policy);
    snapshot.policy = std::move(*policy);
    std::string out;
    for (const Message& sentence : what_is_thin(snapshot)) out += sentence.english() + "\n";
    return out;
  }
  PolicySpec spec;
  Snapshot snapshot;
};

constexpr const char* starter_lists =
    " entries: only starter lists. More: schoolgate lists catalogue, or a public collection with a million "
    "(schoolgate lists import).\n";

TEST_CASE("nothing is thin", "[config][thinness]") {
  ThinSnapshot thin;
  thin.add({0, public_collection, "/nowhere"});
  thin.add({1, 50, "/nowhere"});
  CHECK(thin.said().empty());
}

TEST_CASE("an empty floor is said", "[config][thinness]") {
  ThinSnapshot thin({{Action::allow, Action::allow, Action::allow}}, false);
  thin.add({0, public_collection, "/nowhere"});
  CHECK(thin.said() ==
        "The sealed floor has no entries: nothing illegal is named to this machine (schoolgate floor).\n");
}

TEST_CASE("lists that are few are said, each lack once", "[config][thinness]") {
  struct Row {
    const char* name;
    std::vector<ThinSnapshot::List> lists;
    std::string want;
  };
  const Row rows[] = {
      {"no list",
       {},
       std::string("All lists together have 0") + starter_lists + "No list entries for: gambling, games.\n"},
      {"one below a collection, all together",
       {{0, public_collection - 51, ""}, {1, 50, ""}},
       std::string("All lists together have 19,999") + starter_lists},
      {"few of one category, among starter lists: the sentence on all says it",
       {{0, 49, ""}, {1, 49, ""}},
       std::string("All lists together have 98") + starter_lists},
      {"few of one category beside a collection",
       {{0, public_collection, ""}, {1, 49, ""}},
       "Fewer than 50 list entries for: games.\n"},
      {"two lists of one category count together",
       {{0, public_collection, ""}, {1, 25, ""}, {1, 25, ""}},
       ""},
      {"entries of a category that nothing restricts",
       {{2, public_collection, ""}},
       "No list entries for: gambling, games.\n"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      ThinSnapshot thin;
      for (const auto& list : row.lists) thin.add(list);
      CHECK(thin.said() == row.want);
    }
  }
}

TEST_CASE("a category matters where some tier blocks it or warns of it", "[config][thinness]") {
  ThinSnapshot thin(
      {{Action::allow, Action::help, Action::allow}, {Action::allow, Action::allow, Action::block}});
  thin.add({0, public_collection, "/nowhere"});
  CHECK(thin.said() == "No list entries for: learning.\n");
}

TEST_CASE("collections that nobody renews are said", "[config][thinness]") {
  const test::Folder folder;
  const std::time_t now = std::time(nullptr);
  constexpr std::time_t day = 86'400;
  ThinSnapshot thin;
  const auto add = [&](const char* name, std::uint64_t entries, std::time_t modified) {
    folder.write(name, "");
    const timespec times[2] = {{modified, 0}, {modified, 0}};
    REQUIRE(::utimensat(AT_FDCWD, folder.path(name).c_str(), times, 0) == 0);
    thin.add({0, entries, folder.path(name)});
  };
  add("today", public_collection, now);
  thin.add({1, 1000, folder.path("gone")});  // of now nothing is known
  CHECK(thin.said().empty());
  add("a month", 1000, now - 30 * day);
  add("by hand", 999, now - 400 * day);  // such lists do not age
  add("without a time", 1000, 0);        // as some archives are unpacked
  add("of tomorrow", 1000, now + 2 * day);
  CHECK(thin.said().empty());
  add("old", 1000, now - 31 * day);
  add("older", 1000, now - 400 * day);
  CHECK(thin.said() == "Lists older than 30 days: l7 (31 days), l8 (400 days).\n");
}

TEST_CASE("rules on search words that most searches never reach are said", "[config][thinness]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const std::string words = "rules on search words read http alone";
  const auto thin = [&] {
    const LoadResult result = folder.load();
    REQUIRE(result.snapshot != nullptr);
    std::string out;
    for (const Message& sentence : result.snapshot->thin) out += sentence.english() + "\n";
    return out;
  };
  const std::string unseen = "what is typed into chats, forms and YouTube's search within its page";
  CHECK_THAT(thin(), !Catch::Matchers::Contains(words) && !Catch::Matchers::Contains(unseen));
  folder.write("terms.yaml",
               "version: 1\ncategories: {gambling: {rules: [{id: G1, term: tài xỉu, match: any}]}}\n");
  folder.write("ca/ca.crt", "");
  folder.write("tiers.d/pupil.yaml",
               folder.read("tiers.d/pupil.yaml") + "https: {mode: inspect, reason: decided}\n");
  CHECK_THAT(thin(), Catch::Matchers::Contains("The 1 " + words) && Catch::Matchers::Contains("in: staff.") &&
                         Catch::Matchers::Contains(unseen));
}

}  // namespace
}  // namespace schoolgate
