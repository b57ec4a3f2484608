// Times as people type them: the part that is wrong, and the spelling of files. More of them, with the
// message that people read, in tests/golden/diagnostics/tired_times.txt.
#include "config/policy/time_text.h"

#include <catch2/catch.hpp>

#include "rules/policy/schedule.h"

namespace schoolgate {
namespace {

struct Row {
  const char *text, *part, *write;  // write: what the hint says to write in quotes; "": it cannot know
};

void check(const Row& row, const TimeTrouble& trouble) {
  CAPTURE(row.text, trouble.message, trouble.hint);
  const std::string text = row.text;
  REQUIRE(trouble.offset + trouble.length <= text.size());
  CHECK(text.substr(trouble.offset, trouble.length) == row.part);
  CHECK_FALSE(trouble.message.empty());
  const std::string write = "write \"" + std::string(row.write) + "\"";
  if (*row.write != '\0')
    CHECK(trouble.hint == write);
  else
    CHECK(trouble.hint.english().find("write \"") == std::string::npos);
}

TEST_CASE("a time of the week in another spelling", "[config][time_text]") {
  const Row rows[] = {
      {"T2-T6 7h30-11h30", "7h30", "T2-T6 07:30-11:30"},
      {"Thứ 2 07:00-11:30", "Thứ 2", "T2 07:00-11:30"},
      {"thứ hai đến thứ sáu 7 giờ - 11 giờ 30", "thứ hai", "T2-T6 07:00-11:30"},
      {"Chủ nhật 8:00-9:00", "Chủ nhật", "CN 08:00-09:00"},
      {"T2, T4 07:00-08:00", "T2", "T2 07:00-08:00, T4 07:00-08:00"},
      {"T2 07:00-08:00, 09:00-10:00", "09:00", "T2 07:00-08:00, T2 09:00-10:00"},
      {"T2-T6 07:00\xE2\x80\x93"
       "11:30",
       "\xE2\x80\x93", "T2-T6 07:00-11:30"},
      {"07:00-11:30 T2-T6", "T2", "T2-T6 07:00-11:30"},
      {"T2-T8 07:00-11:30", "T8", ""},
      {"T2-T6 07:00-25:00", "25:00", ""},
      {"T2-T6 07:60-11:30", "07:60", ""},
      {"T2 2026-12-20 07:00-08:00", "2026-12-20", ""},
      {"T2-T6 07:00", "07:00", ""},
      {"lessons", "lessons", ""},
      {"", "", ""},
      {"-", "-", ""},
      {"T2 -", "-", ""},
  };
  for (const Row& row : rows) {
    REQUIRE_FALSE(Schedule::parse(row.text));
    check(row, explain_schedule(row.text));
    if (*row.write != '\0') CHECK(Schedule::parse(row.write));
  }
}

TEST_CASE("a moment of the week in another spelling", "[config][time_text]") {
  const Row rows[] = {
      {"Thứ 2 7h30", "Thứ 2", "T2 07:30"},
      {"T2 7h30", "7h30", "T2 07:30"},
      {"T2", "T2", ""},
      {"T8 08:30", "T8", ""},
      {"T2 24:00", "24:00", ""},
      {"morning", "morning", ""},
  };
  for (const Row& row : rows) {
    REQUIRE_FALSE(parse_local_time(row.text));
    check(row, explain_moment(row.text));
    if (*row.write != '\0') CHECK(parse_local_time(row.write));
  }
}

}  // namespace
}  // namespace schoolgate
