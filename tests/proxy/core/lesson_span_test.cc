// From when on a teacher looks back: this lesson and the last, by the school's own clock.
#include "proxy/core/lesson_span.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::uint16_t at(int hour, int minute) {
  return static_cast<std::uint16_t>(hour * 60 + minute);
}

SchoolClock school_clock() {
  SchoolClock clock;
  clock.shifts = {
      {Shift::morning,
       0x1f,  // Monday to Friday
       {{1, at(7, 0), at(7, 45), ""}, {2, at(7, 50), at(8, 35), ""}, {3, at(8, 55), at(9, 40), ""}}},
      {Shift::afternoon, 0x1f, {{1, at(13, 0), at(13, 45), ""}}}};
  return clock;
}

}  // namespace

TEST_CASE("lesson span: this lesson and the last of the day", "[core][lesson_span]") {
  struct Row {
    const char* name;
    int day;  // 0 = Monday
    std::uint16_t now;
    int minutes;  // back
    bool by_lessons;
  };
  const Row rows[] = {
      {"the first lesson has none before it", 0, at(7, 20), 20, true},
      {"its first minute", 0, at(7, 0), 0, true},
      {"the second, with the way between", 0, at(8, 0), 60, true},
      {"the third, over a break", 1, at(9, 39), 109, true},
      {"the first of the afternoon: the last of the morning", 4, at(13, 10), 255, true},
      {"a break", 0, at(8, 40), 100, false},
      {"the evening", 0, at(20, 0), 100, false},
      {"Sunday", 6, at(7, 20), 100, false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const std::int64_t now_ms = 1'764'400'020'000 + 17'123;  // a whole minute, and some seconds of it
      LocalTime local;
      local.minute_of_week = static_cast<std::uint16_t>(row.day * LocalTime::minutes_per_day + row.now);
      const LessonSpan span = lesson_span(school_clock(), local, now_ms);
      CHECK(span.by_lessons == row.by_lessons);
      const std::int64_t from = row.by_lessons ? now_ms - now_ms % minute_ms : now_ms;
      CHECK(span.since_ms == from - row.minutes * minute_ms);
    }
  CHECK_FALSE(lesson_span(SchoolClock{}, LocalTime{}, 7'000'000).by_lessons);
  CHECK(lesson_span(SchoolClock{}, LocalTime{}, 7'000'000).since_ms == 1'000'000);
}
