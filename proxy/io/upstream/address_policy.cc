#include "proxy/io/upstream/address_policy.h"

#include <algorithm>

namespace schoolgate {

AddressPolicy::AddressPolicy(std::vector<Network> allowed, std::vector<ListenAddress> own)
    : allowed_(std::move(allowed)), own_(std::move(own)) {}

AddressCheck AddressPolicy::check(const IpAddress& address, std::uint16_t port,
                                  std::span<const LocalAddress> local_now) const noexcept {
  const AddressClass kind = classify(address);
  const auto local = std::find_if(local_now.begin(), local_now.end(),
                                  [&](const LocalAddress& one) { return one.address == address; });
  // Connecting to 0.0.0.0 or :: reaches this machine itself.
  const bool here =
      kind == AddressClass::loopback || kind == AddressClass::unspecified || local != local_now.end();
  for (const ListenAddress& own : own_) {
    if (own.port != port) continue;
    const bool any = classify(own.address) == AddressClass::unspecified;
    if (own.address == address || (here && (any || kind == AddressClass::unspecified)))
      return AddressCheck::own;
  }
  if (kind == AddressClass::unspecified) return AddressCheck::refused;
  const bool behind_firewall = local != local_now.end() && !local->on_loopback;
  if (kind == AddressClass::global && !behind_firewall) return AddressCheck::ok;
  const auto holds = [&](const Network& network) { return network.contains(address); };
  return std::any_of(allowed_.begin(), allowed_.end(), holds) ? AddressCheck::ok : AddressCheck::refused;
}

}  // namespace schoolgate
