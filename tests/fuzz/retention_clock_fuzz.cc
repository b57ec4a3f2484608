// RetentionClock: any state is taken whole or not at all, and what is taken comes back as it was; no state
// makes rows old that the wall clock calls young.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "proxy/audit/retention_clock.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;
using namespace schoolgate::audit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  std::memcpy(copy.get(), data, size);
  constexpr std::int64_t now = 1'772'600'000'000, day = 86'400'000;
  ClockReading clocks{now, day, true};
  RetentionClock clock({copy.get(), size}, clocks, 90, now - 10 * day, now - day);
  const std::string once = clock.text();
  RetentionClock again(once, clocks, 90, 0, 0);
  require(again.state_was_good() && again.text() == once);
  if (!clock.state_was_good()) require(clock.cut_ms(clocks) <= now - 10 * day);
  clocks.running_ms += day;
  clocks.wall_ms += day;
  clock.tick(clocks);
  require(clock.cut_ms(clocks) <= clocks.wall_ms - 90 * day);
  return 0;
}
