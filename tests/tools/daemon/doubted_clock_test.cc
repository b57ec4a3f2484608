// A clock that is behind the log after a start: until when it is doubted, and what ends it.
#include "tools/daemon/doubted_clock.h"

#include <catch2/catch.hpp>

namespace schoolgate::tools {
namespace {

constexpr std::int64_t minute = 60'000, hour = 60 * minute;
constexpr std::int64_t row = 1'796'000'000'000;

audit::ClockReading at(std::int64_t wall_ms, std::int64_t running_ms, bool synchronised = false) {
  return {wall_ms, running_ms, synchronised};
}

}  // namespace

TEST_CASE("a clock is doubted while it is behind the newest row", "[tools][daemon][clock]") {
  CHECK(DoubtedClock(row, 0).until_ms() == 0);  // a log without rows vouches for any clock
  CHECK(DoubtedClock(row, row).until_ms() == 0);
  CHECK(DoubtedClock(row + 1, row).until_ms() == 0);

  DoubtedClock clock(row - hour, row);
  CHECK(clock.until_ms() == row);
  CHECK_FALSE(clock.agrees_now(at(row - hour + minute, minute)));
  CHECK_FALSE(clock.agrees_now(at(row - 1, hour - 1)));
  CHECK(clock.until_ms() == row);
  CHECK(clock.agrees_now(at(row, hour)));
  CHECK(clock.until_ms() == 0);
  CHECK_FALSE(clock.agrees_now(at(row - hour, hour)));  // told once; what is set back later is no start
}

TEST_CASE("a clock that was synchronised for an hour is believed, not the rows", "[tools][daemon][clock]") {
  DoubtedClock clock(row - 1000 * hour, row);
  const std::int64_t now = row - 1000 * hour;
  CHECK_FALSE(clock.agrees_now(at(now, 0, true)));
  CHECK_FALSE(clock.agrees_now(at(now + hour - 1, hour - 1, true)));
  CHECK_FALSE(clock.agrees_now(at(now + hour, hour, false)));  // not without a break: from the beginning
  CHECK_FALSE(clock.agrees_now(at(now + hour, hour + 1, true)));
  CHECK_FALSE(clock.agrees_now(at(now + 2 * hour, 2 * hour, true)));
  CHECK(clock.agrees_now(at(now + 2 * hour, 2 * hour + 1, true)));
  CHECK(clock.until_ms() == 0);
}

TEST_CASE("a person ends the doubt", "[tools][daemon][clock]") {
  DoubtedClock clock(row - hour, row);
  clock.confirm();
  CHECK(clock.until_ms() == 0);
  CHECK_FALSE(clock.agrees_now(at(row - hour, 0)));
}

}  // namespace schoolgate::tools
