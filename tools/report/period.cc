#include "tools/report/period.h"

#include <charconv>
#include <optional>

namespace schoolgate::tools {
namespace {

constexpr const char* month_names[] = {"January", "February", "March",     "April",   "May",      "June",
                                       "July",    "August",   "September", "October", "November", "December"};
constexpr int school_year_begins = 9;  // on the first of September

std::optional<int> whole_number(std::string_view digits) {
  int n = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.empty() || digits[0] == '-')
    return std::nullopt;
  return n;
}

std::optional<int> year_of(std::string_view text) {
  const auto year = text.size() == 4 ? whole_number(text) : std::nullopt;
  return year && *year >= 1970 && *year <= 9000 ? year : std::nullopt;
}

// "2026-11-02"
std::optional<std::int64_t> day_of(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = year_of(text.substr(0, 4)), month = whole_number(text.substr(5, 2)),
             day = whole_number(text.substr(8, 2));
  if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1 || *day > 31) return std::nullopt;
  const std::int64_t days = days_from_civil({*year, *month, *day});
  if (civil_from_days(days).day != *day) return std::nullopt;  // 31 April
  return days;
}

// The first millisecond of a local day.
std::int64_t begin_of(std::int64_t day, const TimeZone& zone) {
  const std::int64_t local = day * 86'400;
  return (local - zone.offset(local - zone.offset(local))) * 1000;
}

}  // namespace

Period::Period(Kind kind, std::int64_t year, int number, std::int64_t first, std::int64_t end,
               const TimeZone& zone)
    : kind_(kind),
      year_(year),
      number_(number),
      first_(first),
      end_(end),
      from_ms_(begin_of(first, zone)),
      to_ms_(begin_of(end, zone)) {}

Period Period::of_month(std::int64_t year, int month, const TimeZone& zone) {
  const CivilDate next = month == 12 ? CivilDate{year + 1, 1, 1} : CivilDate{year, month + 1, 1};
  return {Kind::month, year, month, days_from_civil({year, month, 1}), days_from_civil(next), zone};
}

Period Period::of_term(std::int64_t year, int number, const TimeZone& zone) {
  const std::int64_t first = days_from_civil({year, school_year_begins, 1});
  const std::int64_t second = days_from_civil({year + 1, 1, 16}), end = days_from_civil({year + 1, 6, 1});
  return number == 1 ? Period{Kind::term, year, 1, first, second, zone}
                     : Period{Kind::term, year, 2, second, end, zone};
}

Result<Period, Message> Period::month(std::string_view text, const TimeZone& zone) {
  const auto year = year_of(text.substr(0, 4));
  const auto month = text.size() == 7 && text[4] == '-' ? whole_number(text.substr(5)) : std::nullopt;
  if (!year || !month || *month < 1 || *month > 12)
    return say("\"{}\" is not a month such as 2026-11", std::string(text));
  return of_month(*year, *month, zone);
}

Result<Period, Message> Period::term(std::string_view text, const TimeZone& zone) {
  const auto year = year_of(text.substr(0, 4));
  const bool good = text.size() == 6 && text[4] == '-' && (text[5] == '1' || text[5] == '2');
  if (!year || !good)
    return say("\"{}\" is not a term such as 2026-1, the first one of the school year that begins in 2026",
               std::string(text));
  return of_term(*year, text[5] - '0', zone);
}

Result<Period, Message> Period::year(std::string_view text, const TimeZone& zone) {
  const auto year = year_of(text);
  if (!year)
    return say("\"{}\" is not a school year, named by the year in which it begins: 2026", std::string(text));
  return Period{Kind::year,
                *year,
                0,
                days_from_civil({*year, school_year_begins, 1}),
                days_from_civil({*year + 1, school_year_begins, 1}),
                zone};
}

Result<Period, Message> Period::days(std::string_view from, std::string_view to, const TimeZone& zone) {
  const auto first = day_of(from), last = day_of(to);
  if (!first) return say("\"{}\" is not a day such as 2026-11-02", std::string(from));
  if (!last) return say("\"{}\" is not a day such as 2026-11-02", std::string(to));
  if (*last < *first) return say("the day {} is before {}", std::string(to), std::string(from));
  return Period{Kind::days, 0, 0, *first, *last + 1, zone};
}

Period Period::before(const TimeZone& zone) const {
  switch (kind_) {
    case Kind::month:
      return number_ == 1 ? of_month(year_ - 1, 12, zone) : of_month(year_, number_ - 1, zone);
    case Kind::term:
      return number_ == 1 ? of_term(year_ - 1, 2, zone) : of_term(year_, 1, zone);
    case Kind::year:
      return {Kind::year, year_ - 1, 0, days_from_civil({year_ - 1, school_year_begins, 1}), first_, zone};
    case Kind::days:
      break;
  }
  return {Kind::days, 0, 0, first_ - (end_ - first_), first_, zone};
}

std::string Period::name(Language language) const {
  const bool vi = language == Language::vi;
  const std::string year = std::to_string(year_), both = year + "-" + std::to_string(year_ + 1);
  switch (kind_) {
    case Kind::month:
      return vi ? "tháng " + std::to_string(number_) + "/" + year
                : std::string(month_names[number_ - 1]) + " " + year;
    case Kind::term:
      return (vi ? "học kỳ " : "term ") + std::to_string(number_) + (vi ? " năm học " : " of ") + both;
    case Kind::year:
      return (vi ? "năm học " : "school year ") + both;
    case Kind::days:
      break;
  }
  if (last_day() == first_) return (vi ? "ngày " : "") + date_text(first_, language);
  return (vi ? "thời gian từ " : "the days from ") + date_text(first_, language) + (vi ? " đến " : " to ") +
         date_text(last_day(), language);
}

std::string date_text(std::int64_t days_since_1970, Language language) {
  const CivilDate date = civil_from_days(days_since_1970);
  const std::string day = std::to_string(date.day), year = std::to_string(date.year);
  return language == Language::vi ? day + "/" + std::to_string(date.month) + "/" + year
                                  : day + " " + month_names[date.month - 1] + " " + year;
}

}  // namespace schoolgate::tools
