#include "rules/policy/lunar_calendar.h"

#include <catch2/catch.hpp>
#include <string>

#include "rules/policy/civil_date.h"

namespace schoolgate {
namespace {

std::string date(int year, int month, int day) {
  const auto found = lunar_day(year, month, day);
  return found ? date_text(*found) : "none";
}

TEST_CASE("Tết as it was kept, and as it will be", "[rules][lunar_calendar]") {
  struct Row {
    int year;
    const char* first;
  };
  const Row rows[] = {
      {1968, "1968-01-29"},                        // a day before China's
      {1976, "1976-01-31"}, {1985, "1985-01-21"},  // a month before China's
      {1990, "1990-01-27"}, {1995, "1995-01-31"}, {2000, "2000-02-05"}, {2003, "2003-02-01"},
      {2004, "2004-01-22"}, {2005, "2005-02-09"}, {2006, "2006-01-29"}, {2007, "2007-02-17"},  // a day before
      {2008, "2008-02-07"}, {2009, "2009-01-26"}, {2010, "2010-02-14"}, {2011, "2011-02-03"},
      {2012, "2012-01-23"}, {2013, "2013-02-10"}, {2014, "2014-01-31"}, {2015, "2015-02-19"},
      {2016, "2016-02-08"}, {2017, "2017-01-28"}, {2018, "2018-02-16"}, {2019, "2019-02-05"},
      {2020, "2020-01-25"}, {2021, "2021-02-12"}, {2022, "2022-02-01"}, {2023, "2023-01-22"},
      {2024, "2024-02-10"}, {2025, "2025-01-29"}, {2026, "2026-02-17"}, {2027, "2027-02-06"},
      {2028, "2028-01-26"}, {2029, "2029-02-13"}, {2030, "2030-02-02"},  // a day before China's
  };
  for (const Row& row : rows) CHECK(date(row.year, 1, 1) == row.first);
}

TEST_CASE("Giỗ Tổ and other days of the lunar year", "[rules][lunar_calendar]") {
  CHECK(date(2020, 3, 10) == "2020-04-02");
  CHECK(date(2021, 3, 10) == "2021-04-21");
  CHECK(date(2022, 3, 10) == "2022-04-10");
  CHECK(date(2023, 3, 10) == "2023-04-29");  // behind a second month of the number 2
  CHECK(date(2024, 3, 10) == "2024-04-18");
  CHECK(date(2025, 3, 10) == "2025-04-07");
  CHECK(date(2026, 3, 10) == "2026-04-26");
  CHECK(date(2027, 3, 10) == "2027-04-16");
  CHECK(date(2023, 8, 15) == "2023-09-29");  // Trung thu
  CHECK(date(2024, 8, 15) == "2024-09-17");
  CHECK(date(2025, 8, 15) == "2025-10-06");  // behind a second month of the number 6
  CHECK(date(2026, 8, 15) == "2026-09-25");
}

TEST_CASE("what is no lunar date", "[rules][lunar_calendar]") {
  CHECK(date(1899, 1, 1) == "none");
  CHECK(date(2200, 1, 1) == "none");
  CHECK(date(2027, 11, 1) == "none");
  CHECK(date(2027, 0, 1) == "none");
  CHECK(date(2027, 1, 31) == "none");
  CHECK(date(2027, 1, 0) == "none");
}

TEST_CASE("each year begins between 20 January and 22 February", "[rules][lunar_calendar]") {
  for (int year = 1900; year <= 2199; ++year) {
    const CivilDate begin = civil_from_days(lunar_day(year, 1, 1).value());
    INFO(year);
    CHECK(begin.year == year);
    CHECK(begin.month * 100 + begin.day >= 120);
    CHECK(begin.month * 100 + begin.day <= 222);
  }
}

}  // namespace
}  // namespace schoolgate
