// The file of overrides: what is read is written again byte for byte, and none of it lasts longer than 90
// minutes, or a room's a day. Each input is also tried with the right sum below it, else the sum would hide
// all that follows it.
#include "config/overrides.h"

#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>

#include "rules/bytes/sha256.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

void look_at(std::string_view text) {
  const Moment now{1'796'005'800'000, std::chrono::steady_clock::time_point(std::chrono::hours(1))};
  auto rows = parse_overrides(text, now);
  if (!rows) return;
  require(to_text(*rows) == text);
  for (const OverrideRow& row : rows->rows) {
    require(is_whole(row));
    const auto most = row.kind == OverrideKind::room ? std::chrono::minutes(25 * 60)
                                                     : std::chrono::minutes(Delegation::most_minutes);
    require(row.end.steady <= now.steady + most);
  }
  keep_what_holds(*rows, now, 0);
  for (const OverrideRow& row : rows->rows) {
    require(!row.end.is_over(now));
    require(row.since_ms <= now.wall_ms);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size != 0) std::memcpy(copy.get(), data, size);
  const std::string_view text(copy.get(), size);
  look_at(text);
  Sha256 digest;
  digest.update(std::as_bytes(std::span(text)));
  look_at(std::string(text) + "sum " + to_hex(digest.finish()) + "\n");
  return 0;
}
