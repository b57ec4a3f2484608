// pages.yaml: the school's own words on pupils' pages.
//
//   version: 1
//   vi:
//     block:
//       pupils: {title: "Trang này bị chặn", body: ["{reason}", "Hỏi cô Hạnh ở phòng tin học."]}
//     ask: {thcs: "Đưa mã dưới đây cho {it_contact}."}
#pragma once

#include <span>
#include <string>

#include "config/policy/page_words.h"
#include "config/text/load_context.h"
#include "rules/policy/policy.h"

namespace schoolgate {

// Errors go to the context; what has one is left out. Words are for a voice (small_children, pupils, adults)
// or for one of `tiers`.
[[nodiscard]] PageWords read_pages_file(const std::string& path, LoadContext& context,
                                        std::span<const Tier> tiers);
// Beside the main file; "" where there is none.
[[nodiscard]] std::string pages_file(const LoadContext& context);

}  // namespace schoolgate
