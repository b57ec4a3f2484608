// Networks as the main file names them, and what was meant by those that are written otherwise.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/text/yaml_fields.h"
#include "rules/url/ip.h"

namespace schoolgate {

// Loopback, private and link-local addresses: who may connect where `clients:` does not say it.
[[nodiscard]] std::vector<Network> private_networks();

// Nullopt after an error, which says how the network is written if it can be guessed.
[[nodiscard]] std::optional<Network> read_network(const YamlNode& node, const Reporter& report);
[[nodiscard]] std::vector<Network> read_networks(const YamlNode& node,
                                                 const Reporter& report);  // the good ones

// An IPv4 address that stands for a network: 10.2.0.0 is "10.2.0.0/16".
[[nodiscard]] std::string network_meant_by(const IpAddress& address);

}  // namespace schoolgate
