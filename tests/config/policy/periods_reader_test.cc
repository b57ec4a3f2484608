// periods.yaml as values; what a school has to confirm. The messages that people read:
// tests/golden/diagnostics/clock.txt.
#include "config/policy/periods_reader.h"

#include <catch2/catch.hpp>

#include "rules/policy/civil_date.h"
#include "rules/policy/lunar_calendar.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Reading;
using test::Tells;

// "version" stands in line 1; what a test adds begins in line 2.
struct PeriodsReading : Reading {
  explicit PeriodsReading(const std::string& more) {
    folder.write("periods.yaml", "version: 1\n" + more);
    periods = read_periods_file(folder.path("periods.yaml"), context, {});
  }
  [[nodiscard]] std::string told() const { return Reading::told("periods.yaml"); }
  PeriodsFile periods;
};

std::int32_t date(const char* text) {
  return parse_date(text).value();
}

TEST_CASE("a school's clock", "[config][periods]") {
  const PeriodsReading reading(R"(lessons:
  morning:
    days: [T2-T4, T6]
    periods:
      1: 7:00 - 7:45
      2: {time: "07:45-08:30", name: "Chào cờ"}
  afternoon: {periods: {6: "13:30-14:15", 7: "14:30-15:15"}}
shortest_break: 15
boarding: "CN-T5 17:00-06:30"
terms:
  - {name: I, from: 2026-09-05, to: 2027-01-16}
  - {name: II, from: 2027-01-18, to: 2027-05-25}
exam_days: [{name: Thi, date: 2027-05-10}]
holidays:
  - {name: Tết, from: 2027-02-05, to: 2027-02-11, unconfirmed: true}
  - {name: Tết Dương lịch, date: 2027-01-01}
)");
  CHECK_THAT(reading.told(), Tells(""));
  CHECK(reading.periods.named);
  CHECK(reading.periods.whole);
  const SchoolClock& clock = reading.periods.clock;
  REQUIRE(clock.shifts.size() == 2);
  CHECK(clock.shifts[0].weekdays == 0b0010111);
  REQUIRE(clock.shifts[0].lessons.size() == 2);
  CHECK(clock.shifts[0].lessons[1].name == "Chào cờ");
  CHECK(clock.shifts[0].lessons[1].begin == 465);
  CHECK(clock.breaks().all().to_string() == "T2-CN 14:15-14:30");
  CHECK(clock.boarding.next_day.to_string() == "T2-T6 00:00-06:30");
  for (const auto& [day, school] : {std::pair{"2026-09-04", true},  // before the first term nothing is known
                                    {"2026-09-05", true},
                                    {"2027-01-01", false},
                                    {"2027-01-17", false},  // between two terms
                                    {"2027-01-18", true},
                                    {"2027-02-05", false},
                                    {"2027-02-11", false},
                                    {"2027-02-12", true},
                                    {"2027-05-26", true}}) {
    CAPTURE(day);
    CHECK(clock.school_days.contains(date(day)) == school);
  }
  CHECK(clock.school_days.contains(LocalTime::no_day));
  CHECK(clock.exam_days.contains(date("2027-05-10")));
  CHECK_FALSE(clock.exam_days.contains(date("2027-05-11")));
  REQUIRE(reading.periods.unconfirmed.size() == 1);
  CHECK(reading.periods.unconfirmed[0].where.pos.line == 16);
}

