// Where this machine stands in the school's network.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/main/config.h"
#include "tools/lan/machine.h"

namespace schoolgate::tools {

// Interfaces with a network of the school's, without the one to the world where there are several: where
// other DHCP servers and routers are looked for.
[[nodiscard]] std::vector<std::string> school_interfaces(const Machine& machine, const Config& config);

// Where browsers of the school find the proxy, and devices its pages; 0: nothing listens but on this machine.
[[nodiscard]] std::uint16_t browsers_port(const Config& config);
// Where a device of the school finds our pages by number, whether its names lead here or not:
// "192.168.1.1:3128". "" where that is not known: nothing listens but on this machine itself.
[[nodiscard]] std::string address_of_pages(const Machine& machine, const Config& config);

}  // namespace schoolgate::tools
