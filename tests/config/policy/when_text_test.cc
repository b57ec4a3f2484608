// What `when:` may say of a school's clock, and what it may not.
#include "config/policy/when_text.h"

#include <catch2/catch.hpp>

#include "config/text/diag_codes.h"
#include "rules/policy/civil_date.h"

namespace schoolgate {
namespace {

// 2027-02-08 is a Monday and a holiday, 2027-02-10 a day of exams.
PeriodsFile periods() {
  PeriodsFile file;
  file.named = true;
  SchoolClock& clock = file.clock;
  clock.shifts.push_back(
      {Shift::morning, 0b0111111, {{1, 420, 465, ""}, {2, 465, 510, ""}, {3, 530, 575, ""}}});
  clock.shifts.push_back({Shift::afternoon, 0b0011111, {{3, 810, 855, ""}, {6, 870, 915, ""}}});
  clock.boarding = DayTimes::parse("CN-T5 21:00-05:30").value();
  const std::int32_t holiday = parse_date("2027-02-08").value();
  clock.holidays = DaySet({{holiday, holiday}});
  clock.exam_days = DaySet({{holiday + 2, holiday + 2}});
  clock.school_days = clock.holidays.others();
  return file;
}

TEST_CASE("times of a school's clock", "[config][when_text]") {
  const PeriodsFile file = periods();
  struct Row {
    const char *text, *shows;
    std::vector<const char*> holds, not_then;
  };
  const Row rows[] = {
      {"T2-T6 07:00-11:30", "T2-T6 07:00-11:30", {"2027-02-08 08:00"}, {"2027-02-08 11:30"}},
      {"lessons",
       "lessons (T2-T7 07:00-08:30, T2-T7 08:50-09:35, T2-T6 13:30-14:15, T2-T6 14:30-15:15)",
       {"2027-02-09 07:00", "2027-02-09 08:29", "2027-02-09 14:00", "T2 07:00"},
       {"2027-02-08 07:00", "2027-02-09 08:30", "2027-02-07 08:00", "2027-02-13 14:00"}},
      {"giờ học",
       "giờ học (T2-T7 07:00-08:30, T2-T7 08:50-09:35, T2-T6 13:30-14:15, T2-T6 14:30-15:15)",
       {},
       {}},
      {"breaks", "breaks (T2-T7 08:30-08:50, T2-T6 14:15-14:30)", {"2027-02-09 08:30"}, {"2027-02-08 08:30"}},
      {"ra chơi", "ra chơi (T2-T7 08:30-08:50, T2-T6 14:15-14:30)", {}, {}},
      {"morning breaks", "morning breaks (T2-T7 08:30-08:50)", {}, {}},
      {"T3 periods 1-2", "T3 periods 1-2 (T3 07:00-08:30)", {"2027-02-09 07:00"}, {"2027-02-10 07:00"}},
      {"T2-T3 tiết 1", "T2-T3 tiết 1 (T2-T3 07:00-07:45)", {"2027-02-09 07:44"}, {"2027-02-08 07:00"}},
      {"T3 ti\xE1\xBA\xBFt 1 - 2", "T3 tiết 1 - 2 (T3 07:00-08:30)", {}, {}},
      {"morning period 3", "morning period 3 (T2-T7 08:50-09:35)", {}, {}},
      {"tiết 3 chiều", "tiết 3 chiều (T2-T6 13:30-14:15)", {}, {}},
      {"buổi chiều tiết 6", "buổi chiều tiết 6 (T2-T6 14:30-15:15)", {}, {}},
      {"boarding",
       "boarding (T2-T5 21:00-05:30, CN 21:00-05:30)",
       {"2027-02-08 22:00", "2027-02-08 05:00"},
       {"2027-02-12 22:00"}},
      {"boarding not holidays",
       "boarding not holidays (T2-T5 21:00-05:30, CN 21:00-05:30)",
       {"2027-02-08 05:00"},  // of Sunday's night
       {"2027-02-08 22:00", "2027-02-09 05:00"}},
      {"T2-T6 07:00-11:30 not holidays",
       "T2-T6 07:00-11:30 not holidays (T2-T6 07:00-11:30)",
       {"2027-02-09 08:00", "T2 08:00"},
       {"2027-02-08 08:00"}},
      {"07:00-11:30 trừ ngày nghỉ",
       "07:00-11:30 trừ ngày nghỉ (T2-CN 07:00-11:30)",
       {},
       {"2027-02-08 08:00"}},
      {"holidays", "holidays (T2 00:00-24:00)", {"2027-02-08 23:59"}, {"2027-02-09 00:00", "T2 08:00"}},
      {"Ngày lễ", "Ngày lễ (T2 00:00-24:00)", {"2027-02-08 00:00"}, {}},
      {"T2 holidays", "T2 holidays (T2 00:00-24:00)", {"2027-02-08 00:00"}, {}},
      {"holidays 07:00-08:00", nullptr, {}, {}},
      {"lessons exam days",
       "lessons exam days (T4 07:00-08:30, T4 08:50-09:35, T4 13:30-14:15, T4 14:30-15:15)",
       {"2027-02-10 07:00"},
       {"2027-02-09 07:00"}},
      {"lessons not exam days", nullptr, {"2027-02-09 07:00"}, {"2027-02-10 07:00", "2027-02-08 07:00"}},
      {"15:00-17:00 school days",
       "15:00-17:00 school days (T2-CN 15:00-17:00)",
       {"2027-02-09 15:00"},
       {"2027-02-08 15:00"}},
      {"T2-T6 06:00-07:00, T2-T6 periods 1",
       "T2-T6 06:00-07:00, T2-T6 periods 1 (T2-T6 06:00-07:45)",
       {"2027-02-08 06:30", "2027-02-09 07:30"},
       {"2027-02-08 07:30"}},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.text) {
      const WhenReading when = read_when(row.text, file);
      if (row.shows == nullptr && row.holds.empty()) {
        CHECK_FALSE(when.times);
        CHECK(when.code == diag::bad_schedule);
        continue;
      }
      INFO(when.trouble.message);
      REQUIRE(when.times);
      CHECK(when.code == 0);
      if (row.shows != nullptr) CHECK(when.times->to_string() == row.shows);
      for (const char* moment : row.holds) {
        CAPTURE(moment);
        CHECK(when.times->contains(parse_local_time(moment).value()));
      }
      for (const char* moment : row.not_then) {
        CAPTURE(moment);
        CHECK_FALSE(when.times->contains(parse_local_time(moment).value()));
      }
    }
  }
}

TEST_CASE("whether a row goes by holidays", "[config][when_text]") {
  const PeriodsFile file = periods();
  CHECK_FALSE(read_when("T2 07:00-08:00", file).by_school);
  CHECK_FALSE(read_when("boarding", file).by_school);
  CHECK(read_when("boarding not holidays", file).by_school);
  CHECK(read_when("lessons", file).by_school);
  CHECK(read_when("T2 07:00-08:00 not holidays", file).by_school);
}

TEST_CASE("what cannot be meant, and the part that is wrong", "[config][when_text]") {
  const PeriodsFile file = periods(), none;
  struct Row {
    const char *text, *part;
    int code;
    const PeriodsFile* file;
  };
  const Row rows[] = {
      {"periods 3", "periods", diag::no_periods, &file},  // there are two of this number
      {"T2 periods 1-5", "periods", diag::no_periods, &file},
      {"periods", "periods", diag::bad_schedule, &file},
      {"tiết một", "tiết", diag::bad_schedule, &file},
      {"periods 5-1", "5-1", diag::bad_schedule, &file},
      {"T8 lessons", "T8", diag::bad_schedule, &file},
      {"T2, T3 lessons", "T2", diag::bad_schedule, &file},
      {"not holidays 07:00-08:00", "not holidays", diag::bad_schedule, &file},
      {"lessons T2", "T2", diag::bad_schedule, &file},
      {"evening lessons", "lessons", diag::no_periods, &file},
      {"T2 periods 1, 2", "2", diag::bad_schedule, &file},
      {"T2 7h-8h not holidays", "7h", diag::bad_schedule, &file},
      {"T2 07:00-08:00, T3 07:00-08:00 not holidays", "T2 07:00-08:00, T3 07:00-08:00 not holidays",
       diag::bad_schedule, &file},
      {"T2 lessons, boarding", "T2 lessons, boarding", diag::bad_schedule, &file},
      {"lessons,", "lessons,", diag::bad_schedule, &file},
      {"lessons", "lessons", diag::no_periods, &none},
      {"boarding", "boarding", diag::no_periods, &none},
      {"holidays", "holidays", diag::no_periods, &none},
      {"T2 07:00", "07:00", diag::bad_schedule, &file},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.text) {
      const WhenReading when = read_when(row.text, *row.file);
      CHECK_FALSE(when.times);
      CHECK(when.code == row.code);
      const std::string text = row.text;
      REQUIRE(when.trouble.offset + when.trouble.length <= text.size());
      CHECK(text.substr(when.trouble.offset, when.trouble.length) == row.part);
      CHECK_FALSE(when.trouble.message.empty());
      CHECK_FALSE(when.trouble.hint.empty());
    }
  }
}

TEST_CASE("a time that never is, and a file that cannot be read", "[config][when_text]") {
  PeriodsFile file = periods();
  WhenReading when = read_when("CN lessons", file);
  REQUIRE(when.times);
  CHECK(when.times->empty());
  CHECK(when.code == diag::never_holds);
  file.whole = false;
  for (const char* text : {"lessons", "holidays", "T2 07:00-08:00 not holidays"}) {
    when = read_when(text, file);
    CHECK_FALSE(when.times);
    CHECK(when.silent);
  }
  CHECK(read_when("T2 07:00-08:00", file).times);
}

TEST_CASE("days of the week by name", "[config][when_text]") {
  CHECK(weekdays_of("T2") == 1);
  CHECK(weekdays_of("T2-T6") == 0b0011111);
  CHECK(weekdays_of("CN-T2") == 0b1000001);
  CHECK(weekdays_of("mon-fri") == 0b0011111);
  for (const char* none : {"", " ", "T8", "T2,T3", "T2 07:00-08:00", "07:00-08:00,", "lessons"})
    CHECK(weekdays_of(none) == 0);
}

}  // namespace
}  // namespace schoolgate
