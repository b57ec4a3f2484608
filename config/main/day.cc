#include "config/main/day.h"

#include <charconv>
#include <ctime>
#include <system_error>

namespace schoolgate {

std::optional<std::int64_t> parse_day(std::string_view text) {
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = -1;
    const char* const begin = text.data() + at;
    const auto [end, error] = std::from_chars(begin, begin + size, value);
    return error == std::errc{} && end == begin + size ? value : -1;
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  std::tm day{};
  day.tm_year = number(0, 4) - 1900;
  day.tm_mon = number(5, 2) - 1;
  day.tm_mday = number(8, 2);
  const std::tm wanted = day;
  const std::time_t start = ::timegm(&day);  // makes 30 February a day of March
  if (day.tm_year != wanted.tm_year || day.tm_mon != wanted.tm_mon || day.tm_mday != wanted.tm_mday)
    return std::nullopt;
  constexpr std::int64_t seconds_of_a_day = 86'400;
  return std::int64_t{start} + seconds_of_a_day;
}

}  // namespace schoolgate
