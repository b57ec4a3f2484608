#include <catch2/catch.hpp>

#include "rules/url/host.h"
#include "rules/words/search_engines.h"

using namespace schoolgate;

namespace {

std::string engine_of(const SearchEngines& engines, std::string_view name) {
  Host host;
  REQUIRE(parse_host(name, host).ok());
  const SearchEngine* engine = engines.find(HostKeys(host));
  return engine == nullptr ? "-" : engine->id;
}

}  // namespace

TEST_CASE("the engine of a host", "[rules][engines]") {
  const auto engine = [](const char* id, const char* site) {
    SearchEngine made;
    made.id = id;
    made.sites = {site};
    return made;
  };
  const SearchEngines engines({engine("google", "google.<cc>"), engine("scholar", "scholar.google.<cc>"),
                               engine("bing", "bing.com")});
  struct Row {
    const char *host, *engine;
  };
  const Row rows[] = {
      {"google.com", "google"},
      {"www.google.com.vn", "google"},
      {"images.google.co.uk", "google"},
      {"www.google.de", "google"},
      {"google.cat", "google"},
      {"google.vn.com", "-"},
      {"google.com.evil.vn", "-"},
      {"notgoogle.com", "-"},
      {"google", "-"},
      {"scholar.google.fr", "scholar"},
      {"cn.bing.com", "bing"},
      {"bing.com.vn", "-"},
      {"10.0.0.1", "-"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.host) {
      CHECK(engine_of(engines, row.host) == row.engine);
    }
  }
  CHECK(engine_of(SearchEngines(), "google.com") == "-");
}

TEST_CASE("where to connect for safe search", "[rules][engines]") {
  const auto host_of = [](const char* name) {
    Host host;
    REQUIRE(parse_host(name, host).ok());
    return host;
  };
  SearchEngine google, video, fixed;
  google.safe_hosts = {"www.google.<cc>"};
  google.strict_host = host_of("safe.google.com");
  video.video = true;
  video.safe_hosts = {"www.youtube.com", "m.youtube.com"};
  video.strict_host = host_of("restrict.youtube.com");
  video.moderate_host = host_of("restrictmoderate.youtube.com");
  fixed.safe_hosts = {"ya.ru"};
  fixed.strict_host = host_of("213.180.193.56");
  const SearchEngines engines({google, video, fixed});
  using Level = SafeLevel;
  struct Row {
    const char* host;
    Level search, video;
    const char* instead;
  };
  const Row rows[] = {
      {"www.google.com", Level::strict, Level::off, "safe.google.com"},
      {"www.google.com.vn", Level::moderate, Level::off, "safe.google.com"},
      {"www.google.com", Level::off, Level::strict, "-"},
      {"google.com", Level::strict, Level::strict, "-"},
      {"mail.google.com", Level::strict, Level::strict, "-"},
      {"www.google.com.evil.vn", Level::strict, Level::strict, "-"},
      {"www.youtube.com", Level::off, Level::strict, "restrict.youtube.com"},
      {"m.youtube.com", Level::strict, Level::moderate, "restrictmoderate.youtube.com"},
      {"www.youtube.com", Level::strict, Level::off, "-"},
      {"ya.ru", Level::strict, Level::strict, "213.180.193.56"},
      {"213.180.193.56", Level::strict, Level::strict, "-"},
      {"other.vn", Level::strict, Level::strict, "-"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.host << " " << static_cast<int>(row.search) << static_cast<int>(row.video)) {
      const Host* instead = engines.safe_host(host_of(row.host), row.search, row.video);
      CHECK((instead == nullptr ? "-" : instead->text) == row.instead);
    }
  }
}

