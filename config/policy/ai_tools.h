// "ai:" of a tier's file: the tools that answer by themselves (chatbots, writers, picture makers) which this
// tier may use, each with the school's reason and the day by which it looks at it again.
#pragma once

#include <cstdint>
#include <vector>

#include "config/policy/line_reader.h"

namespace schoolgate {

// {site | bundle: ..., why: ..., review_by: 2027-06-30} each; they are lines that allow. Errors go to the
// report, and so does a warning on each whose day is before `now` (UTC seconds).
[[nodiscard]] std::vector<PlacedLine> read_ai_tools(const YamlNode& node, const Reporter& report,
                                                    LoadContext& context, const Bundles& bundles,
                                                    std::int64_t now);

}  // namespace schoolgate
