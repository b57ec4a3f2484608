#include "rules/policy/civil_date.h"

namespace schoolgate {
namespace {

std::int64_t floor_quotient(std::int64_t a, std::int64_t b) noexcept {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

CivilDate civil_from_days(std::int64_t days) noexcept {
  // The year is counted from 1 March, so that a leap day is its last (H. Hinnant, "chrono-compatible
  // algorithms").
  days += 719'468;
  const std::int64_t era = floor_quotient(days, 146'097);
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  const int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

std::int64_t days_from_civil(CivilDate date) noexcept {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = floor_quotient(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

std::optional<std::int32_t> parse_date(std::string_view text) noexcept {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int part[3] = {};
  std::size_t at = 0;
  for (const char c : text) {
    if (c == '-' && at < 2)
      ++at;
    else if (c >= '0' && c <= '9')
      part[at] = part[at] * 10 + (c - '0');
    else
      return std::nullopt;
  }
  if (part[1] < 1 || part[1] > 12 || part[2] < 1) return std::nullopt;
  const std::int64_t day = days_from_civil({part[0], part[1], part[2]});
  const CivilDate date = civil_from_days(day);  // makes 30 February a day of March
  if (date.month != part[1] || date.day != part[2]) return std::nullopt;
  return static_cast<std::int32_t>(day);
}

std::string date_text(std::int32_t day) {
  const CivilDate date = civil_from_days(day);
  const auto digits = [](std::int64_t value, std::size_t most) {
    const std::string text = std::to_string(value);
    return std::string(most > text.size() ? most - text.size() : 0, '0') + text;
  };
  return digits(date.year, 4) + '-' + digits(date.month, 2) + '-' + digits(date.day, 2);
}

}  // namespace schoolgate
