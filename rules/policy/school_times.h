// When a row of a timetable holds: times of the week, and of which days of the calendar.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rules/policy/day_set.h"
#include "rules/policy/schedule.h"

namespace schoolgate {

class SchoolTimes {
 public:
  SchoolTimes() = default;
  SchoolTimes(Schedule week);  // of every day. NOLINT(google-explicit-constructor): a schedule is one
  // And these times, where the day on which they begin is one of `days`.
  void add(const DayTimes& times, const DaySet& days);
  // As the author wrote them, where to_string() shall say so.
  void name(std::string text) { name_ = std::move(text); }

  [[nodiscard]] bool contains(LocalTime t) const noexcept;
  // Whether some day of `first` .. `last` has such times.
  [[nodiscard]] bool falls_on(std::int32_t first, std::int32_t last) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return parts_.empty(); }
  // Whether the day of the calendar matters, not that of the week alone.
  [[nodiscard]] bool by_date() const noexcept;
  // Each part of this one lies within one part of the other; and: some moment is in both.
  [[nodiscard]] bool lies_within(const SchoolTimes& other) const;
  [[nodiscard]] bool overlaps(const SchoolTimes& other) const;
  // Minutes of the local clock from `t` until contains() changes.
  static constexpr std::uint32_t never = UINT32_MAX;
  [[nodiscard]] std::uint32_t minutes_to_next_edge(LocalTime t) const;
  // "T2-T6 07:00-11:30"; of a named one "lessons (T2-T6 07:00-07:45, ...)".
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  friend bool operator==(const SchoolTimes&, const SchoolTimes&) = default;

 private:
  struct Part {
    Schedule week;  // on the weekdays of `days` alone
    DaySet days;
    friend bool operator==(const Part&, const Part&) = default;
  };
  void add_part(const Schedule& week, const DaySet& days);
  [[nodiscard]] std::int64_t next_candidate(std::int64_t minute) const noexcept;
  std::vector<Part> parts_;  // each with other days
  std::string name_;
};

}  // namespace schoolgate
