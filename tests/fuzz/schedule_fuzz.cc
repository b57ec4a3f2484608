// A schedule prints as one that is equal; the next edge is where contains() changes, and not before.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "rules/policy/schedule.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const std::optional<Schedule> schedule = Schedule::parse({copy.get(), size});
  if (!schedule) return 0;
  if (Schedule::parse(schedule->to_string()) != schedule) std::abort();
  for (int minute = 0; minute < LocalTime::minutes_per_week; minute += 61) {
    const LocalTime now{static_cast<std::uint16_t>(minute)};
    const int edge = schedule->minutes_to_next_edge(now);
    const auto at = [&](int later) {
      return schedule->contains({static_cast<std::uint16_t>((minute + later) % LocalTime::minutes_per_week)});
    };
    if (edge < 1 || edge > LocalTime::minutes_per_week) std::abort();
    if (at(edge - 1) != at(0)) std::abort();
    if (edge != LocalTime::minutes_per_week && at(edge) == at(0)) std::abort();
  }
  return 0;
}
