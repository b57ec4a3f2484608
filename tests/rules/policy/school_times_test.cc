// Times with days of the calendar: what holds when, checked minute by minute against the words.
#include "rules/policy/school_times.h"

#include <catch2/catch.hpp>

#include "rules/policy/civil_date.h"

namespace schoolgate {
namespace {

std::int32_t date(const char* text) {
  const auto day = parse_date(text);
  REQUIRE(day);
  return *day;
}

LocalTime at(const char* text) {
  const auto time = parse_local_time(text);
  REQUIRE(time);
  return *time;
}

DaySet days(std::initializer_list<std::pair<const char*, const char*>> ranges) {
  std::vector<DaySet::Range> all;
  for (const auto& [first, last] : ranges) all.push_back({date(first), date(last)});
  return DaySet(all);
}

SchoolTimes times(const char* hours, const DaySet& on) {
  SchoolTimes out;
  out.add(DayTimes::parse(hours).value(), on);
  return out;
}

LocalTime after(LocalTime t, std::int64_t minutes) {
  constexpr std::int64_t per_day = 24 * 60;
  const std::int64_t all = t.day * per_day + t.minute_of_week % per_day + minutes;
  const auto day = static_cast<std::int32_t>(all / per_day);
  return {static_cast<std::uint16_t>(weekday_of(day) * per_day + all % per_day), day};
}

TEST_CASE("dates", "[rules][school_times]") {
  CHECK(parse_date("1970-01-01") == 0);
  CHECK(parse_date("2027-02-06") == 20'855);
  CHECK(date_text(20'855) == "2027-02-06");
  CHECK(weekday_of(date("2027-02-06")) == 5);  // a Saturday
  CHECK(weekday_of(-1) == 2);
  for (const char* wrong : {"2027-02-29", "2027-13-01", "2027-00-10", "2027-1-10", "2027-01-00", "2027/01/10",
                            "", "20270110", "2027-01-1x", "2027-01-100"})
    CHECK_FALSE(parse_date(wrong));
  CHECK(parse_date("2028-02-29"));
}

TEST_CASE("a moment with its day", "[rules][school_times]") {
  const LocalTime t = at("2027-02-06 08:30");
  CHECK(t.day == date("2027-02-06"));
  CHECK(to_string(t) == "T7 08:30");
  CHECK(moment_text(t) == "2027-02-06 08:30");
  CHECK(moment_text(at("T7 08:30")) == "T7 08:30");
  CHECK(at("T7 08:30").day == LocalTime::no_day);
  for (const char* wrong : {"2027-02-30 08:30", "2027-02-06", "2027-02-06 24:00", "2027-02-0608:30"})
    CHECK_FALSE(parse_local_time(wrong));
  CHECK(minutes_between(at("2027-02-06 23:59"), at("2027-02-08 00:01")) == 24 * 60 + 2);
  CHECK(minutes_between(at("2027-02-06 03:00"), at("2027-02-06 02:00")) == -60);
}

TEST_CASE("sets of days", "[rules][school_times]") {
  const DaySet tet = days({{"2027-02-05", "2027-02-11"}}), year = days({{"2027-01-01", "2027-12-31"}});
  CHECK(tet.contains(date("2027-02-05")));
  CHECK(tet.contains(date("2027-02-11")));
  CHECK_FALSE(tet.contains(date("2027-02-12")));
  CHECK_FALSE(tet.contains(LocalTime::no_day));
  const DaySet others = tet.others();
  CHECK_FALSE(others.contains(date("2027-02-05")));
  CHECK(others.contains(date("1999-01-01")));
  CHECK(others.contains(LocalTime::no_day));
  CHECK(others.others() == tet);
  CHECK(DaySet().others() == DaySet::every_day());
  CHECK(DaySet::every_day().is_every_day());
  CHECK(others.joined(tet).is_every_day());
  CHECK(others.common(tet).empty());
  CHECK(tet.lies_within(year));
  CHECK_FALSE(year.lies_within(tet));
  CHECK(year.common(tet) == tet);
  CHECK(tet.weekdays() == 0x7f);
  CHECK(days({{"2027-09-02", "2027-09-03"}}).weekdays() == 0b0011000);  // Thursday and Friday
  CHECK(tet.a_day_later() == days({{"2027-02-06", "2027-02-12"}}));
  CHECK(tet.next_change(date("2027-01-01")) == date("2027-02-05"));
  CHECK(tet.next_change(date("2027-02-05")) == date("2027-02-12"));
  CHECK(tet.next_change(date("2027-02-12")) == DaySet::never);
  CHECK(days({{"2027-01-01", "2027-01-03"}, {"2027-01-04", "2027-01-05"}}) ==
        days({{"2027-01-01", "2027-01-05"}}));
}

TEST_CASE("times are half-open and belong to the day on which they begin", "[rules][school_times]") {
  const DaySet holiday = days({{"2027-09-02", "2027-09-02"}});  // a Thursday
  struct Row {
    const char* name;
    SchoolTimes when;
    const char* moment;
    bool holds;
  };
  const Row rows[] = {
      {"the first minute", times("07:00-11:30", holiday), "2027-09-02 07:00", true},
      {"the last minute", times("07:00-11:30", holiday), "2027-09-02 11:29", true},
      {"the end", times("07:00-11:30", holiday), "2027-09-02 11:30", false},
      {"the day before", times("07:00-11:30", holiday), "2027-09-01 08:00", false},
      {"a week later", times("07:00-11:30", holiday), "2027-09-09 08:00", false},
      {"another weekday was named", times("T2-T4 07:00-11:30", holiday), "2027-09-02 08:00", false},
      {"not on it: that day", times("07:00-11:30", holiday.others()), "2027-09-02 08:00", false},
      {"not on it: others", times("07:00-11:30", holiday.others()), "2027-09-03 08:00", true},
      {"not on it: a day that is not known", times("07:00-11:30", holiday.others()), "T5 08:00", true},
      {"on it: a day that is not known", times("07:00-11:30", holiday), "T5 08:00", false},
      {"its night", times("22:00-06:00", holiday), "2027-09-02 23:00", true},
      {"the night goes on", times("22:00-06:00", holiday), "2027-09-03 05:59", true},
      {"the night before is of the day before", times("22:00-06:00", holiday), "2027-09-02 03:00", false},
      {"not on it: the night that leads into it", times("22:00-06:00", holiday.others()), "2027-09-02 03:00",
       true},
      {"not on it: its own night, next morning", times("22:00-06:00", holiday.others()), "2027-09-03 03:00",
       false},
      {"over the end of the week", times("CN 22:00-06:00", holiday.others()), "2027-09-06 05:00", true},
      {"whole day", times("00:00-24:00", holiday), "2027-09-02 23:59", true},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(row.when.contains(at(row.moment)) == row.holds);
    }
}

TEST_CASE("the next edge of dated times is the first minute that differs", "[rules][school_times]") {
  const DaySet tet = days({{"2027-02-05", "2027-02-11"}, {"2027-02-20", "2027-02-20"}});
  SchoolTimes mixed = times("T2-T6 07:00-11:30", tet.others());
  mixed.add(DayTimes::parse("22:00-06:00").value(), tet);
  SchoolTimes all_day = times("00:00-24:00", tet);
  all_day.add(DayTimes::parse("00:00-24:00").value(), tet.others());
  const SchoolTimes cases[] = {times("T2-T6 07:00-11:30", tet.others()),
                               times("22:00-06:00", tet),
                               times("22:00-06:00", tet.others()),
                               times("00:00-24:00", tet),
                               times("T2 08:00-09:00", tet),
                               mixed,
                               all_day,
                               Schedule::parse("T3 10:00-10:01").value()};
  const LocalTime start = at("2027-02-01 00:00");
  constexpr int minutes = 35 * 24 * 60;
  for (const SchoolTimes& when : cases) {
    CAPTURE(when.to_string());
    // From behind: the distance to the next change within the window, or none seen.
    std::vector<int> distance(minutes, -1);
    for (int i = minutes - 2; i >= 0; --i) {
      const bool changes = when.contains(after(start, i)) != when.contains(after(start, i + 1));
      distance[static_cast<std::size_t>(i)] = changes ? 1
                                              : distance[static_cast<std::size_t>(i) + 1] < 0
                                                  ? -1
                                                  : distance[static_cast<std::size_t>(i) + 1] + 1;
    }
    bool all_right = true;
    for (int i = 0; i + 1 < minutes; i += 7) {
      const std::uint32_t edge = when.minutes_to_next_edge(after(start, i));
      const int seen = distance[static_cast<std::size_t>(i)];
      all_right = all_right && (seen >= 0 ? edge == static_cast<std::uint32_t>(seen)
                                          : edge >= static_cast<std::uint32_t>(minutes - 1 - i));
    }
    CHECK(all_right);
  }
  CHECK(times("T2 08:00-09:00", days({{"2027-09-02", "2027-09-02"}})).empty());
  CHECK(SchoolTimes().minutes_to_next_edge(start) == SchoolTimes::never);
  CHECK(times("08:00-09:00", tet).minutes_to_next_edge(at("2027-03-01 00:00")) == SchoolTimes::never);
  CHECK(times("08:00-09:00", days({{"2030-02-02", "2030-02-02"}}))
            .minutes_to_next_edge(at("2027-01-01 08:00")) ==
        static_cast<std::uint32_t>(date("2030-02-02") - date("2027-01-01")) * 24 * 60);
  CHECK(times("T2 08:00-09:00", tet.others()).minutes_to_next_edge(at("T2 07:00")) == 60);
}

TEST_CASE("what lies within what, and what meets", "[rules][school_times]") {
  const DaySet tet = days({{"2027-02-05", "2027-02-11"}}),
               one = days({{"2027-02-08", "2027-02-08"}});  // Monday
  const SchoolTimes mornings = Schedule::parse("T2-T6 07:00-11:30").value();
  CHECK(times("08:00-09:00", one).lies_within(mornings));
  CHECK(times("T2-T6 08:00-09:00", tet).lies_within(mornings));
  CHECK_FALSE(times("08:00-09:00", tet).lies_within(mornings));  // a Saturday is among its days
  CHECK_FALSE(mornings.lies_within(times("07:00-11:30", tet)));
  CHECK(times("T2-T6 07:00-11:30", tet.others()).lies_within(mornings));
  CHECK(times("22:00-06:00", one).lies_within(times("21:00-07:00", tet)));
  CHECK(times("07:00-08:00", tet).overlaps(mornings));
  CHECK_FALSE(times("07:00-08:00", days({{"2027-02-06", "2027-02-07"}})).overlaps(mornings));
  CHECK_FALSE(times("07:00-08:00", tet).overlaps(times("07:00-08:00", tet.others())));
  CHECK_FALSE(times("T3 07:00-08:00", tet).overlaps(times("07:00-08:00", one)));
  CHECK(times("22:00-06:00", one).overlaps(Schedule::parse("T3 05:00-05:30").value()));
}

TEST_CASE("whether times fall on some days", "[rules][school_times]") {
  const SchoolTimes exams =
      times("08:00-09:00", days({{"2027-02-05", "2027-02-06"}, {"2027-03-01", "2027-03-01"}}));
  const auto falls = [&](const char* first, const char* last) {
    return exams.falls_on(date(first), date(last));
  };
  CHECK(falls("2027-02-05", "2027-02-05"));
  CHECK(falls("2027-02-06", "2027-02-28"));
  CHECK(falls("2027-01-01", "2027-02-05"));
  CHECK_FALSE(falls("2027-01-01", "2027-02-04"));
  CHECK_FALSE(falls("2027-02-07", "2027-02-28"));
  CHECK(falls("2027-02-07", "2027-03-01"));
  CHECK_FALSE(falls("2027-03-02", "2030-01-01"));
  CHECK(SchoolTimes(Schedule::parse("T2 07:00-11:30").value()).falls_on(0, 0));
  CHECK_FALSE(SchoolTimes().falls_on(0, 100'000));
}

TEST_CASE("times are spelled with their name", "[rules][school_times]") {
  SchoolTimes when = times("T2-T6 07:00-07:45", days({{"2027-02-05", "2027-02-11"}}).others());
  when.name("T2-T6 periods 1");
  CHECK(when.to_string() == "T2-T6 periods 1 (T2-T6 07:00-07:45)");
  CHECK(SchoolTimes(Schedule::parse("07:00-11:30").value()).to_string() == "T2-CN 07:00-11:30");
}

}  // namespace
}  // namespace schoolgate
