// categories.yaml: the catalogue that every other file of the policy names its categories by.
#include "config/policy/category_reader.h"

#include <catch2/catch.hpp>
#include <tuple>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Reading;
using test::Tells;

struct CatalogueReading : Reading {
  explicit CatalogueReading(const std::string& text) {
    folder.write("categories.yaml", text);
    catalogue = read_catalogue(folder.path("categories.yaml"), context);
  }
  [[nodiscard]] std::string told() const { return Reading::told("categories.yaml"); }
  CategoryCatalogue catalogue;
};

TEST_CASE("a catalogue of categories", "[config][catalogue]") {
  const CatalogueReading reading(R"(version: 1
categories:
  gambling: {name: {vi: Cờ bạc, en: Gambling}, reason: No., folders: [gambling, arjel]}
  csam: {name: x, reason: x, beats_protecting: true, show_name: no}
  learning: {name: x, reason: x, kind: protecting, show_name: older, folders: press}
skipped_folders: [astrology, mixed]
)");
  CHECK_THAT(reading.told(), Tells(""));
  const CategoryCatalogue& catalogue = reading.catalogue;
  CHECK(catalogue.ids == std::vector<std::string>{"gambling", "csam", "learning"});
  REQUIRE(catalogue.categories.size() == 3);
  const auto& [gambling, csam, learning] =
      std::tie(catalogue.categories[0], catalogue.categories[1], catalogue.categories[2]);
  CHECK(gambling.name_vi == "Cờ bạc");
  CHECK(gambling.name_en == "Gambling");
  CHECK(gambling.reason_vi == "No.");  // one text serves both
  CHECK(gambling.reason_en == "No.");
  CHECK_FALSE(gambling.protecting);
  CHECK(gambling.show_name == Category::ShowName::yes);
  CHECK(csam.beats_protecting);
  CHECK(csam.show_name == Category::ShowName::no);
  CHECK(learning.protecting);
  CHECK(learning.show_name == Category::ShowName::older);
  CHECK(catalogue.places[1].pos == SourcePos{4, 3});
  CHECK(catalogue.folders == std::map<std::string, CategoryId>{{"arjel", 0}, {"gambling", 0}, {"press", 2}});
  CHECK(catalogue.skipped_folders == std::set<std::string>{"astrology", "mixed"});
  CHECK(catalogue.find("learning") == CategoryId{2});
  CHECK_FALSE(catalogue.find("Learning"));
  CHECK_FALSE(catalogue.find(""));
}

TEST_CASE("categories that cannot be used", "[config][catalogue]") {
  struct Row {
    const char *name, *category, *tells;
  };
  const Row rows[] = {
      {"other is every category that a tier does not name", "other: {name: x, reason: x}",
       "2:14: error SG1113"},
      {"skip is no category of a folder", "skip: {name: x, reason: x}", "2:14: error SG1113"},
      {"an id with a dash", "self-harm: {name: x, reason: x}", "2:14: error SG1113"},
      {"no name", "a: {reason: x}", "2:17: error SG1102: category a needs the key \"name\""},
      {"an empty name", "a: {name: '', reason: x}", "2:24: error SG1113"},
      {"no reason", "a: {name: x}", "2:17: error SG1102: category a needs the key \"reason\""},
      {"one language of two", "a: {name: {en: x}, reason: x}",
       "2:24: error SG1102: a text in two languages needs the key \"vi\""},
      {"a third language", "a: {name: {vi: x, en: x, fr: x}, reason: x}", "2:39: error SG1101"},
      {"a list of names", "a: {name: [x, y], reason: x}", "2:24: error SG1103"},
      {"a text", "a: gambling", "2:17: error SG1103"},
      {"yes is no boolean", "a: {name: x, reason: x, beats_protecting: yes}", "2:56: error SG1106"},
      {"a folder of two", "a: {name: x, reason: x, folders: [f]}, b: {name: x, reason: x, folders: [f]}",
       "2:87: error SG1112: the folder \"f\" belongs to a already"},
      {"a folder twice in one is none the worse", "a: {name: x, reason: x, folders: [f, f]}", ""},
      {"a category twice", "a: {name: x, reason: x}, a: {name: y, reason: y}", "2:39: error SG1010"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const CatalogueReading reading("version: 1\ncategories: {" + std::string(row.category) + "}\n");
      CHECK_THAT(reading.told(), Tells(row.tells));
    }
  }
}

TEST_CASE("a catalogue that cannot be read", "[config][catalogue]") {
  struct Row {
    const char *name, *text, *tells;
  };
  const Row rows[] = {
      {"empty", "", "error SG1012"},
      {"no categories", "version: 1\n", "1:1: error SG1102: the catalogue needs the key \"categories\""},
      {"a list of them", "version: 1\ncategories: [a]\n", "2:13: error SG1103"},
      // Once no error: every list was left out, for its category was unknown, and nothing was blocked.
      {"none at all", "version: 1\ncategories: {}\n", "2:13: error SG1102: the catalogue holds no category"},
      {"a text", "categories\n", "1:1: error SG1103"},
      {"a folder that is skipped and not",
       "version: 1\ncategories: {a: {name: x, reason: x, folders: f}}\nskipped_folders: [f]\n",
       "3:19: error SG1112"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const CatalogueReading reading(row.text);
      CHECK_THAT(reading.told(), Tells(row.tells));
    }
  }
}

TEST_CASE("there are at most 1,000 categories", "[config][catalogue]") {
  for (const std::size_t count : {1000u, 1001u}) {
    std::string text = "version: 1\ncategories:\n";
    for (std::size_t i = 0; i < count; ++i) text += "  c" + std::to_string(i) + ": {name: x, reason: x}\n";
    const CatalogueReading reading(text);
    CHECK(reading.catalogue.categories.size() == (count == 1000 ? 1000 : 0));
    CHECK_THAT(reading.told(), Tells(count == 1000 ? "" : "3:3: error SG1211"));
  }
}

TEST_CASE("a category that nobody knows is one error, and none without a catalogue", "[config][catalogue]") {
  CatalogueReading reading("version: 1\ncategories: {gambling: {name: x, reason: x}}\n");
  const Place at{reading.context.source(reading.folder.path("tiers.d/a.yaml")), {5, 3}, 7};
  CHECK(reading.catalogue.require("gambling", at, reading.context) == CategoryId{0});
  CHECK_FALSE(reading.catalogue.require("gambing", at, reading.context));
  CHECK_THAT(reading.told(), Tells("tiers.d/a.yaml:5:3: error SG1204: unknown category \"gambing\""));
  CHECK(reading.context.diagnostics.back().hint == "did you mean \"gambling\"?");

  CatalogueReading broken("version: 1\ncategories: [\n");
  const std::size_t before = broken.context.diagnostics.size();
  CHECK_FALSE(broken.catalogue.require("gambling", at, broken.context));
  CHECK(broken.context.diagnostics.size() == before);
}

}  // namespace
}  // namespace schoolgate
