#include "proxy/audit/pseudonym_search.h"

#include <catch2/catch.hpp>

using namespace schoolgate;
using namespace schoolgate::audit;

namespace {

PseudonymKey key_of(std::uint8_t first) {
  PseudonymKey key{};
  key[0] = first;
  key[31] = 7;
  return key;
}

const std::map<Month, PseudonymKey> keys{{{2026, 2}, key_of(1)}, {{2026, 3}, key_of(2)}};

std::uint64_t bits_of(Month month, const char* address) {
  const auto bits = parse_pseudonym(pseudonym(keys.at(month), *IpAddress::parse(address)));
  REQUIRE(bits);
  return *bits;
}

bool never() {
  return false;
}

}  // namespace

TEST_CASE("pseudonym: read in the spellings people use", "[audit][reveal]") {
  const auto bits = parse_pseudonym("HS-01ABCDEF");
  REQUIRE(bits);
  for (const char* same : {"hs-01abcdef", "HS-OIABCDEF", "Hs-oLabcdef"}) CHECK(parse_pseudonym(same) == bits);
  for (const char* none :
       {"", "HS-", "HS-01ABCDE", "HS-01ABCDEFG", "XX-01ABCDEF", "HS-01ABCDE?", "7KQ2-M4XH"})
    CHECK_FALSE(parse_pseudonym(none));
}

TEST_CASE("pseudonym search: an address of each kind is found, under each month's key", "[audit][reveal]") {
  PseudonymSearch search;
  search.addresses = {*IpAddress::parse("2001:db8::77")};
  search.networks = {*Network::parse("10.1.0.0/24"), *Network::parse("2001:db8::/64"),
                     *Network::parse("fd00::ff00/120"), *Network::parse("172.16.0.0/16")};
  for (const Month month : {Month{2026, 2}, Month{2026, 3}}) {
    for (const char* address : {"10.1.0.0", "10.1.0.255", "172.16.3.4", "2001:db8::77", "fd00::ffff"}) {
      CAPTURE(address);
      const auto outcome = search.run(bits_of(month, address), keys, never);
      REQUIRE(outcome.found);
      CHECK(outcome.found->address.to_string() == address);
      CHECK(outcome.found->month == month);
    }
  }
  const auto outcome = search.run(bits_of({2026, 3}, "10.1.1.0"), keys, never);
  CHECK_FALSE(outcome.found);
  CHECK(outcome.tried == 1 + 256 + 256 + 65'536);
  CHECK(outcome.too_large == std::vector<Network>{*Network::parse("2001:db8::/64")});
}

TEST_CASE("pseudonym search: ends when it is told to", "[audit][reveal]") {
  PseudonymSearch search;
  search.networks = {*Network::parse("10.0.0.0/8")};
  int asked = 0;
  const auto outcome = search.run(1, keys, [&] { return ++asked == 2; });
  CHECK(outcome.given_up);
  CHECK(outcome.tried == 8192);
}
