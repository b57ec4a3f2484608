// The `https:` section of the main file: the school's authority, what is never opened, and exceptions.
#pragma once

#include "config/main/main_file.h"
#include "config/text/load_context.h"
#include "rules/policy/policy.h"

namespace schoolgate {

void read_https(const YamlNode& node, const Reporter& report, LoadContext& context, HttpsSettings& out,
                NeverInspect& never);

// Once the tiers are known: is the authority there if some tier needs it? Notes in `main` that it is needed.
void check_https(const PolicySpec& spec, MainFile& main, LoadContext& context);

}  // namespace schoolgate
