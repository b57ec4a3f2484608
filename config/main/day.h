// Days as files write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace schoolgate {

// The end of the day "2027-06-30", UTC seconds; nullopt: there is no such day.
[[nodiscard]] std::optional<std::int64_t> parse_day(std::string_view text);

}  // namespace schoolgate
