// What `check` notes about a policy that loads: parts that do not do what their author may think.
#include <catch2/catch.hpp>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

constexpr char head[] = "version: 1\ntier: pupil\nname: Pupils\n";

std::string notes_about(const std::string& pupil, const std::string& child = {}) {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("tiers.d/pupil.yaml", head + pupil);
  if (!child.empty()) folder.write("tiers.d/z-child.yaml", "version: 1\ntier: child\nname: Child\n" + child);
  const LoadResult result = folder.load();
  REQUIRE(result.snapshot != nullptr);
  return folder.text_of(result);
}

TEST_CASE("allows that never speak are named", "[config][notes]") {
  CHECK(
      notes_about("default: block\ncategories: {gambling: block, games: warn, learning: allow}\n") ==
      R"(tiers.d/pupil.yaml:5:31: note SG1216: this never speaks, for the default is block and open_categories does not name it: games: warn, learning: allow
    categories: {gambling: block, games: warn, learning: allow}
                                  ^~~~~
    hint: add the category to open_categories, or write block
)");
  CHECK(
      notes_about(
          "default: block\nopen_categories: [learning]\n"
          "categories: {gambling: block, games: block, learning: allow}\n"
          "timetable:\n  - {when: \"T7 08:00-09:00\", categories: [games, learning], action: warn}\n") ==
      R"(tiers.d/pupil.yaml:8:5: note SG1216: this never speaks, for the default is block and open_categories does not name it: games: warn
      - {when: "T7 08:00-09:00", categories: [games, learning], action: warn}
        ^
    hint: add the category to open_categories, or write block
)");
  CHECK(notes_about("default: allow\ncategories: {gambling: block, games: warn, learning: allow}\n") == "");
  // What a parent says is the parent's matter; of the child's own words those that are open speak.
  CHECK(notes_about(
            "default: allow\ncategories: {gambling: block, games: warn, learning: allow}\n",
            "extends: pupil\ndefault: block\nopen_categories: [games]\ncategories: {games: allow}\n") == "");
}

TEST_CASE("a line says whether it lifts rules on search words", "[config][notes]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("tiers.d/pupil.yaml", head + std::string(R"(default: allow
categories: {gambling: block, games: warn, learning: allow}
allow:
  - {domain: a.test, terms: off}
  - {domain: b.test, terms: on}
  - c.test
)"));
  const LoadResult result = folder.load();
  REQUIRE(result.snapshot != nullptr);
  const auto& lines = result.snapshot->policy->spec().tier_lines;
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].lifts_words);
  CHECK_FALSE(lines[1].lifts_words);
  CHECK_FALSE(lines[2].lifts_words);
  folder.write("tiers.d/pupil.yaml", head + std::string(R"(default: allow
categories: {gambling: block, games: warn, learning: allow}
warn: [{domain: a.test, terms: off}]
)"));
  CHECK(folder.load().snapshot == nullptr);  // only an allow can lift
}

}  // namespace
}  // namespace schoolgate
