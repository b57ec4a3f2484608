// Ports and ranges of ports as files write them.
#pragma once

#include <optional>

#include "config/text/yaml_fields.h"
#include "rules/policy/policy.h"

namespace schoolgate {

// "8080" or "8000-8999". Nullopt after an error.
[[nodiscard]] std::optional<TunnelRules::Ports> read_ports(const YamlNode& node, const Reporter& report);

}  // namespace schoolgate
