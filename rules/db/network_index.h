// From an IP address to the rules on networks that hold it: sorted prefixes, each with the longest one around
// it. The bytes are drawn in rules/db/README.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "rules/bytes/byte_io.h"
#include "rules/rule.h"
#include "rules/url/ip.h"

namespace schoolgate {

// What one rule says beside its network.
struct NetworkItem {
  static constexpr std::uint32_t exception = 1, important = 2;

  Tag tag;
  std::uint32_t line;
  std::uint32_t flags;
};

class NetworkIndexBuilder {
 public:
  void add(const Network& network, const NetworkItem& item);
  [[nodiscard]] Bytes build() const;  // empty without any

 private:
  using Key = std::pair<IpAddress, std::uint8_t>;  // a network sorts before all that lie within it
  std::map<Key, std::vector<NetworkItem>> rules_;
};

// Threads: immutable. A view on bytes that outlive it.
class NetworkIndex {
 public:
  struct Prefix {
    Network network;
    std::uint32_t parent;  // number + 1 of the longest other network around it, 0 = none
    std::uint32_t items;   // the first; the next prefix's first ends them
  };

  // Nullopt: the bytes are no such section. Empty bytes are no networks at all. Checks every number, so that
  // nothing below has to.
  [[nodiscard]] static std::optional<NetworkIndex> open(std::span<const std::byte> bytes);
  [[nodiscard]] bool empty() const noexcept { return prefixes_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return prefixes_.empty() ? 0 : prefixes_.size() - 1; }

  // Calls take(network, items) for each network that holds `address`, longest first.
  template <class Take>
  void match(const IpAddress& address, Take&& take) const {
    for (std::uint32_t at = last_not_after(address); at != 0; at = prefixes_[at - 1].parent) {
      const Network& network = prefixes_[at - 1].network;
      if (network.contains(address)) take(network, items(at - 1));
    }
  }

 private:
  // Number + 1 of the last prefix that begins at or before `address`; 0 = none. Networks lie within each
  // other or apart, so that all which hold the address are this one or around it.
  [[nodiscard]] std::uint32_t last_not_after(const IpAddress& address) const noexcept;
  [[nodiscard]] std::span<const NetworkItem> items(std::uint32_t at) const noexcept {
    return items_.subspan(prefixes_[at].items, prefixes_[at + 1].items - prefixes_[at].items);
  }

  std::span<const Prefix> prefixes_;  // and one more, the end of the items
  std::span<const NetworkItem> items_;
};

}  // namespace schoolgate
