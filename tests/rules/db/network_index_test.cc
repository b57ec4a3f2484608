// Networks by address, and bytes that are no such section.
#include "rules/db/network_index.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>

namespace schoolgate {
namespace {

NetworkIndex opened(const Bytes& bytes) {
  const auto index = NetworkIndex::open(bytes);
  REQUIRE(index);
  return *index;
}

std::vector<Tag> tags_of(const NetworkIndex& index, const IpAddress& address) {
  std::vector<Tag> tags;
  index.match(address, [&](const Network&, std::span<const NetworkItem> items) {
    for (const NetworkItem& item : items) tags.push_back(item.tag);
  });
  return tags;
}

}  // namespace

TEST_CASE("network index: nothing in it", "[rules][network]") {
  CHECK(NetworkIndexBuilder().build().empty());
  const NetworkIndex none = opened({});
  CHECK(none.empty());
  CHECK(none.size() == 0);
  CHECK(tags_of(none, IpAddress::v4(1)).empty());
}

TEST_CASE("network index: as asking every network", "[rules][network]") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    std::mt19937 random(seed);
    const auto address = [&] {  // few bits differ, so that many lie within each other
      IpAddress out = random() % 2 == 0 ? IpAddress::v4(0xc6336400) : IpAddress{{0x20, 0x01, 0x0d, 0xb8}};
      for (int i = 0; i < 3; ++i) out.bytes[random() % 16] ^= static_cast<std::uint8_t>(1U << random() % 8);
      return out;
    };
    NetworkIndexBuilder builder;
    std::vector<Network> networks;
    for (Tag tag = 0; tag < 60; ++tag) {
      const IpAddress base = address();
      const auto network =
          Network::around(base.to_string() + "/" + std::to_string(random() % (base.is_v4() ? 33 : 129)));
      REQUIRE(network);
      networks.push_back(*network);
      builder.add(*network, {tag, tag, 0});
    }
    const Bytes bytes = builder.build();
    const NetworkIndex index = opened(bytes);
    std::vector<std::string> distinct;
    for (const Network& network : networks) distinct.push_back(network.cidr());
    std::sort(distinct.begin(), distinct.end());
    CHECK(index.size() ==
          static_cast<std::size_t>(std::unique(distinct.begin(), distinct.end()) - distinct.begin()));
    for (int i = 0; i < 300; ++i) {
      const IpAddress asked = address();
      std::vector<Tag> want;
      for (Tag tag = 0; tag < networks.size(); ++tag)
        if (networks[tag].contains(asked)) want.push_back(tag);
      std::vector<Tag> got = tags_of(index, asked);
      CHECK(std::is_sorted(got.begin(), got.end(),
                           [&](Tag a, Tag b) { return networks[a].bits > networks[b].bits; }));
      std::sort(got.begin(), got.end());
      INFO("seed " << seed << ", " << asked.to_string());
      REQUIRE(got == want);
    }
  }
}

TEST_CASE("network index: bytes that are no such section", "[rules][network]") {
  NetworkIndexBuilder builder;
  for (const char* text : {"10.0.0.0/8", "10.1.0.0/16", "192.0.2.0/24"})
    builder.add(*Network::parse(text), {1, 2, 0});
  const Bytes good = builder.build();
  REQUIRE(NetworkIndex::open(good));
  for (std::size_t size = 1; size < good.size(); ++size)
    CHECK_FALSE(NetworkIndex::open(std::span(good).first(size)));
  struct Row {
    const char* name;
    std::size_t at;
    int value;
  };
  constexpr std::size_t first = 8, second = first + 28;
  const Row table[] = {
      {"more networks than bytes", 0, 0xff},
      {"more items than bytes", 4, 0xff},
      {"none at all", 0, 0},
      {"a length over 128", first + 16, 129},
      {"not in their order", first, 0xff},
      {"a parent that does not lie around it", first + 20, 1},
      {"no parent where there is one", second + 20, 0},
      {"a parent that comes behind", second + 20, 3},
      {"items of nobody", first + 24, 9},
      {"more items than there are", first + 3 * 28 + 24, 9},
  };
  for (const Row& row : table) {
    DYNAMIC_SECTION(row.name) {
      Bytes bad = good;
      bad.at(row.at) = static_cast<std::byte>(row.value);
      CHECK_FALSE(NetworkIndex::open(bad));
    }
  }
}

}  // namespace schoolgate
