// `schoolgate tier show`: what holds in a tier, and where each part of it was written.
#pragma once

#include <span>
#include <string>

#include "config/snapshot.h"
#include "rules/message.h"

namespace schoolgate::tools {

[[nodiscard]] std::string tier_text(const Snapshot& snapshot, TierId tier, Catalogue catalogue, bool colour);
// {"tier", "settings", "categories", "timetable", "lines", "engines", "networks", ...}
[[nodiscard]] std::string tier_json(const Snapshot& snapshot, TierId id);
// With the one that is meant, or all there are.
[[nodiscard]] Message no_such_tier(const std::string& name, std::span<const std::string> known);

}  // namespace schoolgate::tools
