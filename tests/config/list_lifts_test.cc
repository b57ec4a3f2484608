#include "config/list_lifts.h"

#include <catch2/catch.hpp>

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
