// From a pseudonym back to an address: every address that may be behind it is tried under each month's key.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "proxy/audit/pseudonym.h"

namespace schoolgate::audit {

// The 40 bits of "HS-7K3Q2F9A", in any case; I and L read as 1, O as 0.
[[nodiscard]] std::optional<std::uint64_t> parse_pseudonym(std::string_view text) noexcept;

struct PseudonymSearch {
  std::vector<IpAddress> addresses;  // tried first
  std::vector<Network> networks;     // then, in this order, where they have few enough addresses to be tried

  struct Found {
    IpAddress address;
    Month month;
  };
  struct Outcome {
    std::optional<Found> found;
    std::uint64_t tried = 0;         // addresses, each under every key
    std::vector<Network> too_large;  // not tried
    bool given_up = false;           // `enough` said so
  };
  // `enough` is asked now and then. Under one key 2^24 addresses take some seconds.
  [[nodiscard]] Outcome run(std::uint64_t pseudonym_bits, const std::map<Month, PseudonymKey>& keys,
                            const std::function<bool()>& enough) const;
};

}  // namespace schoolgate::audit
