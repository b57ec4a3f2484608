// The `gateway:` section of the main file: what the gateway's firewall lets through besides.
#pragma once

#include "config/main/main_file.h"
#include "config/text/load_context.h"
#include "config/text/yaml_fields.h"

namespace schoolgate {

// Fills Config::gateway, and the places of its tiers.
void read_gateway(const YamlNode& node, const Reporter& report, LoadContext& context, MainFile& out);

}  // namespace schoolgate
