#include "proxy/core/alert_span.h"

#include <algorithm>

namespace schoolgate {

std::int64_t alert_until_ms(const SchoolClock& clock, LocalTime local, std::int64_t now_ms,
                            bool shared) noexcept {
  std::int64_t until = now_ms + alert_span_ms;
  if (const auto minutes = minutes_to_end_of_lesson(clock, local))
    until = now_ms - now_ms % 60'000 + std::int64_t{*minutes} * 60'000;
  return shared ? std::min(until, now_ms + shared_alert_span_ms) : until;
}

}  // namespace schoolgate
