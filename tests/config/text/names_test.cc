#include "config/text/names.h"

#include <catch2/catch.hpp>
#include <string>

namespace schoolgate {
namespace {

TEST_CASE("what may be the id of a category or tier, and the name of a list", "[config][names]") {
  struct Row {
    const char* name;
    std::string text;
    bool id, list;
  };
  const Row rows[] = {
      {"nothing", "", false, false},
      {"a letter", "a", true, true},
      {"an id", "self_harm2", true, true},
      {"a digit first", "2nd", false, true},
      {"an underscore first", "_a", false, true},
      {"upper case", "Games", false, true},
      {"a dash", "ut1-games", false, true},
      {"a dot", "v1.2", false, true},
      {"a blank", "a b", false, false},
      {"a slash", "ut1/games", false, false},  // names of the lists of a collection are made with it
      {"a letter with a mark", "trò_chơi", false, false},
      {"a line end", "a\n", false, false},
      {"NUL", std::string("a\0b", 3), false, false},
      {"32 bytes", std::string(32, 'a'), true, true},
      {"33 bytes", std::string(33, 'a'), false, true},
      {"64 bytes", std::string(64, 'a'), false, true},
      {"65 bytes", std::string(65, 'a'), false, false},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      CHECK(is_id(row.text) == row.id);
      CHECK(is_list_name(row.text) == row.list);
    }
  }
}

TEST_CASE("what a person may name in an archive", "[config]") {
  for (const char* good : {"domains", "gambling/domains", "a/b/c.txt", "..a/b", "a b"})
    CHECK(is_inner_path(good));
  for (const char* bad : {"", "/a", "a/", "a//b", "./a", "a/../b", "..", ".", "a\nb", "\x80"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_inner_path(bad));
  }
  CHECK_FALSE(is_inner_path(std::string(256, 'a')));
}

}  // namespace
}  // namespace schoolgate
