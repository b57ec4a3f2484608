// Which addresses the proxy may connect to, whatever name led there.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rules/url/ip.h"

namespace schoolgate {

struct ListenAddress {
  IpAddress address;  // unspecified = every address of this machine
  std::uint16_t port = 0;
};

// An address of this machine (LocalAddresses). On an interface to elsewhere it leads, if public, to what the
// machine serves behind its own firewall; one that somebody put on the loopback interface is there to be
// reached.
struct LocalAddress {
  IpAddress address;
  bool on_loopback = false;
};

enum class AddressCheck : std::uint8_t {
  ok,
  refused,  // not a global address, or this machine's, and not allowed by upstream.allow_networks
  own,      // one of our listeners: a loop, refused even when allowed
};

// Immutable once built; one per generation of the configuration. The address that was checked must be the
// very one connected to (no second look-up): names can be rebound.
class AddressPolicy {
 public:
  AddressPolicy() = default;
  AddressPolicy(std::vector<Network> allowed, std::vector<ListenAddress> own);
  // `local`: the machine's addresses now (LocalAddresses): a dial-up line brings one long after a load.
  [[nodiscard]] AddressCheck check(const IpAddress& address, std::uint16_t port,
                                   std::span<const LocalAddress> local) const noexcept;

 private:
  std::vector<Network> allowed_;
  std::vector<ListenAddress> own_;
};

}  // namespace schoolgate
