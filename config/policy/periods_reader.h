// periods.yaml: the school's lessons, boarding hours, terms, holidays, days of exams and exams.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/text/load_context.h"
#include "rules/policy/school_clock.h"
#include "rules/policy/school_times.h"

namespace schoolgate {

struct PeriodsFile {
  bool named = false;  // there is one
  bool whole = true;   // false: it could not be read, and the reasons are errors already
  SchoolClock clock;
  // Holidays that somebody has to confirm; a lunar one falls on other days each year.
  struct Unconfirmed {
    std::string name;
    std::int32_t first = 0, last = 0;
    Place where;
  };
  std::vector<Unconfirmed> unconfirmed;
  struct ExamText {
    std::string name;
    SchoolTimes when;
    std::string ends;  // "09:00"
    std::vector<Placed<std::string>> rooms, tiers, only;
    Place where;
  };
  std::vector<ExamText> exams;
  Place holidays_where;  // of the key; no line: it is not there
};

[[nodiscard]] PeriodsFile read_periods_file(const std::string& path, LoadContext& context,
                                            const Place& named);

// What a school has to do about its holidays, where rows of its timetables go by them: confirm those that lie
// within 12 months from `today` on, name some where there are none.
void note_holidays(const PeriodsFile& periods, std::int32_t today, LoadContext& context);

}  // namespace schoolgate