TEST_CASE("wrong lines of periods.yaml", "[config][periods]") {
  struct Row {
    const char *text, *tells;
  };
  const Row rows[] = {
      {"lessons: {night: {periods: {1: '07:00-07:45'}}}\n", "2:11: error SG1101"},
      {"lessons: {morning: {days: T2}}\n", "2:20: error SG1102"},
      {"lessons: {morning: {periods: [07:00-07:45]}}\n", "2:30: error SG1103: periods holds lines"},
      {"lessons: {morning: {days: T2-T9, periods: {1: 07:00-07:45}}}\n", "2:27: error SG1209"},
      {"lessons: {morning: {periods: {one: 07:00-07:45}}}\n", "2:31: error SG1105"},
      {"lessons: {morning: {periods: {0: 07:00-07:45}}}\n", "2:31: error SG1105"},
      {"lessons: {morning: {periods: {1: 7h-8h}}}\n", "2:34: error SG1209"},
      {"lessons: {morning: {periods: {1: T2 07:00-07:45}}}\n", "2:34: error SG1209"},
      {"lessons: {morning: {periods: {1: '22:00-06:00'}}}\n", "2:34: error SG1230: period 1 ends before"},
      {"lessons: {morning: {periods: {2: 07:00-07:45, 1: 08:00-08:45}}}\n",
       "2:47: error SG1230: period 1 stands"},
      {"lessons: {morning: {periods: {1: 07:00-07:45, 2: 07:40-08:45}}}\n",
       "2:50: error SG1230: period 2 begins"},
      {"shortest_break: 0\n", "2:17: error SG1105"},
      {"boarding: all night\n", "2:11: error SG1209"},
      {"holidays: [{name: a}]\n", "2:12: error SG1102: a line of days has"},
      {"holidays: [{name: a, date: 2027-01-01, to: 2027-01-02}]\n", "2:12: error SG1102: a line of days has"},
      {"holidays: [{name: a, from: 2027-01-01}]\n", "2:12: error SG1102: a line of days has"},
      {"holidays: [{date: 2027-01-01}]\n", "2:12: error SG1102: a holiday needs the key \"name\""},
      {"holidays: [{name: a, date: 1/1/2027}]\n", "2:28: error SG1117"},
      {"holidays: [{name: a, date: 2027-02-29}]\n", "2:28: error SG1117"},
      {"holidays: [{name: a, date: 2107-02-21}]\n", "2:28: error SG1117: 2107 is no year"},
      {"holidays: [{name: a, from: 2027-01-02, to: 2027-01-01}]\n", "2:44: error SG1117: this ends before"},
      {"holidays: [{name: a, from: 2027-01-02, to: 2072-01-04}]\n", "2:44: error SG1117: this is longer"},
      {"exam_days: [{name: a, date: 2027-01-02, unconfirmed: true}]\n", "2:41: error SG1101"},
      {"holiday: []\n", "2:1: error SG1101"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.text) {
      const PeriodsReading reading(row.text);
      CHECK_THAT(reading.told(), Tells(row.tells));
      CHECK_FALSE(reading.periods.whole);
    }
  }
}

TEST_CASE("holidays of the next 12 months have to be confirmed", "[config][periods]") {
  struct Row {
    const char *today, *tells;
  };
  const Row rows[] = {
      {"2026-02-01", ""},  // over a year away
      {"2026-03-01", "3:5: warning SG1233: nobody has confirmed this holiday: Tết, 2027-02-05 to 2027-02-11"},
      {"2027-02-11", "3:5: warning SG1233"},  // it lasts
      {"2027-02-12", ""},                     // over
      {"2027-04-30", ""},                     // the last one is today
      {"2027-05-01", "3:3: warning SG1234: no holiday is named from 2027-05-01 on"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.today) {
      PeriodsReading reading(R"(holidays:
  - {name: Tết, from: 2027-02-05, to: 2027-02-11, unconfirmed: true}
  - {name: Chiến thắng, date: 2027-04-30}
)");
      note_holidays(reading.periods, date(row.today), reading.context);
      CHECK_THAT(reading.told(), Tells(row.tells));
      if (row.today == std::string("2027-05-01"))
        CHECK(reading.context.diagnostics.back().hint.english().find(
                  "Tết is on 2028-01-26 and Giỗ Tổ Hùng Vương on 2028-04-04") != std::string::npos);
    }
  }
  PeriodsReading none("shortest_break: 10\n");
  note_holidays(none.periods, date("2027-05-01"), none.context);
  CHECK(none.told().empty());  // a school that names no holidays is not asked for them
}

TEST_CASE("the shipped holidays are those of the moon", "[config][periods]") {
  LoadContext context(std::string(SCHOOLGATE_SOURCE_DIR) + "/config/defaults/schoolgate.yaml");
  const PeriodsFile shipped =
      read_periods_file(std::string(SCHOOLGATE_SOURCE_DIR) + "/config/defaults/periods.yaml", context, {});
  CHECK(context.diagnostics.empty());
  for (int year = 2027; year <= 2030; ++year) {
    const std::int32_t tet = lunar_day(year, 1, 1).value(), ancestors = lunar_day(year, 3, 10).value();
    INFO(year);
    const NamedDays* days = named_day(shipped.clock.named_holidays, tet);
    REQUIRE(days != nullptr);
    CHECK(days->name == "Tết Nguyên đán");
    CHECK(days->first == tet - 1);
    CHECK(days->last == tet + 4);
    days = named_day(shipped.clock.named_holidays, ancestors);
    REQUIRE(days != nullptr);
    CHECK(days->name == "Giỗ Tổ Hùng Vương");
    for (const char* fixed : {"-01-01", "-04-30", "-05-01", "-09-02"})
      CHECK(shipped.clock.holidays.contains(date((std::to_string(year) + fixed).c_str())));
    CHECK(std::count_if(shipped.unconfirmed.begin(), shipped.unconfirmed.end(),
                        [&](const auto& one) { return civil_from_days(one.first).year == year; }) == 2);
  }
}

}  // namespace
}  // namespace schoolgate