TEST_CASE("a target with the safe parameter", "[rules][engines]") {
  SearchEngine engine;
  engine.safe_paths = {"/search", "/images"};
  engine.parameter = "safe";
  engine.parameter_value = "active";
  struct Row {
    const char *target, *want;  // "" = nothing to change
  };
  const Row rows[] = {
      {"/search?q=a", "/search?q=a&safe=active"},
      {"/search", "/search?safe=active"},
      {"/images/x?", "/images/x?safe=active"},
      {"/search?safe=off&q=a&safe=images", "/search?q=a&safe=active"},
      {"/search?s%61fe=off&q=%20", "/search?q=%20&safe=active"},
      {"/search?safe&q=a", "/search?q=a&safe=active"},
      {"/search?q=a&safe=active", ""},
      {"/maps?q=a", ""},
      {"/", ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.target) {
      CHECK(safe_target(engine, row.target).value_or("") == row.want);
    }
  }
  CHECK_FALSE(safe_target(SearchEngine(), "/search?q=a"));
}

TEST_CASE("parameters with search words", "[rules][engines]") {
  struct Row {
    const char *target, *values;
  };
  const Row rows[] = {
      {"/search?q=a+b", "[a+b]"},
      {"/search", ""},
      {"/search?", ""},
      {"/search?q", ""},
      {"/search?q=", "[]"},
      {"/q=a?x=q=b", ""},
      {"/s?x=1&q=a&oq=b&q=c", "[a][b][c]"},
      {"/s?q=a;q=b", "[a;q=b]"},
      {"/s?Q=a&xq=b", ""},
      {"/s?%71=a&o%71=b&%7=c", "[a][b]"},
      {"/s?q=a?q=b&&=&q=c=d", "[a?q=b][c=d]"},
  };
  const std::vector<std::string> names{"q", "oq"};
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.target) {
      std::string values;
      each_parameter(row.target, names, [&](std::string_view v) { values += "[" + std::string(v) + "]"; });
      CHECK(values == row.values);
    }
  }
}

TEST_CASE("which requests ask an engine for words", "[rules][search]") {
  SearchEngine google;
  google.id = "google";
  google.sites = {"google.<cc>"};
  google.words = {"q", "as_q"};
  SearchEngine tags;
  tags.sites = {"tags.vn"};
  tags.paths = {"/tag/"};
  const SearchEngines engines({google, tags});
  const auto is_search = [&](const char* text) {
    Url url;
    REQUIRE(url.parse(text).ok());
    return engines.is_search(url);
  };
  CHECK(is_search("https://www.google.com.vn/search?q=toan+5"));
  CHECK(is_search("https://google.de/search?hl=de&as_q=%C3%A9"));
  CHECK(is_search("https://tags.vn/tag/toan"));
  CHECK_FALSE(is_search("https://www.google.com/search"));
  CHECK_FALSE(is_search("https://www.google.com/search?q="));
  CHECK_FALSE(is_search("https://www.google.com/search?hl=vi"));
  CHECK_FALSE(is_search("https://la.vn/search?q=toan"));
  CHECK_FALSE(is_search("https://tags.vn/tag/"));
  CHECK_FALSE(is_search("https://tags.vn/tags/toan"));
  CHECK_FALSE(is_search("https://la.vn/tag/toan"));
}

TEST_CASE("what was searched for stands in parameters, and behind paths however they are spelled",
          "[rules][search]") {
  SearchEngine engine;
  engine.words = {"q"};
  engine.paths = {"/tag/", "/explore/tags/"};
  struct Row {
    const char *target, *values;
  };
  const Row rows[] = {
      {"/tag/toan", "[toan]"},
      {"/tag/toan/", "[toan]"},
      {"/tag/toan/lop-5?page=2", "[toan]"},
      {"/tag/toan?q=van", "[van][toan]"},
      {"/Explore/TAGS/toan", "[toan]"},
      {"/t%61g/toan", "[toan]"},
      {"//tag//toan", "[toan]"},
      {"/x/../tag/toan", "[toan]"},
      {"/tag/c%C3%A1", "[c\u00e1]"},
      {"/tag/a%2Fb", "[a]"},
      {"/tag/a%3Fb", "[a%3fb]"},
      {"/tag/", ""},
      {"/tag", ""},
      {"/en/tag/toan", ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.target) {
      Url url;
      REQUIRE(url.parse("http://a.vn" + std::string(row.target)).ok());
      std::string values;
      each_search(engine, url, [&](std::string_view value) { values += "[" + std::string(value) + "]"; });
      CHECK(values == row.values);
    }
  }
}
