// `schoolgate tier show`: what holds in a tier, and where each part of it was written.
#pragma once

#include <string>

#include "config/snapshot.h"

namespace schoolgate::tools {

[[nodiscard]] std::string tier_text(const Snapshot& snapshot, TierId tier, bool colour);
// {"tier", "settings", "categories", "timetable", "lines", "engines", "networks", ...}
[[nodiscard]] std::string tier_json(const Snapshot& snapshot, TierId id);

}  // namespace schoolgate::tools
