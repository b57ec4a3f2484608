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

TEST_CASE("rows of a timetable that overlap and differ are noted", "[config][notes]") {
  const std::string tier =
      "default: allow\ncategories: {gambling: block, games: warn, learning: allow}\ntimetable:\n";
  CHECK(
      notes_about(tier + R"(  - {when: "T2-T6 07:00-11:30", categories: [games, learning], action: block}
  - {when: "T2 11:00-13:00", categories: [games], action: allow}
)") ==
      R"(tiers.d/pupil.yaml:8: note SG3004: this row and the one at tiers.d/pupil.yaml:7 hold at the same time and differ about games (allow here, block there): the stricter counts
      - {when: "T2 11:00-13:00", categories: [games], action: allow}
    hint: an exception lies wholly within the times of its rule, and then wins
)");
  for (const char* row : {
           R"(  - {when: "T2 08:00-09:00", categories: [games], action: allow})",     // an exception
           R"(  - {when: "T2 11:30-13:00", categories: [games], action: allow})",     // afterwards
           R"(  - {when: "T2 11:00-13:00", categories: [gambling], action: allow})",  // of another
           R"(  - {when: "T2 11:00-13:00", categories: [games], action: block})",     // says the same
       }) {
    INFO(row);
    CHECK(notes_about(tier +
                      "  - {when: \"T2-T6 07:00-11:30\", categories: [games, learning], action: block}\n" +
                      row + "\n") == "");
  }
  // The child's row beats the parent's: no question is open.
  CHECK(notes_about(tier + "  - {when: \"T2-T6 07:00-11:30\", categories: [games], action: block}\n",
                    "extends: pupil\ntimetable:\n  - {when: \"T2 11:00-13:00\", categories: [games], action: "
                    "allow}\n") == "");
}

TEST_CASE("a child's line that leaves a part of its site to the parent's is noted", "[config][notes]") {
  const std::string tier =
      "default: allow\ncategories: {gambling: block, games: warn, learning: allow}\n"
      "allow: [a.x.test, z.test]\nwarn: [w.v.test]\n";
  CHECK(
      notes_about(tier, "extends: pupil\nblock:\n  - x.test\n  - z.test\n") ==
      R"(tiers.d/z-child.yaml:6:5: note SG3005: `block: x.test` does not reach a.x.test: tier "pupil", which this one extends, says allow there (tiers.d/pupil.yaml:6), and the more specific line wins
      - x.test
        ^~~~~~
    hint: if it is meant, write `block: a.x.test` too
)");
  const auto noted = [&](const std::string& child) {
    const std::string with_path = std::string(tier).replace(tier.find("a.x.test"), 0, "y.test/b, ");
    const std::string text = notes_about(with_path, "extends: pupil\n" + child);
    return text.find("SG3005") != std::string::npos;
  };
  CHECK(noted("block: [y.test]\n"));
  CHECK(noted("warn: [y.test]\n"));
  CHECK(noted("block: [v.test]\n"));
  CHECK_FALSE(noted("warn: [v.test]\n"));
  CHECK_FALSE(noted("allow: [x.test]\n"));
  CHECK_FALSE(noted("block: [x.test, a.x.test]\n"));
  CHECK_FALSE(noted("block: [xx.test, a.a.x.test, y.test/b/c]\n"));
}

TEST_CASE("ports of plain http are read", "[config][notes]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const std::string tier = "default: allow\ncategories: {gambling: block, games: warn, learning: allow}\n";
  folder.write("tiers.d/pupil.yaml", head + tier + "tunnel: {http_ports: [80, 8000-8999, \"25\"]}\n");
  const LoadResult result = folder.load();
  REQUIRE(result.snapshot != nullptr);
  const auto& ports = result.snapshot->policy->tiers()[0].tunnel.http_ports;
  REQUIRE(ports.size() == 3);
  CHECK(ports[0].first == 80);
  CHECK(ports[0].last == 80);
  CHECK(ports[1].first == 8000);
  CHECK(ports[1].last == 8999);
  CHECK(ports[2].last == 25);
  for (const char* wrong : {"0", "65536", "80-", "-80", "90-80", "a", "80-90-100", "\"80 90\""}) {
    INFO(wrong);
    folder.write("tiers.d/pupil.yaml", head + tier + "tunnel: {http_ports: [" + wrong + "]}\n");
    const LoadResult bad = folder.load();
    CHECK(bad.snapshot == nullptr);
    CHECK(folder.text_of(bad).find("SG1105") != std::string::npos);
  }
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
