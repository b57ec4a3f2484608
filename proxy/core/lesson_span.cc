#include "proxy/core/lesson_span.h"

#include <algorithm>

namespace schoolgate {

LessonSpan lesson_span(const SchoolClock& clock, LocalTime local, std::int64_t now_ms) noexcept {
  const auto current = lesson_at(clock, local);
  if (!current) return {now_ms - two_lessons_ms, false};
  const int minute = local.minute_of_week % LocalTime::minutes_per_day;
  const int midnight = local.minute_of_week - minute;
  int begin = current->lesson->begin;
  for (int earlier = begin - 1; earlier >= 0; --earlier) {
    LocalTime then = local;
    then.minute_of_week = static_cast<std::uint16_t>(midnight + earlier);
    const auto before = lesson_at(clock, then);
    if (!before) continue;
    begin = std::min<int>(begin, before->lesson->begin);
    break;
  }
  return {now_ms - now_ms % 60'000 - std::int64_t{minute - begin} * 60'000, true};
}

}  // namespace schoolgate
