#include "tools/daemon/device_coverage.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "proxy/core/device_tests.h"
#include "proxy/core/json_text.h"
#include "rules/url/ip.h"

namespace schoolgate::tools {
namespace {

constexpr std::int64_t day_in_ms = 86'400'000;
constexpr std::array<std::string_view, 7> device_kinds{"android", "chromeos", "iphone-ipad", "linux",
                                                       "mac",     "other",    "windows"};

// As the proxy wrote it: one value of a flat object of its own.
bool test_says(const audit::LogEvent& event, std::string_view key, const std::string& json) {
  return event.detail.find("\"" + std::string(key) + "\":" + json) != std::string::npos;
}

void note_test(RoomCoverage& room, const audit::LogEvent& event) {
  if (!test_says(event, "passed", "true")) {
    room.failed_ms = std::max(room.failed_ms, event.time_ms);
    return;
  }
  room.passed_ms = std::max(room.passed_ms, event.time_ms);
  for (const std::string_view kind : device_kinds)
    if (test_says(event, "kind", json_string(kind)) &&
        std::find(room.kinds.begin(), room.kinds.end(), kind) == room.kinds.end())
      room.kinds.emplace_back(kind);
  std::sort(room.kinds.begin(), room.kinds.end());
}

}  // namespace

std::vector<RoomCoverage> coverage_of(const Config& config, const std::vector<audit::LogEvent>& events) {
  std::vector<RoomCoverage> rooms;
  for (const ClientNetwork& line : config.who) {
    const auto same = [&line](const RoomCoverage& room) { return room.room == room_of(line); };
    if (classify(line.network.base) == AddressClass::loopback ||
        std::any_of(rooms.begin(), rooms.end(), same))
      continue;
    RoomCoverage room;
    room.room = room_of(line);
    rooms.push_back(std::move(room));
  }
  for (const audit::LogEvent& event : events)
    for (RoomCoverage& room : rooms)
      if (test_says(event, "room", json_string(room.room))) note_test(room, event);
  return rooms;
}

std::optional<std::vector<RoomCoverage>> read_coverage(const Config& config, std::int64_t now_ms) {
  const auto events =
      audit::LogReader(config.log.directory).events_named("device_test", now_ms - coverage_days * day_in_ms);
  if (!events) return std::nullopt;
  return coverage_of(config, *events);
}

}  // namespace schoolgate::tools
