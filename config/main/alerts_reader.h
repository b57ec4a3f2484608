// The `alerts:` section of the main file.
#pragma once

#include "config/main/alert_settings.h"
#include "config/text/load_context.h"
#include "config/text/yaml_fields.h"

namespace schoolgate {

// What is wrong is told, and delivers nothing: never half of it.
void read_alerts(const YamlNode& node, const Reporter& report, LoadContext& context, AlertSettings& out);

}  // namespace schoolgate
