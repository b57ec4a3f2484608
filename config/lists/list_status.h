// How one list was read.
#pragma once

#include <cstdint>

#include "config/main/config.h"
#include "rules/lists/list_parser.h"

namespace schoolgate {

inline constexpr std::uint64_t largest_list_file = std::uint64_t{1} << 30;  // bytes

// The result of reading one list file, for `check`, start-up and the status page.
struct ListStatus {
  ListSource source;
  ListReport report;
};

}  // namespace schoolgate
