// From when on a teacher looks back: this lesson and the last. No I/O; threads: any.
#pragma once

#include <cstdint>

#include "rules/policy/school_clock.h"

namespace schoolgate {

inline constexpr std::int64_t two_lessons_ms = 100 * 60'000;  // with their breaks, where no lesson is on

struct LessonSpan {
  std::int64_t since_ms = 0;  // UTC
  bool by_lessons = false;    // a lesson is on; else two_lessons_ms ago
};
// `local` is the moment `now_ms` by the school's clocks. The last lesson is that of the same day, of whatever
// shift, that ended last before this one began; the first of a day has none before it.
[[nodiscard]] LessonSpan lesson_span(const SchoolClock& clock, LocalTime local, std::int64_t now_ms) noexcept;

}  // namespace schoolgate
