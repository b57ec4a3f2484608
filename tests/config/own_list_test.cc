// The school's own lists: what a review writes, and that it is a configuration that loads.
#include "config/own_list.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

constexpr std::int64_t march_4 = 1'772'600'000;  // 2026-03-04 in Việt Nam too

std::string main_file(const test::Folder& folder) {
  return folder.path("schoolgate.yaml");
}

Reviewed review(const test::Folder& folder, const std::string& host, const std::string& category) {
  const auto done = review_site(main_file(folder), host, category, "uid 0 (root)", march_4);
  if (!done) FAIL(done.error().message);
  return *done;
}

// "x.github.io games"
std::vector<std::string> reviews(const test::Folder& folder) {
  std::vector<std::string> out;
  for (const Review& one : read_reviews(main_file(folder))) out.push_back(one.site + " " + one.category);
  return out;
}

using Texts = std::vector<std::string>;

TEST_CASE("own list: a review is a list that decides", "[config][own]") {
  const test::Folder folder;
  test::write_small_school(folder);
  std::filesystem::create_directories(folder.path("lists.d"));
  CHECK(reviews(folder).empty());
  CHECK(review(folder, "www.X.github.io", "games").site == "x.github.io");
  CHECK(review(folder, "y.github.io", "ok").new_list == false);
  CHECK(reviews(folder) == Texts{"x.github.io games", "y.github.io ok"});
  CHECK(read_reviews(main_file(folder)).front().note == "2026-03-04 uid 0 (root)");

  const LoadResult loaded = folder.load();
  INFO(folder.text_of(loaded));
  REQUIRE(loaded.snapshot != nullptr);
  const auto judge = loaded.snapshot->make_judge();
  const auto action = [&](const char* address) {
    Url url;
    REQUIRE(url.parse(address).ok());
    return judge->evaluate({url, Stage::request, *loaded.snapshot->policy->find_tier("pupil"), {}, {}})
        .action;
  };
  CHECK(action("http://x.github.io/") == Action::warn);
  CHECK(action("http://www.x.github.io/") == Action::warn);
  CHECK(action("http://y.github.io/") == Action::allow);
  CHECK(action("http://github.io/") == Action::allow);
}

TEST_CASE("own list: a site is in one category; what a person wrote stays", "[config][own]") {
  const test::Folder folder;
  test::write_small_school(folder);
  review(folder, "a.vn", "games");
  folder.write("lists/own/games.txt", folder.read("lists/own/games.txt") + "hand.vn\n");
  const Reviewed moved = review(folder, "a.vn", "gambling");
  CHECK(moved.new_list);
  CHECK_FALSE(moved.gone_list);
  CHECK(reviews(folder) == Texts{"a.vn gambling", "hand.vn games"});
  CHECK(review(folder, "hand.vn", "ok").gone_list);
  CHECK(reviews(folder) == Texts{"a.vn gambling", "hand.vn ok"});
  CHECK_FALSE(std::filesystem::exists(folder.path("lists/own/games.txt")));
  CHECK(folder.load().snapshot != nullptr);
}

TEST_CASE("own list: what cannot be reviewed", "[config][own]") {
  const test::Folder folder;
  test::write_small_school(folder);
  struct Row {
    const char *host, *category, *says;
  };
  const Row rows[] = {
      {"github.io", "games", "\"github.io\" is the ending of many sites: name one of them"},
      {"com.vn", "games", "\"com.vn\" is the ending of many sites: name one of them"},
      {"a b", "games", "\"a b\" is not the name of a site"},
      {"lan", "games", "\"lan\" is not the name of a site"},
      {"10.1.2.3", "games", "\"10.1.2.3\" is not the name of a site"},
      {"a.vn", "gmaes", "unknown category \"gmaes\"; did you mean \"games\"?"},
      {"a.vn", "../games", "unknown category"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.host << " " << row.category) {
      const auto done = review_site(main_file(folder), row.host, row.category, "uid 0", march_4);
      REQUIRE_FALSE(done);
      CHECK_THAT(done.error().message.english(), Catch::Matchers::StartsWith(row.says));
      CHECK(reviews(folder).empty());
    }
  folder.write("lists.d/own.yaml", "version: 1\nlists: []\n");
  const auto done = review_site(main_file(folder), "a.vn", "games", "uid 0", march_4);
  REQUIRE_FALSE(done);
  CHECK_THAT(done.error().message.english(), Catch::Matchers::Contains("is not of this program"));
  CHECK(folder.read("lists.d/own.yaml") == "version: 1\nlists: []\n");
}

}  // namespace
}  // namespace schoolgate
