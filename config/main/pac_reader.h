// The `pac:` section of the main file: what browsers are told of the proxy.
#pragma once

#include "config/main/config.h"
#include "config/text/yaml_fields.h"

namespace schoolgate {

void read_pac(const YamlNode& node, const Reporter& report, PacSettings& out);

}  // namespace schoolgate
