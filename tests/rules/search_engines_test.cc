#include <catch2/catch.hpp>

#include "rules/host.h"
#include "rules/search_engines.h"

using namespace schoolgate;

namespace {

std::string engine_of(const SearchEngines& engines, std::string_view name) {
  Host host;
  UrlError error{};
  REQUIRE(parse_host(name, host, error));
  const SearchEngine* engine = engines.find(HostKeys(host));
  return engine == nullptr ? "-" : engine->id;
}

}  // namespace

TEST_CASE("the engine of a host", "[rules][engines]") {
  const SearchEngines engines({{"google", {"google.<cc>"}, {"q"}, {}},
                               {"scholar", {"scholar.google.<cc>"}, {"q"}, {}},
                               {"bing", {"bing.com"}, {"q"}, {}}});
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
