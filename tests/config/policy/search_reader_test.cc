// safesearch.yaml: an engine that is written down must be found and made safe, or be blocked.
#include "config/policy/search_reader.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Reading;
using test::Tells;

// `text` is what stands below "engines:", from line 3 on. There are two tiers.
struct EnginesReading : Reading {
  explicit EnginesReading(const std::string& text) : EnginesReading("version: 1\nengines:\n" + text, 0) {}
  EnginesReading(const std::string& whole, int) {
    folder.write("safesearch.yaml", whole);
    const TierFinder find_tier = [](std::string_view name) -> std::optional<TierId> {
      if (name == "pupil") return TierId{0};
      return name == "staff" ? std::optional<TierId>(1) : std::nullopt;
    };
    engines = read_search_file(folder.path("safesearch.yaml"), context, find_tier);
  }
  [[nodiscard]] std::string told() const { return Reading::told("safesearch.yaml"); }
  std::vector<SearchEngine> engines;
};

TEST_CASE("an engine that needs nothing but its sites", "[config][search]") {
  const EnginesReading reading("  wiki: {sites: wikipedia.org}\n");
  CHECK_THAT(reading.told(), Tells(""));
  REQUIRE(reading.engines.size() == 1);
  const SearchEngine& engine = reading.engines[0];
  CHECK(engine.id == "wiki");
  CHECK(reading.context.show(Place{engine.where.source, {engine.where.line, 1}}) == "safesearch.yaml:3");
  CHECK(engine.sites == std::vector<std::string>{"wikipedia.org"});
  CHECK(engine.words.empty());
  CHECK_FALSE(engine.otherwise_in_others);  // without "otherwise" it is used as it is
  CHECK(engine.otherwise_in(0) == nullptr);
}

TEST_CASE("an engine with every way to make it safe", "[config][search]") {
  const EnginesReading reading(R"(  tube:
    sites: [tube.vn, "video.<cc>"]
    words: [q, search_query]
    safe:
      level: youtube
      hosts: [www.tube.vn, "m.video.<cc>"]
      connect_to: {strict: restrict.tube.vn, moderate: 10.0.0.7}
      parameter: {paths: [/search, /find], name: safe, value: active}
      header: {name: Tube-Restrict, strict: Strict, moderate: Moderate}
    otherwise: {pupil: warn, staff: allow+record}
)");
  CHECK_THAT(reading.told(), Tells(""));
  REQUIRE(reading.engines.size() == 1);
  const SearchEngine& tube = reading.engines[0];
  CHECK(tube.sites == std::vector<std::string>{"tube.vn", "video.<cc>"});
  CHECK(tube.words == std::vector<std::string>{"q", "search_query"});
  CHECK(tube.video);
  CHECK(tube.safe_hosts == std::vector<std::string>{"www.tube.vn", "m.video.<cc>"});
  REQUIRE(tube.strict_host);
  REQUIRE(tube.moderate_host);
  CHECK(tube.strict_host->text == "restrict.tube.vn");
  CHECK(tube.moderate_host->text == "10.0.0.7");
  CHECK(tube.safe_paths == std::vector<std::string>{"/search", "/find"});
  CHECK(tube.parameter == "safe");
  CHECK(tube.parameter_value == "active");
  CHECK(tube.header == "Tube-Restrict");
  CHECK(tube.header_strict == "Strict");
  CHECK(tube.header_moderate == "Moderate");
  REQUIRE(tube.otherwise_in(0) != nullptr);
  CHECK(to_string(*tube.otherwise_in(0)) == "warn");
  CHECK(to_string(*tube.otherwise_in(1)) == "allow+record");
  CHECK(to_string(*tube.otherwise_in(2)) == "block");  // a tier that is not named
}

TEST_CASE("sites are names of hosts in their canonical form", "[config][search]") {
  struct Row {
    const char *written, *site, *tells;
  };
  const Row rows[] = {
      {"WWW.Bing.com", "www.bing.com", ""},
      {"tìm.vn", "xn--tm-kja.vn", ""},
      {"google.<cc>", "google.<cc>", ""},
      {"Google.<cc>", "google.<cc>", ""},  // once kept as it was written, and found nothing
      {"google.<CC>", nullptr, "3:16: error SG1301"},
      {"<cc>", nullptr, "3:16: error SG1301"},
      {"google<cc>", nullptr, "3:16: error SG1301"},
      {"google.<cc>.vn", nullptr, "3:16: error SG1301"},
      {"https://bing.com", nullptr, "3:16: error SG1301"},
      {"bing.com/search", nullptr, "3:16: error SG1301"},
      {"'*.bing.com'", nullptr, "3:16: error SG1301"},
      {"10.0.0.1", nullptr, "3:16: error SG1301"},
      {"''", nullptr, "3:16: error SG1113"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.written) {
      const EnginesReading reading("  e: {sites: [ " + std::string(row.written) + "]}\n");
      CHECK_THAT(reading.told(), Tells(row.tells));
      REQUIRE(reading.engines.size() == 1);
      CHECK(reading.engines[0].sites ==
            (row.site != nullptr ? std::vector<std::string>{row.site} : std::vector<std::string>{}));
    }
  }
  const EnginesReading reading("  e: {sites: [Google.<cc>], words: [q]}\n");
  const SearchEngines engines(reading.engines);
  Url url;
  REQUIRE(url.parse("http://www.google.com.vn/search?q=x").ok());
  CHECK(engines.is_search(url));
}

