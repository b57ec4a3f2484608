// Which DHCP servers answer on a network: a DISCOVER (RFC 2131) and who offers something. Nothing is taken.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"
#include "rules/url/ip.h"

namespace schoolgate::tools {

using MacAddress = std::array<std::uint8_t, 6>;

// The bytes of a DISCOVER that asks to be answered by broadcast.
[[nodiscard]] std::string dhcp_discover(std::uint32_t id, const MacAddress& mac);

// Who sent this OFFER of that DISCOVER: option 54, which a server has to set. Nullopt: it is no such thing,
// or it is broken. For bytes from the network.
[[nodiscard]] std::optional<IpAddress> dhcp_offer_from(std::string_view bytes, std::uint32_t id,
                                                       const MacAddress& mac);

// Asks twice within `wait`, and waits to its end: the servers in order, without this machine's own addresses.
// Needs root. Error: it cannot be asked there, which says nothing about servers.
[[nodiscard]] Result<std::vector<IpAddress>> dhcp_servers(const std::string& interface,
                                                          std::chrono::milliseconds wait);

}  // namespace schoolgate::tools
