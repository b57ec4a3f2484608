#include "rules/url/public_suffix.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "rules/url/host.h"

namespace schoolgate {
namespace {

// Of the package that brings the list.
std::string packaged_list() {
  std::ifstream in("/usr/share/publicsuffix/public_suffix_list.dat");
  return {std::istreambuf_iterator<char>(in), {}};
}
// Before main(): whichever test asks first, the list and its bits answer.
[[maybe_unused]] const bool by_the_package = (read_suffixes_from(&packaged_list), true);

TEST_CASE("public suffixes", "[rules][suffix]") {
  struct Row {
    const char* host;
    Suffix want;
  };
  const Row rows[] = {
      {"com", Suffix::registry},       {"vn", Suffix::registry},        {"com.vn", Suffix::registry},
      {"edu.vn", Suffix::registry},    {"co.uk", Suffix::registry},     {"xxx", Suffix::registry},
      {"ck", Suffix::registry},        {"gov.ck", Suffix::registry},    {"www.ck", Suffix::none},
      {"xn--p1ai", Suffix::registry},  {"github.io", Suffix::hoster},   {"blogspot.com", Suffix::hoster},
      {"a.github.io", Suffix::none},   {"school.edu.vn", Suffix::none}, {"lan", Suffix::none},
      {"192.0.2.1", Suffix::none},     {"2001:db8::1", Suffix::none},   {"", Suffix::none},
      {"example.com.vn", Suffix::none}};
  for (const Row& row : rows) DYNAMIC_SECTION(row.host) {
      CHECK(public_suffix(row.host) == row.want);
    }
}

TEST_CASE("public suffixes: every rule of the list means what it says", "[rules][suffix]") {
  std::istringstream in(packaged_list());
  Suffix section = Suffix::registry;
  std::size_t rules = 0, stars = 0, exceptions = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.find("BEGIN PRIVATE DOMAINS") != std::string::npos) section = Suffix::hoster;
    std::string_view rule(line);
    rule = rule.substr(0, rule.find_first_of(" \t"));
    if (rule.empty() || rule.starts_with("//")) continue;
    const bool star = rule.starts_with("*."), exception = rule.front() == '!';
    Host host;
    REQUIRE(parse_host(rule.substr(star ? 2 : exception ? 1 : 0), host).ok());
    INFO(line);
    ++rules;
    stars += star ? 1 : 0;
    exceptions += exception ? 1 : 0;
    if (exception)
      CHECK(public_suffix(host.text) == Suffix::none);
    else
      CHECK(public_suffix(star ? "anything." + host.text : host.text) == section);
    if (star && section == Suffix::registry) CHECK(public_suffix(host.text) == Suffix::registry);
    if (!star && !exception) CHECK(public_suffix("a-school-of-its-own." + host.text) != Suffix::registry);
  }
  CHECK(rules > 8000);
  CHECK(stars > 50);
  CHECK(exceptions > 5);
}

TEST_CASE("sites, and the hosting platforms that they lie below", "[rules][suffix]") {
  struct Row {
    const char *host, *site, *platform;
  };
  const Row rows[] = {
      {"www.a.vn", "a.vn", ""},
      {"a.com.vn", "a.com.vn", ""},
      {"x.y.a.com.vn", "a.com.vn", ""},
      {"x.github.io", "x.github.io", "github.io"},
      {"www.x.github.io", "x.github.io", "github.io"},
      {"github.io", "github.io", ""},
      {"com.vn", "com.vn", ""},
      {"lan", "lan", ""},
      {"may-chu.lan", "may-chu.lan", ""},
      {"192.0.2.1", "192.0.2.1", ""},
      {"", "", ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION("host " << row.host) {
      CHECK(site_of(row.host) == row.site);
      CHECK(hosting_platform(row.host) == row.platform);
    }
}

}  // namespace
}  // namespace schoolgate
