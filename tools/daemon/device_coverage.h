// Which rooms have shown by a device of theirs that it passes the filter (http://schoolgate.internal/test),
// by the events `device_test` of the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/main/config.h"
#include "proxy/audit/log_reader.h"

namespace schoolgate::tools {

inline constexpr std::int64_t coverage_days = 90;

struct RoomCoverage {
  std::string room;                           // a label of who:, or its network
  std::int64_t passed_ms = 0, failed_ms = 0;  // the last time, UTC; 0 = never
  std::vector<std::string> kinds;             // that passed, ascending: "android"

  enum class State : std::uint8_t { passed, failed, untested };
  [[nodiscard]] State state() const noexcept {
    if (passed_ms == 0 && failed_ms == 0) return State::untested;
    return passed_ms >= failed_ms ? State::passed : State::failed;
  }
  friend bool operator==(const RoomCoverage&, const RoomCoverage&) = default;
};
// The rooms of who: in its order, those of loopback addresses apart. Events of rooms that are none any more
// are passed over. Pure.
[[nodiscard]] std::vector<RoomCoverage> coverage_of(const Config& config,
                                                    const std::vector<audit::LogEvent>& events);
// From the log; nullopt: it cannot be read.
[[nodiscard]] std::optional<std::vector<RoomCoverage>> read_coverage(const Config& config,
                                                                     std::int64_t now_ms);
}  // namespace schoolgate::tools
