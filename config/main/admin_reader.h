// `listen: admin:`: where `schoolgate web` serves the staff's pages, and which devices may open them.
#pragma once

#include "config/main/main_file.h"
#include "config/text/yaml_fields.h"
#include "rules/policy/policy.h"

namespace schoolgate {

// Into `out.config.admin`, which stays empty where the address cannot be read.
void read_admin(const YamlNode& node, const Reporter& report, LoadContext& context, MainFile& out);
// What can be said once `who` and the tiers are known: no network of pupils may open the pages.
void check_admin(const PolicySpec& spec, const MainFile& main, LoadContext& context);

}  // namespace schoolgate
