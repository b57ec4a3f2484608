#include "rules/policy/schedule.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

namespace {

LocalTime at(const char* text) {
  return parse_local_time(text).value();
}

}  // namespace

TEST_CASE("moments of the week", "[rules][schedule]") {
  struct Row {
    const char* text;
    int want;  // -1: refused
  };
  const Row rows[] = {
      {"T2 00:00", 0},      {"Mon 08:30", 510},
      {"t2 8:30", 510},     {"CN 23:59", 10079},
      {"sun 23:59", 10079}, {"T7  01:00", 5 * 1440 + 60},
      {"T2 24:00", -1},     {"T8 08:00", -1},
      {"T2 08:60", -1},     {"T2 25:00", -1},
      {"T208:30", -1},      {"08:30", -1},
      {"T2 08:3", -1},      {"T2 008:30", -1},
      {"T2 08:30 ", -1},    {"", -1},
      {"Monday 08:30", -1}, {"T2 8h30", -1},
  };
  for (const Row& row : rows) DYNAMIC_SECTION("'" << row.text << "'") {
      const std::optional<LocalTime> t = parse_local_time(row.text);
      CHECK((t ? t->minute_of_week : -1) == row.want);
      if (t) CHECK(parse_local_time(to_string(*t)) == t);
    }
  CHECK(to_string(LocalTime{510}) == "T2 08:30");
  CHECK(to_string(LocalTime{10079}) == "CN 23:59");
}

TEST_CASE("schedules as teachers write them", "[rules][schedule]") {
  struct Row {
    const char* text;
    const char* want;  // canonical text; nullptr: refused
    const char* inside;
    const char* outside;
  };
  const Row rows[] = {
      {"T2-T6 07:00-11:30, T7 07:00-10:00", "T2-T6 07:00-11:30, T7 07:00-10:00", "T7 09:59", "T7 10:00"},
      {"Mon-Fri 07:00-11:30", "T2-T6 07:00-11:30", "T2 07:00", "T2 06:59"},
      {"mon-T6 7:00 - 11:30", "T2-T6 07:00-11:30", "T6 11:29", "T6 11:30"},
      {"07:00-17:00", "T2-CN 07:00-17:00", "CN 12:00", "CN 17:00"},
      {"CN 00:00-24:00", "CN 00:00-24:00", "CN 23:59", "T2 00:00"},
      {"00:00-24:00", "T2-CN 00:00-24:00", "T4 12:34", nullptr},
      {"22:00-06:00", "T2-CN 22:00-06:00", "T2 05:59", "T2 06:00"},
      {"CN 22:00-06:00", "CN 22:00-06:00", "T2 05:59", "T2 22:00"},
      {"T3 22:00-00:00", "T3 22:00-24:00", "T3 23:59", "T4 00:00"},
      {"CN-T2 08:00-09:00", "T2 08:00-09:00, CN 08:00-09:00", "T2 08:00", "T3 08:00"},
      {"T6-T2 08:00-09:00", "T2 08:00-09:00, T6-CN 08:00-09:00", "CN 08:30", "T4 08:30"},
      {"T2 07:00-09:00, T2 08:00-10:00", "T2 07:00-10:00", "T2 09:30", "T2 10:00"},
      {"T2 07:00-09:00, T2 09:00-10:00", "T2 07:00-10:00", "T2 09:00", "T2 10:00"},
      {"T2 12:00-24:00, T3 00:00-13:00", "T2 12:00-24:00, T3 00:00-13:00", "T3 00:00", "T3 13:00"},
      {"T2 12:00-24:00, T3-T4 00:00-24:00", "T2 12:00-24:00, T3-T4 00:00-24:00", "T4 23:59", "T5 00:00"},
      {"CN-CN 01:00-02:00", "CN 01:00-02:00", "CN 01:30", "T7 01:30"},
      {"07:00-08:00, T2 09:00-10:00", "T2-CN 07:00-08:00, T2 09:00-10:00", "T2 09:00", "T3 09:00"},
      {"T2-T6 07:00-11:30, 13:30-16:00", nullptr, nullptr, nullptr},
      {"T2 08:00-08:00", nullptr, nullptr, nullptr},
      {"T2 24:00-08:00", nullptr, nullptr, nullptr},
      {"T2", nullptr, nullptr, nullptr},
      {"T2 07:00", nullptr, nullptr, nullptr},
      {"T207:00-08:00", nullptr, nullptr, nullptr},
      {"T2-07:00-08:00", nullptr, nullptr, nullptr},
      {"T2-T6 07:00-08:00,", nullptr, nullptr, nullptr},
      {",", nullptr, nullptr, nullptr},
      {"", nullptr, nullptr, nullptr},
      {"T9 07:00-08:00", nullptr, nullptr, nullptr},
      {"T2 07:00-24:01", nullptr, nullptr, nullptr},
      {"T2 07:00-08:00 T3 07:00-08:00", nullptr, nullptr, nullptr},
  };
  for (const Row& row : rows) DYNAMIC_SECTION("'" << row.text << "'") {
      const std::optional<Schedule> schedule = Schedule::parse(row.text);
      REQUIRE(schedule.has_value() == (row.want != nullptr));
      if (!schedule) continue;
      CHECK(schedule->to_string() == row.want);
      CHECK(Schedule::parse(schedule->to_string()) == schedule);
      CHECK(schedule->contains(at(row.inside)));
      if (row.outside) CHECK_FALSE(schedule->contains(at(row.outside)));
    }
}

