#include "rules/policy/school_clock.h"

#include <algorithm>

namespace schoolgate {
namespace {

// Calls `visit` with each shift whose lessons are today; none on a day without school.
template <class Visit>
void each_shift_of(const SchoolClock& clock, LocalTime now, Visit visit) {
  if (!clock.school_days.contains(now.day)) return;
  for (const ShiftLessons& shift : clock.shifts)
    if ((shift.weekdays >> (now.minute_of_week / LocalTime::minutes_per_day) & 1) != 0) visit(shift);
}

}  // namespace

DayTimes SchoolClock::lessons() const {
  DayTimes times;
  for (const ShiftLessons& shift : shifts)
    for (const Lesson& lesson : shift.lessons) times.add(shift.weekdays, lesson.begin, lesson.end);
  return times;
}

bool SchoolClock::break_follows(const ShiftLessons& shift, std::size_t lesson) const noexcept {
  return lesson + 1 < shift.lessons.size() &&
         shift.lessons[lesson + 1].begin - shift.lessons[lesson].end >= shortest_break;
}

DayTimes SchoolClock::breaks() const {
  DayTimes times;
  for (const ShiftLessons& shift : shifts)
    for (std::size_t i = 0; i < shift.lessons.size(); ++i)
      if (break_follows(shift, i))
        times.add(shift.weekdays, shift.lessons[i].end, shift.lessons[i + 1].begin);
  return times;
}

std::optional<LessonNow> lesson_at(const SchoolClock& clock, LocalTime now) noexcept {
  const int minute = now.minute_of_week % LocalTime::minutes_per_day;
  std::optional<LessonNow> found;
  each_shift_of(clock, now, [&](const ShiftLessons& shift) {
    for (const Lesson& lesson : shift.lessons)
      if (lesson.begin <= minute && minute < lesson.end && (!found || lesson.end < found->lesson->end))
        found = LessonNow{&lesson, shift.shift};
  });
  return found;
}

std::optional<std::uint16_t> minutes_to_end_of_lesson(const SchoolClock& clock, LocalTime now) noexcept {
  const auto current = lesson_at(clock, now);
  if (!current) return std::nullopt;
  return static_cast<std::uint16_t>(current->lesson->end - now.minute_of_week % LocalTime::minutes_per_day);
}

std::optional<std::uint16_t> minutes_to_next_break(const SchoolClock& clock, LocalTime now) noexcept {
  const int minute = now.minute_of_week % LocalTime::minutes_per_day;
  std::optional<std::uint16_t> nearest;
  each_shift_of(clock, now, [&](const ShiftLessons& shift) {
    for (std::size_t i = 0; i < shift.lessons.size(); ++i) {
      const int end = shift.lessons[i].end;
      const bool last = i + 1 == shift.lessons.size();
      if (end <= minute || (!last && !clock.break_follows(shift, i))) continue;
      const auto left = static_cast<std::uint16_t>(end - minute);
      nearest = std::min(nearest.value_or(left), left);
    }
  });
  return nearest;
}

const NamedDays* named_day(const std::vector<NamedDays>& days, std::int32_t day) noexcept {
  const auto found = std::find_if(days.begin(), days.end(),
                                  [day](const NamedDays& d) { return d.first <= day && day <= d.last; });
  return found == days.end() ? nullptr : &*found;
}

}  // namespace schoolgate
