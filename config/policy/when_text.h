// `when:` of a row of a timetable: times of the clock, and the words of the school's own (periods.yaml).
//
//   T2-T6 07:00-11:30                  lessons            T2-T6 periods 1-5      T2-T6 07:00-11:30 not
//   holidays T7 07:00-10:00, CN 08:00-09:00     breaks             morning periods 1-2    boarding holidays
//   exam days          T2 tiết 3              lessons exam days
#pragma once

#include <optional>
#include <string_view>

#include "config/policy/periods_reader.h"
#include "config/policy/time_text.h"
#include "rules/policy/school_times.h"

namespace schoolgate {

struct WhenReading {
  std::optional<SchoolTimes> times;  // nullopt: `trouble` says why
  TimeTrouble trouble;
  int code = 0;            // of the diagnostic
  bool silent = false;     // periods.yaml could not be read, which is an error already
  bool by_school = false;  // it goes by holidays or terms
};
[[nodiscard]] WhenReading read_when(std::string_view text, const PeriodsFile& periods);

}  // namespace schoolgate
