// A school's clock: lessons by number, breaks, boarding hours, terms, holidays and days of exams. Built by
// config/policy out of periods.yaml.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/policy/day_set.h"
#include "rules/policy/schedule.h"

namespace schoolgate {

enum class Shift : std::uint8_t { morning, afternoon, evening };
inline constexpr std::array<std::string_view, 3> shift_names{"morning", "afternoon", "evening"};

struct Lesson {
  std::uint16_t number = 0;
  std::uint16_t begin = 0, end = 0;  // minutes of the day, begin < end
  std::string name;                  // may be empty
};

struct ShiftLessons {
  Shift shift = Shift::morning;
  unsigned weekdays = 0x7f;     // bits, Monday lowest
  std::vector<Lesson> lessons;  // in the order of time, none begins before the last one ends
};

struct NamedDays {
  std::string name;
  std::int32_t first = 0, last = 0;  // both count; days since 1970-01-01
};

struct SchoolClock {
  std::vector<ShiftLessons> shifts;
  std::uint16_t shortest_break = 10;  // minutes: what is shorter is the way to the next lesson
  DayTimes boarding;
  // Lessons and breaks are on school days: those of a term that are no holidays. Before the first term that
  // is named, after the last, and where none is, all days are of a term.
  DaySet school_days = DaySet::every_day();
  DaySet holidays, exam_days;
  std::vector<NamedDays> terms, named_holidays, named_exam_days;

  [[nodiscard]] DayTimes lessons() const;
  [[nodiscard]] DayTimes breaks() const;  // between two lessons of a shift
  [[nodiscard]] bool break_follows(const ShiftLessons& shift, std::size_t lesson) const noexcept;
};

struct LessonNow {
  const Lesson* lesson;
  Shift shift;
};
// The lesson that is going on; of two at once the one that ends first.
[[nodiscard]] std::optional<LessonNow> lesson_at(const SchoolClock& clock, LocalTime now) noexcept;
// Minutes of the local clock until it ends; nullopt: there is none.
[[nodiscard]] std::optional<std::uint16_t> minutes_to_end_of_lesson(const SchoolClock& clock,
                                                                    LocalTime now) noexcept;
// Until the next break of this day begins, or the last lesson of a shift ends; nullopt: neither will today.
[[nodiscard]] std::optional<std::uint16_t> minutes_to_next_break(const SchoolClock& clock,
                                                                 LocalTime now) noexcept;
// The days that hold this one; null: none does.
[[nodiscard]] const NamedDays* named_day(const std::vector<NamedDays>& days, std::int32_t day) noexcept;

}  // namespace schoolgate
