// `schoolgate tier show`: what holds in a tier, and where each part of it was written.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "config/snapshot.h"
#include "rules/message.h"
#include "rules/policy/overrides.h"

namespace schoolgate::tools {

// `overrides`: what is open, blocked or closed for a lesson, of this very policy; null: nobody knows of any.
[[nodiscard]] std::string tier_text(const Snapshot& snapshot, TierId tier, Catalogue catalogue, bool colour,
                                    std::shared_ptr<const Overrides> overrides = nullptr);
// {"tier", "settings", "categories", "timetable", "lines", "engines", "networks", "exams", "lesson",
// "teachers", ...}
[[nodiscard]] std::string tier_json(const Snapshot& snapshot, TierId id,
                                    std::shared_ptr<const Overrides> overrides = nullptr);

}  // namespace schoolgate::tools
