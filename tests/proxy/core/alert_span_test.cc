#include "proxy/core/alert_span.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

namespace {

constexpr std::int64_t minute = 60'000, now = 1'000'000 * minute + 12'345;

SchoolClock school() {
  SchoolClock clock;
  ShiftLessons morning;
  morning.lessons = {{1, 7 * 60, 7 * 60 + 45, ""}, {2, 7 * 60 + 50, 8 * 60 + 35, ""}};
  clock.shifts.push_back(morning);
  return clock;
}

}  // namespace

TEST_CASE("an alert lasts to the end of the lesson, without one for half an hour", "[core][alert]") {
  const struct {
    const char* name;
    std::uint16_t at;
    bool shared;
    std::int64_t until;
  } rows[] = {
      {"at its beginning", 7 * 60, false, now - now % minute + 45 * minute},
      {"in its last minute", 7 * 60 + 44, false, now - now % minute + minute},
      {"in the break", 7 * 60 + 47, false, now + 30 * minute},
      {"at night", 23 * 60, false, now + 30 * minute},
      {"of many behind one address, ten minutes at most", 7 * 60, true, now + 10 * minute},
      {"and no longer than the lesson", 7 * 60 + 44, true, now - now % minute + minute},
  };
  for (const auto& row : rows) {
    LocalTime local;
    local.minute_of_week = row.at;
    DYNAMIC_SECTION(row.name) CHECK(alert_until_ms(school(), local, now, row.shared) == row.until);
  }
}
