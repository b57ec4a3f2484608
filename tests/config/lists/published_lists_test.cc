// The catalogue of published lists: what it says, each wrong value with its place, and what ships.
#include "config/lists/published_lists.h"

#include <catch2/catch.hpp>

#include "config/list_enable.h"
#include "config/main/main_reader.h"
#include "config/text/text_file.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Tells;

PublishedLists read(test::Reading& reading, const std::string& text) {
  reading.folder.write("list-catalogue.yaml", text);
  CategoryCatalogue categories;
  categories.ids = {"gambling", "games"};
  categories.categories.resize(2);
  return read_published_lists(reading.folder.path("list-catalogue.yaml"), categories, reading.context);
}

constexpr char whole[] = R"(version: 1
lists:
  bets:
    purpose: {vi: Cờ bạc, en: Betting}
    category: gambling
    format: hosts
    from: "https://lists.example/hosts"
    every_days: 7
    entries: 3700
    licence: MIT
    school: ask
    maintainer: somebody
    note: {vi: Hỏi trước, en: Ask first}
    checked: yes
)";

TEST_CASE("the catalogue of lists is read as it says", "[config][published_lists]") {
  test::Reading reading;
  const PublishedLists all = read(reading, whole);
  CHECK_THAT(reading.told("list-catalogue.yaml"), Tells(""));
  REQUIRE(all.lists.size() == 1);
  const PublishedList& list = all.lists.front();
  CHECK(all.find("bets") == &list);
  CHECK(all.find("bet") == nullptr);
  CHECK(list.purpose_vi == "Cờ bạc");
  CHECK(list.purpose_en == "Betting");
  CHECK(list.category == "gambling");
  CHECK(list.format == ListFormat::hosts);
  CHECK(list.update == ListUpdate{"https://lists.example/hosts", 7});
  CHECK(list.entries == 3700);
  CHECK(list.licence == "MIT");
  CHECK(list.school == PublishedList::School::ask);
  CHECK(list.maintainer == "somebody");
  CHECK(list.note_en == "Ask first");
  CHECK(list.checked);
}

TEST_CASE("a set is one name for lists of the catalogue", "[config][published_lists]") {
  const auto with_sets = [](const std::string& sets) { return whole + ("sets:\n" + sets); };
  test::Reading reading;
  const PublishedLists all =
      read(reading, with_sets("  start: {purpose: {vi: Bắt đầu, en: To begin with}, lists: [bets, bets]}\n"));
  CHECK_THAT(reading.told("list-catalogue.yaml"), Tells(""));
  REQUIRE(all.sets.size() == 1);
  REQUIRE(all.find_set("start") == &all.sets.front());
  CHECK(all.find_set("bets") == nullptr);
  CHECK(all.sets.front().purpose_en == "To begin with");
  CHECK(all.sets.front().lists == std::vector<std::string>{"bets"});
  struct Row {
    const char *name, *sets, *told;
  };
  const Row rows[] = {
      {"a list that is not there", "  start: {purpose: P, lists: [bets, best]}\n",
       "16:37: error SG1104: the catalogue has no list \"best\""},
      {"the name of a list", "  bets: {purpose: P, lists: [bets]}\n",
       "16:3: error SG1112: \"bets\" is the name of"},
      {"no lists", "  start: {purpose: P}\n", "16:10: error SG1102"},
      {"a name that is none", "  a/b: {purpose: P, lists: [bets]}\n", "16:3: error SG1113"},
      {"no map", "  - start\n", "16:3: error SG1103: sets holds one key for each set, not a list"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      test::Reading wrong;
      CHECK(read(wrong, with_sets(row.sets)).sets.empty());
      CHECK_THAT(wrong.told("list-catalogue.yaml"), Tells(row.told));
    }
}

TEST_CASE("each wrong value of the catalogue is told, and half a list is none", "[config][published_lists]") {
  struct Row {
    const char *name, *from, *to, *told;
  };
  const Row rows[] = {
      {"a category the school has not", "category: gambling", "category: gambing", "5:15: error SG1204"},
      {"no format", "format: hosts", "format: host", "6:13: error SG1104"},
      {"http", "https://", "http://", "7:11: error SG1418"},
      {"a user", "https://", "https://me@", "7:11: error SG1418"},
      {"a fragment", "/hosts\"", "/hosts#x\"", "7:11: error SG1418"},
      {"no host", "https://lists.example/hosts", "https:///hosts", "7:11: error SG1418"},
      {"never", "every_days: 7", "every_days: 0", "8:17: error SG1105"},
      {"out of the archive", "every_days: 7", "file: /etc/passwd", "8:11: error SG1113"},
      {"no word for schools", "school: ask", "school: maybe", "11:13: error SG1104"},
      {"no word for checked", "checked: yes", "checked: true", "14:14: error SG1104"},
      {"no licence", "    licence: MIT\n", "", "4:5: error SG1102"},
      {"an unknown key", "maintainer:", "maintained:", "12:5: error SG1101"},
      {"a name that is none", "  bets:", "  b/../ets:", "3:3: error SG1113"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      test::Reading reading;
      std::string text = whole;
      text.replace(text.find(row.from), std::string(row.from).size(), row.to);
      const PublishedLists all = read(reading, text);
      sort_by_place(reading.context.diagnostics);
      CHECK_THAT(reading.told("list-catalogue.yaml"), Tells(row.told));
      CHECK(all.lists.empty());
    }
  }
  test::Reading reading;
  CHECK(read(reading, "version: 1\nlists: []\nmust_work: [ok.vn]\n").lists.empty());
  CHECK_THAT(reading.told("list-catalogue.yaml"), Tells("2:8: error SG1103\n3:12: warning SG1101"));
}

TEST_CASE("the shipped catalogue: every list can be enabled, and none is called checked that was not",
          "[config][published_lists][defaults]") {
  const std::string defaults = std::string(SCHOOLGATE_SOURCE_DIR) + "/config/defaults/";
  const auto offers = read_list_offers(defaults + "schoolgate.yaml");
  REQUIRE(offers);
  CHECK(render(offers->diagnostics, offers->texts, nullptr, false) == "");
  CHECK(offers->published.lists.size() > 20);
  for (const PublishedList& list : offers->published.lists) {
    INFO(list.name);
    CHECK_FALSE(offers->has(list.name));  // no starter list has the name
    CHECK_FALSE(list.checked);
    const test::Folder folder;
    test::write_small_school(folder);
    folder.write("lists.d/" + list.name + ".yaml", enable_text(list));
    LoadContext context(folder.path("schoolgate.yaml"));
    const auto main = read_main_file(context);
    REQUIRE(main);
    CHECK(context.diagnostics.empty());
    REQUIRE(main->lists.size() == 3);
    const ListEntry& entry = main->lists.back();
    CHECK(entry.name == list.name);
    CHECK(entry.category == list.category);
    CHECK(entry.format == list.format);
    CHECK(entry.update == list.update);
    CHECK(entry.path == folder.path("state/lists/" + list.name + ".list"));
  }
}

}  // namespace
}  // namespace schoolgate
