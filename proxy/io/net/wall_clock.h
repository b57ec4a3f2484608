// The time of day, for the log and for timetables.
#pragma once

#include <chrono>
#include <cstdint>

namespace schoolgate {

// Milliseconds since 1970, UTC. An admin may set it back: never used to measure.
[[nodiscard]] inline std::int64_t wall_clock_ms() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

}  // namespace schoolgate
