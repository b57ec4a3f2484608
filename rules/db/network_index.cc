#include "rules/db/network_index.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>

namespace schoolgate {
namespace {

using Prefix = NetworkIndex::Prefix;

// They are the bytes of the section as they stand there.
static_assert(std::is_trivially_copyable_v<Prefix> && sizeof(Prefix) == 28 && alignof(Prefix) == 4);
static_assert(offsetof(Prefix, parent) == 20 && sizeof(NetworkItem) == 12);

std::pair<IpAddress, std::uint8_t> order_of(const Network& network) noexcept {
  return {network.base, network.bits};
}

// Not contains(): that keeps IPv4 addresses out of short IPv6 networks, which lie around them here.
bool lies_around(const Network& outer, const Network& inner) noexcept {
  if (outer.bits >= inner.bits) return false;
  for (unsigned bit = 0; bit < outer.bits; bit += 8) {
    const unsigned left = outer.bits - bit;
    const unsigned mask = left >= 8 ? 0xffU : 0xff00U >> left & 0xffU;
    if (((outer.base.bytes[bit / 8] ^ inner.base.bytes[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

// The prefixes are sorted, and each stands within its parent and within none that is longer.
bool is_whole(std::span<const Prefix> prefixes, std::size_t items) noexcept {
  for (std::size_t i = 0; i + 1 < prefixes.size(); ++i) {
    const Prefix& p = prefixes[i];
    if (p.network.bits > 128 || p.items > prefixes[i + 1].items) return false;
    if (i > 0 && order_of(prefixes[i - 1].network) >= order_of(p.network)) return false;
    std::uint32_t around = static_cast<std::uint32_t>(i);
    while (around != 0 && !lies_around(prefixes[around - 1].network, p.network))
      around = prefixes[around - 1].parent;
    if (p.parent != around) return false;
  }
  return prefixes.back().items <= items;
}

}  // namespace

void NetworkIndexBuilder::add(const Network& network, const NetworkItem& item) {
  rules_[order_of(network)].push_back(item);
}

Bytes NetworkIndexBuilder::build() const {
  Bytes out;
  if (rules_.empty()) return out;
  std::vector<Network> networks;
  std::vector<std::uint32_t> parents;
  std::uint32_t items = 0;
  for (const auto& [key, of_network] : rules_) items += static_cast<std::uint32_t>(of_network.size());
  put(out, static_cast<std::uint32_t>(rules_.size() + 1));
  put(out, items);
  items = 0;
  // Field by field: the bytes between them are zero, so that the same rules make the same bytes.
  const auto put_prefix = [&](const Network& network, std::uint32_t parent) {
    put(out, network.base.bytes);
    put(out, network.bits);
    put(out, std::array<std::uint8_t, 3>{});
    put(out, parent);
    put(out, items);
  };
  for (const auto& [key, of_network] : rules_) {
    const Network network{key.first, key.second};
    auto parent = static_cast<std::uint32_t>(networks.size());
    while (parent != 0 && !lies_around(networks[parent - 1], network)) parent = parents[parent - 1];
    put_prefix(network, parent);
    networks.push_back(network);
    parents.push_back(parent);
    items += static_cast<std::uint32_t>(of_network.size());
  }
  put_prefix(Network{IpAddress{}, 0}, 0);
  for (const auto& [key, of_network] : rules_) put_bytes(out, std::as_bytes(std::span(of_network)));
  return out;
}

std::optional<NetworkIndex> NetworkIndex::open(std::span<const std::byte> bytes) {
  NetworkIndex index;
  if (bytes.empty()) return index;
  constexpr std::size_t head = 2 * sizeof(std::uint32_t);
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(Prefix) != 0) return std::nullopt;
  ByteReader in(bytes);
  const auto prefixes = in.fixed<std::uint32_t>(), items = in.fixed<std::uint32_t>();
  if (!in.ok() || prefixes == 0 ||
      bytes.size() !=
          head + std::uint64_t{prefixes} * sizeof(Prefix) + std::uint64_t{items} * sizeof(NetworkItem))
    return std::nullopt;
  const auto prefix_bytes = in.bytes(prefixes * sizeof(Prefix)),
             item_bytes = in.bytes(items * sizeof(NetworkItem));
  index.prefixes_ = {reinterpret_cast<const Prefix*>(prefix_bytes.data()), prefixes};
  index.items_ = {reinterpret_cast<const NetworkItem*>(item_bytes.data()), items};
  if (!is_whole(index.prefixes_, index.items_.size())) return std::nullopt;
  return index;
}

std::uint32_t NetworkIndex::last_not_after(const IpAddress& address) const noexcept {
  const auto begin = prefixes_.begin(), end = begin + static_cast<std::ptrdiff_t>(size());
  const auto after = std::upper_bound(begin, end, address,
                                      [](const IpAddress& a, const Prefix& p) { return a < p.network.base; });
  return static_cast<std::uint32_t>(after - begin);
}

}  // namespace schoolgate
