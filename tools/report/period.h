// What a report is about: a month, a term, a school year, or days from one to another, by the school's
// calendar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/main/config.h"
#include "config/main/local_time.h"
#include "rules/message.h"
#include "rules/result.h"

namespace schoolgate::tools {

class Period {
 public:
  enum class Kind : std::uint8_t { month, term, year, days };

  // "2026-11"; "2026-1" and "2026-2", the terms of the school year that begins in 2026: from 1 September to
  // 15 January, from 16 January to 31 May; "2026", from 1 September to 31 August; "2026-11-02" to
  // "2026-11-08", both wholly. Error: it is none of these.
  [[nodiscard]] static Result<Period, Message> month(std::string_view text, const TimeZone& zone);
  [[nodiscard]] static Result<Period, Message> term(std::string_view text, const TimeZone& zone);
  [[nodiscard]] static Result<Period, Message> year(std::string_view text, const TimeZone& zone);
  [[nodiscard]] static Result<Period, Message> days(std::string_view from, std::string_view to,
                                                    const TimeZone& zone);
  // What its figures are set beside: the month, term or year before it, as many days before it.
  [[nodiscard]] Period before(const TimeZone& zone) const;

  // [from_ms, to_ms) in UTC milliseconds.
  [[nodiscard]] std::int64_t from_ms() const noexcept { return from_ms_; }
  [[nodiscard]] std::int64_t to_ms() const noexcept { return to_ms_; }
  [[nodiscard]] std::int64_t first_day() const noexcept { return first_; }  // days since 1970, local
  [[nodiscard]] std::int64_t last_day() const noexcept { return end_ - 1; }
  // "November 2026", "term 1 of 2026-2027", "1 to 8 November 2026"; "tháng 11/2026", "học kỳ 1 năm học
  // 2026-2027".
  [[nodiscard]] std::string name(Language language) const;

 private:
  Period(Kind kind, std::int64_t year, int number, std::int64_t first, std::int64_t end,
         const TimeZone& zone);
  [[nodiscard]] static Period of_month(std::int64_t year, int month, const TimeZone& zone);
  [[nodiscard]] static Period of_term(std::int64_t year, int number, const TimeZone& zone);

  Kind kind_;
  std::int64_t year_;
  int number_;  // of the month or term
  std::int64_t first_, end_, from_ms_ = 0, to_ms_ = 0;
};

// "1/11/2026" and "1 November 2026".
[[nodiscard]] std::string date_text(std::int64_t days_since_1970, Language language);

}  // namespace schoolgate::tools
