// Whom some closings cover, asked whether a client may be one of them: a masked comparison for each network,
// so that everybody else is told in a few nanoseconds. "No" is certain; "yes" is not. Internal to the Judge.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "rules/policy/policy.h"
#include "rules/url/ip.h"

namespace schoolgate {

class ClientFilter {
 public:
  void clear() noexcept {
    networks_.clear();
    tiers_ = 0;
  }
  void add(const Network& network) {
    Masked one;
    std::array<std::uint8_t, 16> mask{};
    for (std::size_t i = 0; i < mask.size(); ++i) {
      const int bits = std::clamp(network.bits - static_cast<int>(8 * i), 0, 8);
      mask[i] = static_cast<std::uint8_t>(0xff00U >> bits);
    }
    one.mask = halves(mask);
    one.base = halves(network.base.bytes);  // whose host bits are zero
    networks_.push_back(one);
  }
  void add(TierId tier) noexcept { tiers_ |= bit(tier); }
  void reserve(std::size_t networks) { networks_.reserve(networks); }
  [[nodiscard]] bool may_hold(const IpAddress& client, TierId tier) const noexcept {
    if ((tiers_ & bit(tier)) != 0) return true;
    const Halves asked = halves(client.bytes);
    bool held = false;
    for (const Masked& one : networks_) {  // bits alone, no branch
      held |= (((asked[0] & one.mask[0]) ^ one.base[0]) | ((asked[1] & one.mask[1]) ^ one.base[1])) == 0;
    }
    return held;
  }

 private:
  using Halves = std::array<std::uint64_t, 2>;
  struct Masked {
    Halves base, mask;
  };
  [[nodiscard]] static Halves halves(const std::array<std::uint8_t, 16>& bytes) noexcept {
    Halves out;
    std::memcpy(out.data(), bytes.data(), sizeof(out));
    return out;
  }
  [[nodiscard]] static std::uint64_t bit(TierId tier) noexcept { return std::uint64_t{1} << (tier % 64U); }
  std::vector<Masked> networks_;
  std::uint64_t tiers_ = 0;
};

}  // namespace schoolgate
