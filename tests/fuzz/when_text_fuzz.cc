// What a row says of the school's clock: a trouble lies within the text, the next edge is where contains()
// changes, and not before.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "config/policy/when_text.h"
#include "rules/policy/civil_date.h"

using namespace schoolgate;

namespace {

PeriodsFile school() {
  PeriodsFile file;
  file.named = true;
  SchoolClock& clock = file.clock;
  clock.shifts.push_back({Shift::morning, 0x3f, {{1, 420, 465, ""}, {2, 480, 525, ""}, {5, 540, 585, ""}}});
  clock.shifts.push_back({Shift::afternoon, 0x1f, {{5, 810, 855, ""}, {6, 870, 915, ""}}});
  clock.boarding = *DayTimes::parse("CN-T5 21:00-05:30");
  clock.holidays = DaySet({{20'855, 20'861}, {20'900, 20'900}});
  clock.exam_days = DaySet({{20'857, 20'864}});
  clock.school_days = clock.holidays.others();
  return file;
}

LocalTime moment(std::int64_t minute) {
  const auto day = static_cast<std::int32_t>(minute / 1440);
  return {static_cast<std::uint16_t>(weekday_of(day) * 1440 + minute % 1440), day};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const PeriodsFile file = school();
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const WhenReading when = read_when({copy.get(), size}, file);
  if (!when.times) {
    if (when.code == 0 || when.trouble.offset + when.trouble.length > size) std::abort();
    return 0;
  }
  for (std::int64_t now = 20'850 * 1440; now < 20'866 * 1440; now += 997) {
    const std::uint32_t edge = when.times->minutes_to_next_edge(moment(now));
    if (edge == SchoolTimes::never) continue;
    const bool holds = when.times->contains(moment(now));
    if (edge == 0 || when.times->contains(moment(now + edge)) == holds) std::abort();
    if (when.times->contains(moment(now + edge - 1)) != holds) std::abort();
  }
  return 0;
}
