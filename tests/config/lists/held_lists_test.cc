#include "config/lists/held_lists.h"

#include <catch2/catch.hpp>

namespace schoolgate {
namespace {

HeldList held(const std::string& name, const std::string& path, std::uint64_t entries) {
  return {{name, "games", path, ListFormat::domains, 0, std::nullopt}, entries, entries};
}

ListSource now(const std::string& name, const std::string& path) {
  return {name, "games", path, ListFormat::domains, 0, std::nullopt};
}

TEST_CASE("which list of then a list of now continues", "[config][lists]") {
  struct Row {
    const char* name;
    std::vector<HeldList> then;
    std::vector<ListSource> now;
    std::vector<std::size_t> before, gone;
  };
  constexpr std::size_t none = HeldLists::none;
  const Row rows[] = {
      {"nothing then", {}, {now("a", "/a")}, {none}, {}},
      {"the same", {held("a", "/a", 1)}, {now("a", "/a")}, {0}, {}},
      {"another path", {held("a", "/a", 1)}, {now("a", "/b")}, {0}, {}},
      {"another name", {held("a", "/a", 1)}, {now("b", "/a")}, {0}, {}},
      {"another name and path", {held("a", "/a", 1)}, {now("b", "/b")}, {none}, {0}},
      {"one fewer", {held("a", "/a", 1), held("b", "/b", 1)}, {now("b", "/b")}, {1}, {0}},
      {"a name comes before a path", {held("a", "/a", 1), held("b", "/b", 1)}, {now("a", "/b")}, {0}, {1}},
      {"one list succeeds one", {held("a", "/x", 1), held("b", "/x", 1)}, {now("c", "/x")}, {0}, {1}},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      HeldLists lists;
      for (const HeldList& list : row.then) lists.add(list);
      lists.match(row.now);
      for (std::size_t i = 0; i < row.now.size(); ++i) CHECK(lists.before(i) == row.before[i]);
      CHECK(lists.gone() == row.gone);
    }
  }
}

TEST_CASE("what a list, a folder, a collection held", "[config][lists]") {
  using Standing = HeldLists::Standing;
  HeldLists lists;
  for (const HeldList& list :
       {held("ut1/adult", "/u/adult/domains", 7), held("ut1/adult/urls", "/u/adult/urls", 2),
        held("ut1/drugs", "/u/drugs/domains", 0), held("ut10", "/v", 50)})
    lists.add(list);
  CHECK(lists.standing("ut1") == Standing::filled);
  CHECK(lists.standing("ut1/adult/urls") == Standing::filled);
  CHECK(lists.standing("ut1/drugs") == Standing::emptied);
  CHECK(lists.standing("ut1/games") == Standing::unknown);
  CHECK(lists.standing("") == Standing::unknown);
  CHECK(lists.entries("ut1") == 9);
  CHECK(lists.entries("ut1/adult") == 9);
  CHECK(lists.entries("ut10") == 50);
}

}  // namespace
}  // namespace schoolgate
