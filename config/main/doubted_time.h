// The school's minute where the machine's clock may be wrong.
#pragma once

#include <cstdint>
#include <limits>

#include "config/main/local_time.h"

namespace schoolgate {

// `doubted_until_ms`: a moment that has been already, whatever the clock shows; 0: there is none that is
// later. Then it is in doubt (LocalTime::in_doubt) and at least that late: that minute. The greatest number:
// it is not known how late it is at least.
[[nodiscard]] inline LocalTime school_time(const TimeZone& zone, std::int64_t now_ms,
                                           std::int64_t doubted_until_ms) noexcept {
  const bool in_doubt = now_ms < doubted_until_ms;
  const bool known = doubted_until_ms != std::numeric_limits<std::int64_t>::max();
  LocalTime time = zone.local((in_doubt && known ? doubted_until_ms : now_ms) / 1000);
  time.in_doubt = in_doubt;
  return time;
}

}  // namespace schoolgate
