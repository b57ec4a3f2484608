// The tests that tier files carry, asked of the very judge that will judge requests; and the places of what
// contradicts.
#include "config/policy_checks.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

// What is told of the small school with `more` in the tier of pupils, from line 6 on.
std::string checks_say(const std::string& more, const std::string& locked = {}) {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("tiers.d/pupil.yaml", folder.read("tiers.d/pupil.yaml") + more);
  folder.write(
      "tiers.d/z-child.yaml",
      "version: 1\ntier: child\nname: C\nextends: pupil\ncategories: {games: block}\nblock: [c.test]\n");
  if (!locked.empty()) folder.write("locked.yaml", "version: 1\n" + locked);
  const LoadResult result = folder.load();
  CHECK((result.snapshot != nullptr) == !has_errors(result.diagnostics));
  return folder.without_path(test::told(result.diagnostics, folder.path("tiers.d/pupil.yaml")));
}

TEST_CASE("a test of a tier passes when the judge says so", "[config][policy_checks]") {
  struct Row {
    const char *name, *test, *tells;
  };
  const Row rows[] = {
      {"a list", "{url: 'http://www.bet.test/x', expect: block}", ""},
      {"a category that warns", "{url: 'https://games.test/', expect: warn}", ""},
      {"the default", "{url: 'http://other.test/', expect: allow}", ""},
      {"as people type it", "{url: 'http://GAMES.test/Trò chơi', expect: warn}", ""},
      {"a line", "{url: 'http://own.test/', expect: block}", ""},
      {"inside the timetable", "{url: 'http://games.test/', expect: block, at: T3 07:00}", ""},
      {"as it ends", "{url: 'http://games.test/', expect: warn, at: T3 08:00}", ""},
      {"a test without a time is one of Monday at midnight", "{url: 'http://games.test/', expect: block}",
       "8:16: error SG1304: this test wants block, and the policy says warn (lists/fun.txt:1)"},
      {"milder than expected", "{url: 'http://games.test/', expect: block, at: T3 06:59}",
       "8:16: error SG1304: this test wants block, and the policy says warn (lists/fun.txt:1)"},
      {"stricter than expected", "{url: 'http://own.test/', expect: allow}",
       "8:16: error SG1304: this test wants allow, and the policy says block (tiers.d/pupil.yaml:6)"},
      {"another tier's line does not count", "{url: 'http://c.test/', expect: block}",
       "8:16: error SG1304: this test wants block, and the policy says allow (tiers.d/pupil.yaml:4)"},
      {"no address", "{url: own.test, expect: block}", "8:16: error SG1304: \"own.test\" is not a URL"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      CHECK_THAT(checks_say("block: [own.test]\n"
                            "timetable: [{when: T3 07:00-08:00, categories: [games], action: block}]\n"
                            "tests: [ {url: " +
                            std::string(row.test).substr(6) + "]\n"),
                 test::Tells(row.tells));
    }
  }
}

TEST_CASE("a line that a lock defeats is underlined itself, among others of its line",
          "[config][policy_checks]") {
  CHECK_THAT(checks_say("allow: [a.test, shut.test, c.test]\n", "block: [shut.test]\n"),
             test::Tells("6:17: error SG3001: `allow: shut.test` can never take effect"));
  // Once the line that is the end of the other's name was underlined.
  CHECK_THAT(checks_say("allow: [shut.test, www.shut.test]\n", "block: [www.shut.test]\n"),
             test::Tells("locked.yaml:2:9: warning SG1314: this line is about www.shut.test alone\n"
                         "6:20: error SG3001: `allow: www.shut.test` can never take effect"));
}

TEST_CASE("tests of a tier are asked of that tier alone", "[config][policy_checks]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("tiers.d/pupil.yaml",
               folder.read("tiers.d/pupil.yaml") + "tests: [{url: 'http://games.test/', expect: warn}]\n");
  folder.write(
      "tiers.d/z-child.yaml",
      "version: 1\ntier: child\nname: C\nextends: pupil\ncategories: {games: block}\n"
      "tests: [{url: 'http://games.test/', expect: block}, {url: 'http://bet.test/', expect: block}]\n");
  const LoadResult result = folder.load();
  CHECK(folder.text_of(result).empty());
  REQUIRE(result.snapshot);
  CHECK(result.snapshot->counts.policy_tests == 3);
}

}  // namespace
}  // namespace schoolgate