TEST_CASE("paths with words behind them are whole parts of a path in small letters", "[config][search]") {
  const EnginesReading good("  e: {sites: tube.vn, paths: [/tag/, /explore/tags/]}\n");
  CHECK_THAT(good.told(), Tells(""));
  REQUIRE(good.engines.size() == 1);
  CHECK(good.engines[0].paths == std::vector<std::string>{"/tag/", "/explore/tags/"});
  CHECK(good.engines[0].sees_words());
  for (const char* wrong :
       {"tag", "/tag", "tag/", "/", "/Tag/", "/t%61g/", "'/tag/?q=/'", "/t g/", "'/tag/#'", "thẻ/"}) {
    DYNAMIC_SECTION(wrong) {
      const EnginesReading reading("  e: {sites: tube.vn, paths: [" + std::string(wrong) + "]}\n");
      CHECK_THAT(reading.told(), Tells("3:31: error SG1113"));
      REQUIRE(reading.engines.size() == 1);
      CHECK_FALSE(reading.engines[0].sees_words());
    }
  }
}

TEST_CASE("what becomes of an engine that cannot be made safe", "[config][search]") {
  struct Row {
    const char *otherwise, *pupil, *staff, *tells;
  };
  const Row rows[] = {
      {"block", "block", "block", ""},
      {"allow", "allow", "allow", ""},
      {"{pupil: warn}", "warn", "block", ""},
      {"{}", "block", "block", ""},
      // Nothing that is wrong opens it.
      {"help", "block", "block", "3:33: error SG1205"},
      {"block+locked", "block", "block", "3:33: error SG1205"},
      {"deny", "block", "block", "3:33: error SG1205"},
      {"[allow]", "block", "block", "3:33: error SG1103"},
      {"{staff: alow}", "block", "block", "3:41: error SG1205"},
      {"{staf: allow}", "block", "block",
       "3:34: warning SG1203"},  // the shipped file names the shipped tiers
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.otherwise) {
      const EnginesReading reading("  e: {sites: [a.vn], otherwise: " + std::string(row.otherwise) + "}\n");
      CHECK_THAT(reading.told(), Tells(row.tells));
      REQUIRE(reading.engines.size() == 1);
      REQUIRE(reading.engines[0].otherwise_in(0) != nullptr);
      CHECK(to_string(*reading.engines[0].otherwise_in(0)) == row.pupil);
      CHECK(to_string(*reading.engines[0].otherwise_in(1)) == row.staff);
    }
  }
}

TEST_CASE("an engine that is small leaves it to the tier", "[config][search]") {
  const EnginesReading reading(
      "  a: {sites: [a.vn], otherwise: block, small: true}\n  b: {sites: [b.vn], small: false}\n  c: {sites: "
      "[c.vn]}\n"
      "  d: {sites: [d.vn], small: maybe}\n");
  CHECK_THAT(reading.told(), Tells("6:29: error SG1106"));
  REQUIRE(reading.engines.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(reading.engines[i].small == (i == 0));
}

TEST_CASE("ways to make an engine safe that do not work", "[config][search]") {
  struct Row {
    const char *safe, *tells;
  };
  const Row rows[] = {
      {"hosts: [a.vn]", "1:1: error SG1102: the safe search of e needs the key \"connect_to\""},
      {"hosts: [a.vn], connect_to: {strict: s.vn}", "error SG1102: connect_to needs the key \"moderate\""},
      {"hosts: [a.vn], connect_to: s vn", "error SG1301: \"s vn\" is no name to connect to"},
      {"hosts: [a.vn], connect_to: s.vn:443", "error SG1301"},
      {"connect_to: s.vn", "error SG1101: the safe search of e has no key \"connect_to\""},
      {"parameter: {paths: /search, name: safe}", "error SG1102: parameter needs the key \"value\""},
      {"parameter: {paths: /search, name: safe, value: 'on&q=x'}",
       "error SG1113: \"on&q=x\" does not fit here"},
      {"header: {name: 'X: y', strict: s, moderate: m}", "error SG1113: \"X: y\" does not fit here"},
      {"header: {name: X, strict: \"a\\nb\", moderate: m}", "error SG1113"},
      {"header: {name: X, strict: s}", "error SG1102: header needs the key \"moderate\""},
      {"level: strict", "error SG1104"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.safe) {
      const EnginesReading reading("  e: {sites: [a.vn], safe: {" + std::string(row.safe) + "}}\n");
      REQUIRE(reading.context.diagnostics.size() == 1);
      const std::string want = row.tells;
      CHECK_THAT(reading.told(), Catch::Matchers::Contains(want.substr(want.find("error"))));
    }
  }
}

TEST_CASE("a file of search engines that is none", "[config][search]") {
  struct Row {
    const char *name, *whole, *tells;
  };
  const Row rows[] = {
      {"empty", "", "error SG1012"},
      {"no engines", "version: 1\n", "1:1: error SG1102"},
      {"a list of them", "version: 1\nengines: [google]\n", "2:10: error SG1103"},
      {"an id in capitals", "version: 1\nengines: {Google: {sites: a.vn}}\n", "2:11: error SG1113"},
      {"an engine without sites", "version: 1\nengines: {g: {words: q}}\n", "2:14: error SG1102"},
      {"an engine twice", "version: 1\nengines: {g: {sites: a.vn}, g: {sites: b.vn}}\n",
       "2:29: error SG1010"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      CHECK_THAT(EnginesReading(row.whole, 0).told(), Tells(row.tells));
    }
  }
}

}  // namespace
}  // namespace schoolgate
