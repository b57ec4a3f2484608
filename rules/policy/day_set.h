// A set of days of the calendar: holidays, the days of a term, every day.
#pragma once

#include <cstdint>
#include <vector>

#include "rules/policy/schedule.h"

namespace schoolgate {

class DaySet {
 public:
  struct Range {
    std::int32_t first, last;  // both count; days since 1970-01-01
  };
  DaySet() = default;  // no day
  explicit DaySet(const std::vector<Range>& ranges);
  [[nodiscard]] static DaySet every_day();

  // A day that is not known (LocalTime::no_day) is an ordinary one: it is in none of the ranges that were
  // named, and in what is left of all days without them.
  [[nodiscard]] bool contains(std::int32_t day) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return runs_.empty(); }
  [[nodiscard]] bool is_every_day() const noexcept;
  [[nodiscard]] DaySet others() const;  // all days but these
  [[nodiscard]] DaySet common(const DaySet& other) const;
  [[nodiscard]] DaySet joined(const DaySet& other) const;
  [[nodiscard]] DaySet a_day_later() const;  // the days after these
  [[nodiscard]] bool lies_within(const DaySet& other) const;
  [[nodiscard]] unsigned weekdays() const noexcept;  // on which weekdays they fall: bits, Monday lowest

  // The first later day of which contains() says otherwise; `never` if there is none.
  static constexpr std::int32_t never = 1'000'000'000;
  [[nodiscard]] std::int32_t next_change(std::int32_t day) const noexcept;
  // From this day on contains() says the same of each.
  [[nodiscard]] std::int32_t last_change() const noexcept;
  friend bool operator==(const DaySet&, const DaySet&) = default;

 private:
  static constexpr std::int32_t ever = -never;  // before all days that somebody names
  struct Run {
    std::int32_t begin, end;  // half-open
    friend bool operator==(const Run&, const Run&) = default;
  };
  void normalise();
  std::vector<Run> runs_;  // sorted, apart from each other
  bool ordinary_ = false;  // holds days that are not known
};

}  // namespace schoolgate
