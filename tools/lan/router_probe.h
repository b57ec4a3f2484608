// Which IPv6 routers advertise themselves on a network: a Router Solicitation (RFC 4861) and who answers.
// What they say is not followed.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"

namespace schoolgate::tools {

// The MAC address of who sent this Router Advertisement, as it says itself ("02:00:00:00:00:07"; "" where it
// does not). Nullopt: it is no such thing, it is broken, or its sender is no default router (lifetime 0). For
// bytes from the network, from the ICMPv6 header on.
[[nodiscard]] std::optional<std::string> advertising_router(std::string_view bytes);

// Asks, and waits to the end of `wait`: "fe80::1 (02:...)" each, without this machine. Needs root. Error: it
// cannot be asked there.
[[nodiscard]] Result<std::vector<std::string>> other_routers(const std::string& interface,
                                                             std::chrono::milliseconds wait);

}  // namespace schoolgate::tools
