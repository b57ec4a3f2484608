#include "config/text/suggest.h"

#include <catch2/catch.hpp>
#include <vector>

namespace schoolgate {
namespace {

const std::vector<std::string> known_words = {"allow", "block", "warn", "categories", "timetable"};

TEST_CASE("a distance counts letters that are wrong, missing, too many or swapped", "[config][suggest]") {
  struct Row {
    const char *a, *b;
    std::size_t distance;
  };
  const std::string longest(64, 'x');
  const Row rows[] = {
      {"", "", 0},
      {"", "abc", 3},
      {"abc", "abc", 0},
      {"abc", "ABC", 0},
      {"abcd", "acbd", 1},  // two neighbours swapped are one mistake
      {"kitten", "sitting", 3},
      {"đ", "d", 2},  // bytes: a letter with a mark is two of them
      {longest.c_str(), "", 64},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.a << " and " << row.b) {
      CHECK(edit_distance(row.a, row.b) == row.distance);
      CHECK(edit_distance(row.b, row.a) == row.distance);
    }
  }
  // What stands behind 64 bytes is not compared: a key of a megabyte costs as little as a word.
  CHECK(edit_distance(longest + "a", longest + "b") == 0);
  CHECK(edit_distance(std::string(1'000'000, 'y'), longest) == 64);
}

TEST_CASE("only a word that is near is suggested", "[config][suggest]") {
  struct Row {
    const char *written, *meant;
  };
  const Row rows[] = {
      {"alow", "allow"},
      {"Block", "block"},
      {"wran", "warn"},
      {"categorys", "categories"},
      {"kategorie", "categories"},  // three of nine
      {"xategoryes", "categories"},
      {"alo", ""},  // two of three are a guess
      {"colour", ""},
      {"", ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.written) {
      CHECK(nearest(row.written, known_words) == row.meant);
    }
  }
  CHECK(nearest("alow", {}).empty());
  const std::vector<std::string> both = {"ab1", "ab2"};
  CHECK(nearest("ab3", both) == "ab1");  // the first of equals
  CHECK(did_you_mean("alow", known_words, say("otherwise")) == "did you mean \"allow\"?");
  CHECK(did_you_mean("colour", known_words, say("otherwise")) == "otherwise");
}

TEST_CASE("words of other languages and programs, and curly quotes", "[config][suggest]") {
  struct Row {
    const char *written, *meant;
  };
  const Row rows[] = {
      {"cho phép", "allow"},
      {"CHO PHEP", "allow"},
      {"chặn", "block"},
      {"deny", "block"},
      {"whitelist", "allow"},
      {"“allow”", "allow"},
      {"thời khóa biểu", "timetable"},
      {"‘wran’", "warn"},
      {"lý do", ""},  // a word of other places
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.written) {
      CHECK(meant_word(row.written, known_words) == row.meant);
    }
  }
  CHECK(without_curly_quotes("“ a “b” c ”") == "a “b” c");
  CHECK(has_curly_quotes("a”"));
  CHECK_FALSE(has_curly_quotes("\"a\""));
  CHECK(plain_letters("Trò  chơi!") == "tro choi");
}

TEST_CASE("many words are cut short", "[config][suggest]") {
  CHECK(join_words({}).empty());
  CHECK(join_words(known_words) == "allow, block, warn, categories, timetable");
  CHECK(join_words(known_words, 5) == "allow, block, warn, categories, timetable");
  CHECK(join_words(known_words, 2) == "allow, block and 3 more");
}

}  // namespace
}  // namespace schoolgate
