#include "rules/policy/school_clock.h"

#include <catch2/catch.hpp>

#include "rules/policy/civil_date.h"

namespace schoolgate {
namespace {

// Two lessons, a break, a third; in the afternoon one.
SchoolClock clock_of_a_school() {
  SchoolClock clock;
  clock.shifts.push_back(
      {Shift::morning, 0b0111111, {{1, 420, 465, ""}, {2, 465, 510, ""}, {3, 530, 575, ""}}});
  clock.shifts.push_back({Shift::afternoon, 0b0011111, {{6, 810, 855, "club"}}});
  const std::int32_t day = parse_date("2027-02-08").value();
  clock.holidays = DaySet({{day, day}});
  clock.school_days = clock.holidays.others();
  clock.named_holidays.push_back({"Tết", day, day});
  return clock;
}

TEST_CASE("the lesson that is going on, its end, and the next break", "[rules][school_clock]") {
  const SchoolClock clock = clock_of_a_school();
  struct Row {
    const char* moment;
    int lesson, end, next_break;  // 0 and -1: none
  };
  const Row rows[] = {
      {"2027-02-01 06:59", 0, -1, 91},  // Monday; the break begins at 08:30
      {"2027-02-01 07:00", 1, 45, 90}, {"2027-02-01 07:44", 1, 1, 46},
      {"2027-02-01 07:45", 2, 45, 45},  // no break between the first two
      {"2027-02-01 08:30", 0, -1, 65},  // in the break: the next one is the end of the morning
      {"2027-02-01 08:50", 3, 45, 45}, {"2027-02-01 09:35", 0, -1, 280},
      {"2027-02-01 13:30", 6, 45, 45}, {"2027-02-01 14:15", 0, -1, -1},
      {"2027-02-06 13:30", 0, -1, -1},                                   // Saturday has no afternoon
      {"2027-02-06 07:10", 1, 35, 80}, {"2027-02-07 07:10", 0, -1, -1},  // Sunday
      {"2027-02-08 07:10", 0, -1, -1},                                   // a holiday
      {"T2 07:10", 1, 35, 80},                                           // some Monday
  };
  for (const Row& row : rows) {
    CAPTURE(row.moment);
    const LocalTime now = parse_local_time(row.moment).value();
    const auto lesson = lesson_at(clock, now);
    CHECK((lesson ? lesson->lesson->number : 0) == row.lesson);
    const auto end = minutes_to_end_of_lesson(clock, now), next = minutes_to_next_break(clock, now);
    CHECK((end ? int{*end} : -1) == row.end);
    CHECK((next ? int{*next} : -1) == row.next_break);
  }
}

TEST_CASE("lessons and breaks as times of the week", "[rules][school_clock]") {
  const SchoolClock clock = clock_of_a_school();
  CHECK(clock.lessons().all().to_string() == "T2-T7 07:00-08:30, T2-T7 08:50-09:35, T2-T6 13:30-14:15");
  CHECK(clock.breaks().all().to_string() == "T2-T7 08:30-08:50");
  CHECK(SchoolClock().lessons().empty());
  CHECK_FALSE(lesson_at(SchoolClock(), LocalTime{480}));
  REQUIRE(named_day(clock.named_holidays, parse_date("2027-02-08").value()) != nullptr);
  CHECK(named_day(clock.named_holidays, parse_date("2027-02-09").value()) == nullptr);
  CHECK(named_day(clock.named_holidays, LocalTime::no_day) == nullptr);
}

TEST_CASE("a few minutes between two lessons are no break", "[rules][school_clock]") {
  SchoolClock clock = clock_of_a_school();
  clock.shortest_break = 21;
  CHECK(clock.breaks().empty());
  CHECK(minutes_to_next_break(clock, parse_local_time("T2 07:00").value()) == 155);
  clock.shortest_break = 20;
  CHECK(minutes_to_next_break(clock, parse_local_time("T2 07:00").value()) == 90);
}

TEST_CASE("of two lessons at once the one that ends first is meant", "[rules][school_clock]") {
  SchoolClock clock = clock_of_a_school();
  clock.shifts.push_back({Shift::evening, 0x7f, {{9, 430, 440, ""}}});
  CHECK(minutes_to_end_of_lesson(clock, parse_local_time("T2 07:15").value()) == 5);
}

}  // namespace
}  // namespace schoolgate
