// What time it is as far as deleting goes. A wall clock may be wrong by years (an empty battery, a forged
// time server), and what was deleted by it does not come back.
//
// The believed time follows the wall clock by at most two days per day of running time, summed over all runs:
// its state is a small file beside the log. Faster only when the kernel has called its clock synchronised for
// an hour and the clock agrees with a row written long before (some days of running time, so that rows of a
// wrong clock are no evidence for it at once), or when a person confirms the date. Events are no evidence.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/audit/month.h"

namespace schoolgate::audit {

struct ClockReading {
  std::int64_t wall_ms = 0;     // UTC
  std::int64_t running_ms = 0;  // never goes back, and no person sets it (CLOCK_BOOTTIME)
  bool synchronised = false;    // as the kernel says, or systemd-timesyncd to who may not ask the kernel
};

// The machine's clocks.
[[nodiscard]] ClockReading read_clocks() noexcept;

// Threads: none of its own; the caller locks.
class RetentionClock {
 public:
  // `state`: what text() gave in the last run. Without one (or with one that is damaged) the believed time is
  // when the oldest row would be `keep_days` old, so that nothing goes at once. `oldest_ms`, `newest_ms`: of
  // the rows on the disk; 0 = none.
  RetentionClock(std::string_view state, const ClockReading& now, std::uint32_t keep_days,
                 std::int64_t oldest_ms, std::int64_t newest_ms);

  // From time to time, at least once a minute.
  void tick(const ClockReading& now) noexcept;
  // A row of this time was written. True: it is far behind what is believed, in a month that had none such:
  // save the state.
  bool wrote(std::int64_t time_ms);
  // A person says that the wall clock is right.
  void confirm(const ClockReading& now) noexcept;

  // Rows older than this are old enough.
  [[nodiscard]] std::int64_t cut_ms(const ClockReading& now) const noexcept;
  // The time that rows are to be reckoned by: never ahead of either clock.
  [[nodiscard]] std::int64_t sure_ms(const ClockReading& now) const noexcept;
  // Rows of this month were written by a clock that was behind: they look older than they are.
  [[nodiscard]] bool protects(Month month) const noexcept;
  [[nodiscard]] std::int64_t believed_ms() const noexcept { return believed_ms_; }
  // The state could be read, or there was none and no row either.
  [[nodiscard]] bool state_was_good() const noexcept { return good_; }
  [[nodiscard]] std::string text() const;

 private:
  struct LinesSeen {  // of those that there must be
    bool believed = false, run = false, older = false, newer = false;
  };
  [[nodiscard]] bool parse(std::string_view state);
  [[nodiscard]] bool parse_line(std::string_view line, LinesSeen& seen);
  [[nodiscard]] bool agrees(std::int64_t wall_ms) const noexcept;

  struct Evidence {
    std::int64_t row_ms = 0;  // the time of a row; 0 = none
    std::int64_t run_ms = 0;  // when it was noted
  };
  std::int64_t keep_ms_;
  std::int64_t believed_ms_ = 0;
  std::int64_t run_ms_ = 0;             // running time, summed over runs
  Evidence older_, newer_;              // `older_` speaks; `newer_` takes its place in time
  std::map<Month, std::int64_t> late_;  // months with rows of a clock that was behind: run_ms_ of the last
  ClockReading last_;
  std::int64_t last_row_ms_;
  std::optional<std::int64_t> synchronised_since_;  // run_ms_
  bool good_ = true;
};

}  // namespace schoolgate::audit
