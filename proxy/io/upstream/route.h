// Which way a request leaves: straight to its origin, through the parent proxy, or not at all.
#pragma once

#include <cstdint>
#include <string_view>

#include "proxy/io/upstream/address_policy.h"
#include "rules/url/host.h"

namespace schoolgate {

enum class Route : std::uint8_t {
  direct,   // its addresses are still to be checked
  parent,   // a public name or address: the parent proxy looks it up and connects
  refused,  // a private name or address
  own,      // our own address: a loop
};

// The way to `host` when there is a parent proxy. The target's name is not looked up, so a private one must
// show by itself. What the school has said itself is reached directly, for the parent cannot: addresses of
// upstream.allow_networks, and names of the hosts file (`in_hosts_file`), whose addresses are checked as
// always.
[[nodiscard]] Route route_beside_parent(const Host& host, std::uint16_t port, bool in_hosts_file,
                                        const AddressPolicy& addresses,
                                        std::span<const LocalAddress> local) noexcept;

// Names that mean something inside a network only, or must never leave it: one label; localhost (RFC 6761),
// .local (RFC 6762), home.arpa (RFC 8375), .internal (ICANN, 2024), and those that routers and offices use
// (RFC 6762, appendix G). `name` is canonical.
[[nodiscard]] bool is_private_name(std::string_view name) noexcept;

}  // namespace schoolgate
