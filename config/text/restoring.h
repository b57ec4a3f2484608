// A restore that was cut in the middle: what stands in the configuration's folder then.
#pragma once

#include <string>
#include <string_view>

namespace schoolgate {

// Written by `schoolgate restore` when all is ready, away when all is in place. While it lies there the
// folder may hold files of both.
inline constexpr std::string_view restore_journal = ".restoring";

[[nodiscard]] bool restore_was_cut(const std::string& config_file);

}  // namespace schoolgate
