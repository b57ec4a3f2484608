#include "tools/daemon/doubted_clock.h"

#include <limits>

#include "proxy/audit/log_reader.h"

namespace schoolgate::tools {

std::int64_t newest_row_ms(const std::string& directory) {
  audit::LogQuery newest;
  newest.limit = 1;
  const auto rows = audit::LogReader(directory).rows(newest);
  if (!rows) return std::numeric_limits<std::int64_t>::max();
  return rows->empty() ? 0 : rows->back().time_ms;
}

bool DoubtedClock::agrees_now(const audit::ClockReading& now) noexcept {
  constexpr std::int64_t an_hour = 3'600'000;
  if (until_ms_ == 0) return false;
  if (!now.synchronised)
    synchronised_since_.reset();
  else if (!synchronised_since_)
    synchronised_since_ = now.running_ms;
  const bool vouched = synchronised_since_ && now.running_ms - *synchronised_since_ >= an_hour;
  if (now.wall_ms < until_ms_ && !vouched) return false;
  until_ms_ = 0;
  return true;
}

}  // namespace schoolgate::tools
