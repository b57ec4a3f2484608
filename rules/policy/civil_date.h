// Days of the calendar, counted from 1970-01-01.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace schoolgate {

struct CivilDate {
  std::int64_t year;
  int month, day;
};  // proleptic Gregorian
[[nodiscard]] CivilDate civil_from_days(std::int64_t days_since_1970) noexcept;
[[nodiscard]] std::int64_t days_from_civil(CivilDate date) noexcept;

// "2027-02-06", which is its day since 1970; nullopt if not so, or there is no such day.
[[nodiscard]] std::optional<std::int32_t> parse_date(std::string_view text) noexcept;
[[nodiscard]] std::string date_text(std::int32_t day);  // "2027-02-06"
// 0 = Monday.
[[nodiscard]] constexpr int weekday_of(std::int32_t day) noexcept {
  return ((day % 7) + 7 + 3) % 7;  // 1970-01-01 was a Thursday
}

}  // namespace schoolgate
