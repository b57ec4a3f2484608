// Whether the wall clock may be believed after a start. One that is behind a row which the log already has
// (an empty battery, somebody who set it back) would open what a timetable closes now: until it agrees,
// timetables take their stricter side (LocalTime::in_doubt) and `status` says so. Overrides of before are
// over anyhow (keep_what_holds()).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "proxy/audit/retention_clock.h"

namespace schoolgate::tools {

// When the last row of the log was decided; 0: there is none. A log that cannot be read vouches for no clock.
[[nodiscard]] std::int64_t newest_row_ms(const std::string& directory);

// Threads: one at a time.
class DoubtedClock {
 public:
  // `newest_ms`: of the newest row at the start; 0 = none.
  DoubtedClock(std::int64_t now_ms, std::int64_t newest_ms) noexcept
      : until_ms_(newest_ms > now_ms ? newest_ms : 0) {}

  // From time to time. It agrees when it has come to that row, or when the kernel has called it synchronised
  // for an hour: then it is the rows that a wrong clock wrote. True: it agrees since this call.
  [[nodiscard]] bool agrees_now(const audit::ClockReading& now) noexcept;
  // A person says that it is right.
  void confirm() noexcept { until_ms_ = 0; }
  // Before this moment the clock is doubted; 0: it is not.
  [[nodiscard]] std::int64_t until_ms() const noexcept { return until_ms_; }

 private:
  std::int64_t until_ms_;
  std::optional<std::int64_t> synchronised_since_;  // running time
};

}  // namespace schoolgate::tools