TEST_CASE("the next edge is where contains() changes", "[rules][schedule]") {
  const char* const texts[] = {
      "T2-T6 07:00-11:30, T7 07:00-10:00",
      "22:00-06:00",
      "CN 22:00-06:00",
      "CN 00:00-24:00",
      "T2 00:00-01:00",
      "00:00-24:00",
      "T2 12:00-24:00",
      "T2 23:59-24:00, T3 00:00-00:01",
  };
  for (const char* text : texts) DYNAMIC_SECTION(text) {
      const Schedule schedule = Schedule::parse(text).value();
      const auto holds = [&](int minute) {
        return schedule.contains({static_cast<std::uint16_t>(minute % LocalTime::minutes_per_week)});
      };
      // Walk the week backwards: the plain way to know the distance to the next change.
      int distance = LocalTime::minutes_per_week;
      bool all_right = true;
      for (int minute = 2 * LocalTime::minutes_per_week; minute >= 0; --minute) {
        distance =
            holds(minute) != holds(minute + 1) ? 1 : std::min<int>(distance + 1, LocalTime::minutes_per_week);
        if (minute < LocalTime::minutes_per_week)
          all_right =
              all_right && schedule.minutes_to_next_edge({static_cast<std::uint16_t>(minute)}) == distance;
      }
      CHECK(all_right);
    }
  CHECK(Schedule().minutes_to_next_edge({5}) == LocalTime::minutes_per_week);
  CHECK_FALSE(Schedule().contains({5}));
  CHECK(Schedule().to_string().empty());
}

TEST_CASE("one schedule within another, and beside it", "[rules][schedule]") {
  struct Row {
    const char *a, *b;
    bool within, overlaps;
  };
  const Row rows[] = {
      {"T2 08:00-09:00", "T2-T6 07:00-11:30", true, true},
      {"T2-T6 07:00-11:30", "T2 08:00-09:00", false, true},
      {"T2 07:00-11:30", "T2 07:00-11:30", true, true},
      {"T2 07:00-12:00", "T2 07:00-11:30", false, true},
      {"T2 11:30-12:00", "T2 07:00-11:30", false, false},
      {"T2 08:00-09:00, T7 08:00-09:00", "T2-T6 07:00-11:30", false, true},
      {"CN 23:00-01:00", "CN-T2 22:00-02:00", true, true},
      {"T2 00:00-01:00", "CN 22:00-02:00", true, true},
      {"T2-CN 10:00-11:00", "00:00-24:00", true, true},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.a << " and " << row.b) {
      const Schedule a = *Schedule::parse(row.a), b = *Schedule::parse(row.b);
      CHECK(a.lies_within(b) == row.within);
      CHECK(a.overlaps(b) == row.overlaps);
      CHECK(b.overlaps(a) == row.overlaps);
    }
  }
  CHECK(Schedule().lies_within(Schedule()));
  CHECK_FALSE(Schedule().overlaps(*Schedule::parse("00:00-24:00")));
}
