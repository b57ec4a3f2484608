// The entries of `lists:`: which list file belongs to which category.
#include "config/main/lists_reader.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Reading;
using test::Tells;

// A file of lists.d with `text` below its first line.
struct ListsReading : Reading {
  explicit ListsReading(const std::string& text, const std::string& file = "lists.d/a.yaml") {
    add(text, file);
  }
  void add(const std::string& text, const std::string& file) {
    folder.write(file, "version: 1\n" + text);
    read_list_file(folder.path(file), context, entries);
  }
  [[nodiscard]] std::string told() const { return Reading::told("lists.d/a.yaml"); }
  std::vector<ListEntry> entries;
};

TEST_CASE("a list of one file", "[config][lists_reader]") {
  const ListsReading reading(R"(lists:
  - {name: bets, category: gambling, format: domains, path: lists/bets.txt}
  - {name: adult.2, category: adult, format: patterns, path: /srv/adult, action: allow+record, suffixes: true}
)");
  CHECK_THAT(reading.told(), Tells(""));
  REQUIRE(reading.entries.size() == 2);
  const ListEntry& bets = reading.entries[0];
  CHECK(bets.name == "bets");
  CHECK(bets.category == "gambling");
  CHECK(bets.category_where.pos == SourcePos{3, 28});
  CHECK(bets.format == ListFormat::domains);
  CHECK(bets.path == reading.folder.path("lists/bets.txt"));  // of the main file's folder, not of lists.d
  CHECK(bets.where.pos == SourcePos{3, 61});
  CHECK_FALSE(bets.tree);
  CHECK_FALSE(bets.own);
  CHECK_FALSE(bets.suffixes);
  const ListEntry& adult = reading.entries[1];
  CHECK(adult.format == ListFormat::patterns);
  CHECK(adult.path == "/srv/adult");
  REQUIRE(adult.own);
  CHECK(to_string(*adult.own) == "allow+record");
  CHECK(adult.suffixes);
}

TEST_CASE("a collection of folders", "[config][lists_reader]") {
  const ListsReading reading(R"(lists:
  - name: ut1
    format: squidguard
    path: /srv/blacklists//
    map: {astrology: skip, bets: gambling}
)");
  CHECK_THAT(reading.told(), Tells(""));
  REQUIRE(reading.entries.size() == 1);
  const ListEntry& ut1 = reading.entries[0];
  CHECK(ut1.tree);
  CHECK_FALSE(ut1.category);
  CHECK(ut1.path == "/srv/blacklists");  // so that the paths of its files do not depend on a slash
  REQUIRE(ut1.map.size() == 2);
  CHECK(ut1.map.at("astrology").first == "skip");
  CHECK(ut1.map.at("bets").first == "gambling");
  CHECK(ut1.map.at("bets").second.pos == SourcePos{6, 34});
}

TEST_CASE("the root of the disk is a path too", "[config][lists_reader]") {
  const ListsReading reading("lists: [{name: all, format: squidguard, path: /}]\n");
  REQUIRE(reading.entries.size() == 1);
  CHECK(reading.entries[0].path == "/");
}

TEST_CASE("entries that cannot be used", "[config][lists_reader]") {
  struct Row {
    const char *name, *entry, *tells;
    bool taken = false;  // as far as it could be read, so that what it names is looked at too
  };
  const Row rows[] = {
      {"not a map", "bets.txt", "2:9: error SG1103"},
      {"nothing in it", "{}",
       "2:9: error SG1102: a list needs the key \"name\"\n2:9: error SG1102: a list needs the key "
       "\"format\"\n"
       "2:9: error SG1102: a list needs the key \"category\"\n2:9: error SG1102: a list needs the key "
       "\"path\""},
      {"no category", "{name: a, format: domains, path: b}",
       "2:9: error SG1102: a list needs the key \"category\""},
      {"an empty path", "{name: a, category: c, format: domains, path: ''}", "2:55: error SG1113"},
      {"a format nobody knows", "{name: a, category: c, format: csv, path: b}", "2:40: error SG1104", true},
      {"a name with a blank", "{name: a b, category: c, format: domains, path: b}", "2:16: error SG1113",
       true},
      {"a name with a slash", "{name: ut1/x, category: c, format: domains, path: b}", "2:16: error SG1113",
       true},
      {"a lock: only tiers and the school lock",
       "{name: a, category: c, format: domains, path: b, action: block+locked}", "2:66: error SG1205", true},
      {"no action", "{name: a, category: c, format: domains, path: b, action: deny}", "2:66: error SG1205",
       true},
      {"yes is no boolean", "{name: a, category: c, format: domains, path: b, suffixes: yes}",
       "2:68: error SG1106", true},
      {"a key mistyped", "{name: a, category: c, format: domains, path: b, suffix: true}",
       "2:58: error SG1101", true},
      {"a map for one file", "{name: a, category: c, format: domains, path: b, map: {x: y}}",
       "2:58: error SG1101", true},
      {"a category for a collection", "{name: a, category: c, format: squidguard, path: b}",
       "2:19: error SG1101", true},
      {"an action for a collection", "{name: a, action: block, format: squidguard, path: b}",
       "2:19: error SG1101", true},
      {"a map that is a list", "{name: a, format: squidguard, path: b, map: [x]}", "2:53: error SG1103",
       true},
      {"a folder without a category", "{name: a, format: squidguard, path: b, map: {x: }}",
       "2:54: error SG1103", true},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const ListsReading reading("lists: [" + std::string(row.entry) + "]\n");
      CHECK_THAT(reading.told(), Tells(row.tells));
      CHECK(reading.entries.size() == (row.taken ? 1 : 0));
      for (const ListEntry& entry : reading.entries) CHECK_FALSE(entry.own);
    }
  }
}

TEST_CASE("a name stands for one list, in all files together", "[config][lists_reader]") {
  ListsReading reading("lists:\n  - {name: a, category: c, format: domains, path: b}\n");
  reading.add("lists:\n  - {name: a, category: c, format: hosts, path: d}\n", "lists.d/b.yaml");
  CHECK_THAT(reading.told(),
             Tells("lists.d/b.yaml:3:12: error SG1112: the name \"a\" is taken (lists.d/a.yaml:3)"));
}

TEST_CASE("a file of lists.d holds lists, or an error", "[config][lists_reader]") {
  struct Row {
    const char *name, *text, *tells;
  };
  const Row rows[] = {
      {"no lists", "", "1:1: error SG1102: a file of lists.d needs the key \"lists\""},
      {"an empty key", "lists:\n", "2:1: error SG1102: the key \"lists\" has no value"},
      {"an empty list is meant", "lists: []\n", ""},
      {"another key", "lists: []\nlist: []\n", "3:1: error SG1101"},
      {"a map of lists", "lists: {a: b}\n", "2:8: error SG1103"},
      {"an empty entry", "lists: [{name: a, category: c, format: domains, path: b}, ]\nversion: 1\n",
       "3:1: error SG1010"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const ListsReading reading(row.text);
      CHECK_THAT(reading.told(), Tells(row.tells));
      CHECK(reading.entries.empty());
    }
  }
}

}  // namespace
}  // namespace schoolgate
