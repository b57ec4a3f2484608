#include "rules/url/host_keys.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "rules/bytes/hash.h"

namespace schoolgate {
namespace {

std::vector<std::string> suffixes(std::string_view text, bool is_address = false) {
  const HostKeys keys(text, is_address);
  std::vector<std::string> out;
  for (const HostKeys::Key& key : keys) {
    CHECK(key.hash == hash_host(keys.suffix(key)));
    out.emplace_back(keys.suffix(key));
  }
  return out;
}

}  // namespace

TEST_CASE("host keys: one for each suffix, shortest first", "[rules][host_keys]") {
  struct Row {
    const char* text;
    bool is_address;
    std::vector<std::string> want;
  };
  const std::string label63(63, 'x');
  const Row rows[] = {
      {"com", false, {"com"}},
      {"a.bc", false, {"bc", "a.bc"}},
      {"www.example.com", false, {"com", "example.com", "www.example.com"}},
      {"12345678.abcdefgh.12345678a",
       false,
       {"12345678a", "abcdefgh.12345678a", "12345678.abcdefgh.12345678a"}},
      {"192.0.2.1", true, {"192.0.2.1"}},
      {"2001:db8::1", true, {"2001:db8::1"}},
      {"", false, {}},
  };
  for (const Row& r : rows) DYNAMIC_SECTION(r.text) {
      CHECK(suffixes(r.text, r.is_address) == r.want);
    }

  SECTION("labels and length at their limits") {
    std::string longest = label63 + "." + label63 + "." + label63 + "." + std::string(61, 'y');
    REQUIRE(longest.size() == 253);
    CHECK(suffixes(longest).size() == 4);
    CHECK(suffixes(longest + "z").empty());
    std::string many;
    for (int i = 0; i < 126; ++i) many += "a.";
    CHECK(suffixes(many + "b").size() == 127);
    CHECK(HostKeys(std::string(253, '.'), false).size() == HostKeys::max_labels);  // no host, but no harm
  }
}

TEST_CASE("host keys: a dot at any place of a text of any length", "[rules][host_keys]") {
  for (std::size_t size = 3; size <= 253; ++size) {
    for (std::size_t dot = 1; dot + 1 < size; ++dot) {
      std::string text(size, 'a');
      text[dot] = '.';
      const HostKeys keys(text, false);
      REQUIRE(keys.size() == 2);
      REQUIRE(keys.begin()->begin == dot + 1);
      REQUIRE(keys.begin()->hash == hash_host(text.substr(dot + 1)));
    }
  }
}

TEST_CASE("host keys: names that differ little have different hashes", "[rules][host_keys]") {
  std::set<std::uint64_t> seen;
  std::size_t names = 0;
  std::string name;
  for (int length = 1; length <= 40; ++length) {
    name.push_back('a');
    for (std::size_t i = 0; i < name.size(); ++i) {
      for (const char c : {'b', '.', '-', '0'}) {
        std::string other = name;
        other[i] = c;
        if (other.find("..") != std::string::npos || other.front() == '.' || other.back() == '.') continue;
        seen.insert(hash_host(other));
        ++names;
      }
    }
  }
  CHECK(seen.size() == names);
}

TEST_CASE("host keys: \"www\" before a name changes the low half of its hash", "[rules][host_keys]") {
  int carried = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "site" + std::to_string(i) + ".example";
    const std::uint64_t hash = hash_host(name), www = hash_host("www." + name);
    carried += hash >> 32 != www >> 32 ? 1 : 0;
    CHECK((hash & 0xffff) != (www & 0xffff));
    CHECK(hash_host("www.www." + name) != hash);
    CHECK(hash_host("www.www." + name) != www);
    CHECK(hash_host("wwx." + name) >> 32 != hash >> 32);
    CHECK(hash_host("www" + name) >> 32 != hash >> 32);
    CHECK(hash_host("a.www." + name) >> 32 != hash_host("a." + name) >> 32);
  }
  CHECK(carried < 5);
}

TEST_CASE("checksum: any changed byte changes it", "[rules][hash]") {
  std::vector<std::byte> bytes(64 * 3);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7);
  const std::uint64_t sum = checksum(bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      bytes[i] ^= static_cast<std::byte>(1 << bit);
      CHECK(checksum(bytes) != sum);
      bytes[i] ^= static_cast<std::byte>(1 << bit);
    }
  }
  CHECK(checksum(std::span(bytes).first(128)) != checksum(std::span(bytes).first(64)));
  CHECK(checksum({}) != checksum(std::vector<std::byte>(64)));
}

}  // namespace schoolgate
