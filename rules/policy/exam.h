// Rooms of the school, and exams: times of a day at which a room, or a tier, is open for nothing but what the
// exam needs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rules/policy/school_times.h"
#include "rules/url/ip.h"
#include "rules/verdict.h"

namespace schoolgate {

using RoomId = std::uint16_t;  // index into PolicySpec::rooms
inline constexpr std::size_t most_rooms = 1000;

// Those whose narrowest network carries the room's name.
struct Room {
  std::string name;                // "Phòng máy 1"
  std::vector<Network> networks;   // of the room
  std::vector<Network> not_these;  // narrower ones within them that are another's: the teacher's desk
  [[nodiscard]] bool holds(const IpAddress& client) const noexcept;
};

struct Exam {
  std::string name;
  SchoolTimes when;  // of days that are named
  std::string ends;  // for people: "09:00"
  std::vector<RoomId> rooms;
  std::vector<TierId> tiers;
  std::vector<std::string> only;  // names of bundles and files of hosts, at least one
  RuleRef where;
};

}  // namespace schoolgate
