#include "config/list_lifts.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <sstream>
#include <vector>

#include "config/list_import.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

std::string said(const std::vector<Lifts>& all) {
  std::string out;
  for (const Lifts& one : all) out += message_of(one).english() + "\n";
  return out;
}

TEST_CASE("what protecting lists lift is counted", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("lists/bets.txt", "edu.test\n");  // locked in every tier: nothing lifts it
  folder.write("lists/fun.txt", "games.test\nplay.school.test\nschool.test\nb.test\n");
  folder.write("lists.d/good.yaml",
               "version: 1\nlists:\n"
               "  - {name: good, category: learning, format: domains, path: lists/good.txt}\n"
               "  - {name: fine, category: learning, format: adblock, path: lists/fine.txt}\n");
  folder.write("lists/good.txt", "school.test\nx.a.b.test\nedu.test\n");
  folder.write("lists/fine.txt", "||other.test^\n@@||games.test^\n");
  const LoadResult result = folder.load();
  REQUIRE(result.snapshot != nullptr);
  // play.school.test is more specific than the entry above it, and stays blocked.
  CHECK(said(count_lifts(*result.snapshot)) == "good lifts 2 entries of other lists, such as school.test\n");
}

bool is_or_is_below_name(const std::string& host, const std::string& name) {
  return host == name || host.ends_with("." + name);
}

// Lists of few names, so that they meet; each line of a list once.
std::string random_list(std::mt19937& random) {
  const std::string labels[] = {"a", "b", "c"};
  std::set<std::string> names;
  for (std::size_t count = 1 + random() % 6; count > 0; --count) {
    std::string name = labels[random() % 3] + ".test";
    for (std::size_t depth = random() % 3; depth > 0; --depth) name = labels[random() % 3] + "." + name;
    names.insert(random() % 12 == 0 ? "192.0.2." + std::to_string(random() % 3) : name);
  }
  std::vector<std::string> lines(names.begin(), names.end());
  std::shuffle(lines.begin(), lines.end(), random);
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

// Line by line, of the texts alone.
std::string lifted_slowly(const std::string& name, const std::string& protecting,
                          const std::vector<std::string>& blocking) {
  std::string first;
  std::uint64_t count = 0;
  for (const std::string& text : blocking) {
    std::istringstream lines(text);
    for (std::string entry; lines >> entry;) {
      std::istringstream hosts(protecting);
      bool lifted = false;
      for (std::string host; hosts >> host;) lifted |= is_or_is_below_name(host, entry);
      if (lifted && count++ == 0) first = entry;
    }
  }
  return count == 0 ? "" : message_of({name, count, first}).english() + "\n";
}

TEST_CASE("what is lifted is what asking every entry about every other finds", "[config][lists]") {
  std::mt19937 random(14);
  std::size_t lifting = 0;
  for (int round = 0; round < 60; ++round) {
    const test::Folder folder;
    test::write_small_school(folder);
    const std::string good = random_list(random), fine = random_list(random);
    const std::string fun = random_list(random), more = random_list(random);
    folder.write("lists/good.txt", good);
    folder.write("lists/fine.txt", fine);
    folder.write("lists/fun.txt", fun);
    folder.write("lists/more.txt", more);
    folder.write("lists.d/good.yaml",
                 "version: 1\nlists:\n"
                 "  - {name: good, category: learning, format: domains, path: lists/good.txt}\n"
                 "  - {name: fine, category: learning, format: domains, path: lists/fine.txt}\n"
                 "  - {name: more, category: games, format: domains, path: lists/more.txt}\n");
    const LoadResult result = folder.load();
    REQUIRE(result.snapshot != nullptr);
    INFO(good << "--\n" << fine << "--\n" << fun << "--\n" << more);
    const std::string want =
        lifted_slowly("good", good, {fun, more}) + lifted_slowly("fine", fine, {fun, more});
    CHECK(said(count_lifts(*result.snapshot)) == want);
    lifting += want.empty() ? 0 : 1;
  }
  CHECK(lifting > 20);
}

TEST_CASE("an import counts what it lifts, and what lifts it", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  std::string catalogue = folder.read("categories.yaml");
  catalogue.replace(catalogue.find("kind: protecting"), 16, "kind: protecting, folders: [whitelist]");
  folder.write("categories.yaml", catalogue);
  folder.write(
      "lists.d/good.yaml",
      "version: 1\nlists:\n  - {name: good, category: learning, format: domains, path: lists/good.txt}\n");
  folder.write("lists/good.txt", "play.test\n");
  folder.write("ut1/games/domains", "play.test\nm.play.test\nmini.test\n");
  folder.write("ut1/whitelist/domains", "www.mini.test\ngames.test\n");
  const auto plan = plan_import(folder.path("schoolgate.yaml"), folder.path("ut1"), "ut1");
  REQUIRE(plan);
  CHECK(said(plan->lifts) ==
        "good lifts 1 entry of other lists, such as play.test\n"
        "ut1/whitelist lifts 2 entries of other lists, such as games.test\n");
}

}  // namespace
}  // namespace schoolgate
