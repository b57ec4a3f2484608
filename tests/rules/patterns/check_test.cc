#include <catch2/catch.hpp>

#include <optional>
#include <string>

#include "rules/patterns/match/pattern_re2.h"

using namespace schoolgate;

TEST_CASE("check_pattern: what cannot be used is named with its place", "[rules][pattern]") {
  struct Row {
    const char* name;
    std::string text;
    const char* says;
    std::uint32_t offset;
  };
  const Row rows[] = {
      {"empty", "", "empty", 0},
      {"missing bracket", "ab(c", "missing )", 0},
      {"look-ahead", "foo(?=bar)", "(?", 3},
      {"stacked repetition", "ab**", "repetition", 2},
      {"repeated too often", "xx(a{2000})", "repetition", 0},
      {"not UTF-8", "caf\xe9", "UTF-8", 0},
      {"too many steps", "((a{100}){100}){9}", "", 0},
      {"matches nothing at all", "a*", "every address", 0},
      {"matches an empty alternative", "porn|", "every address", 0},
      {"only an assertion", "^", "every address", 0},
      {"a border of a word", "\\b", "every address", 0},
      {"no border of a word", "casino|\\B", "every address", 0},
      {"too long", std::string(5000, 'a'), "4096", 0},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const auto checked = check_pattern(row.text, false);
      REQUIRE(checked.failed());
      CHECK_THAT(checked.error().message.english(), Catch::Contains(row.says));
      if (row.offset != 0) CHECK(checked.error().offset == row.offset);
    }
  for (const char* good : {"porn", "^https?://", "(?i)SEX", R"(\bcasino\b)", "đánh.?bạc", R"(\pN{3})"})
    DYNAMIC_SECTION(good) {
      CHECK(check_pattern(good, false).ok());
    }
}
