// The Vietnamese lunar calendar, from where the moon and the sun stand, in UTC+7: the day of a new moon
// begins a month; the month that holds the winter solstice is the 11th; of 13 months between two of them the
// first in which the sun enters no new sign repeats the number before it.
#pragma once

#include <cstdint>
#include <optional>

namespace schoolgate {

// The day (since 1970-01-01) on which a lunar date falls, in the lunar year whose first month begins in
// `year`: lunar_day(2027, 1, 1) is Tết, lunar_day(2027, 3, 10) Giỗ Tổ Hùng Vương. Of a month that is there
// twice the first. Nullopt: out of 1900 .. 2199, no month of 1 .. 10, no day of 1 .. 30. The 30th of a month
// of 29 days is the first of the next.
[[nodiscard]] std::optional<std::int32_t> lunar_day(int year, int month, int day) noexcept;

}  // namespace schoolgate
