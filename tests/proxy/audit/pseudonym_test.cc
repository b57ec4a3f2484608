#include "proxy/audit/pseudonym.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using schoolgate::audit_test::TempDir;

namespace {

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string name(PseudonymKeys& keys, Month month, const IpAddress& client) {
  const auto key = keys.key(month);
  REQUIRE(key);
  return pseudonym(**key, client);
}

}  // namespace

TEST_CASE("pseudonym: HMAC-SHA-256 over the 16 address bytes, 40 bits, Crockford base 32", "[audit]") {
  PseudonymKey key{};
  // Computed with Python's hmac module: key of 32 zero bytes, message ::ffff:10.0.3.7 as 16 bytes.
  CHECK(pseudonym(key, IpAddress::v4(0x0a000307)) == "HS-22155316");
  key[31] = 1;
  CHECK(pseudonym(key, IpAddress::v4(0x0a000307)) != "HS-22155316");
}

TEST_CASE("keys: made once a month, kept in a 0600 file", "[audit]") {
  TempDir dir;
  const std::string path = dir.root + "/keys";
  const IpAddress client = IpAddress::v4(0x0a000307);
  std::string march, april;
  {
    auto keys = PseudonymKeys::load(path);
    REQUIRE(keys);
    march = name(*keys, {2026, 3}, client);
    april = name(*keys, {2026, 4}, client);
    CHECK(march != april);
    CHECK(name(*keys, {2026, 3}, client) == march);
    CHECK(name(*keys, {2026, 3}, IpAddress::v4(0x0a000308)) != march);
  }
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0600);

  auto again = PseudonymKeys::load(path);
  REQUIRE(again);
  CHECK(name(*again, {2026, 3}, client) == march);
  CHECK(*again->forget([](Month m) { return m < Month{2026, 4}; }));
  CHECK_FALSE(*again->forget([](Month m) { return m < Month{2026, 4}; }));  // nothing left to forget
  CHECK(name(*again, {2026, 4}, client) == april);
  CHECK(read(path).find("2026-03") == std::string::npos);
  CHECK(name(*again, {2026, 3}, client) != march);
}

TEST_CASE("keys: what is refused", "[audit]") {
  TempDir dir;
  const std::string path = dir.root + "/keys";
  const std::string good = "2026-03 " + std::string(64, 'a') + "\n";
  struct Case {
    const char* name;
    std::string text, want;
    ::mode_t mode;
  };
  const Case cases[] = {
      {"readable by others", good, "chmod 600", 0644},
      {"a short key", "2026-03 abc\n", "keys:1", 0600},
      {"not hex", "# note\n2026-03 " + std::string(64, 'g') + "\n", "keys:2", 0600},
      {"no month", "2026-13 " + std::string(64, 'a') + "\n", "keys:1", 0600},
      {"a cut line", "2026-03", "keys:1", 0600},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      std::ofstream(path) << c.text;
      REQUIRE(::chmod(path.c_str(), c.mode) == 0);
      const auto keys = PseudonymKeys::load(path);
      REQUIRE_FALSE(keys);
      CHECK(keys.error().message.english().find(c.want) != std::string::npos);
    }
  }
  std::ofstream(path) << good;
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  CHECK(PseudonymKeys::load(path));
}

TEST_CASE("keys: a folder that cannot be written is an error, not a lost key", "[audit]") {
  auto keys = PseudonymKeys::load("/nonexistent/keys");
  REQUIRE(keys);
  const auto key = keys->key({2026, 3});
  REQUIRE_FALSE(key);
  CHECK(key.error().message.english().find("/nonexistent/keys") != std::string::npos);
}
