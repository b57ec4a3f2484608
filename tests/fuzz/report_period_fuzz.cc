// Times and periods as people type them for `log` and `report`: what is taken lies in order, and an end never
// lies before the same text as a beginning.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "config/main/local_time.h"
#include "tests/fuzz/require.h"
#include "tools/commands/log_print.h"
#include "tools/report/period.h"

using namespace schoolgate;
using namespace schoolgate::tools;

namespace {

void check(const Result<Period, Message>& period, const TimeZone& zone) {
  if (!period) return;
  require(period->from_ms() < period->to_ms() && period->first_day() <= period->last_day());
  require(!period->name(Language::vi).empty() && !period->name(Language::en).empty());
  const Period before = period->before(zone);
  require(before.to_ms() <= period->from_ms() && before.from_ms() < before.to_ms());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  std::memcpy(copy.get(), data, size);
  const std::string_view text(copy.get(), size);
  static const TimeZone zone;
  constexpr std::int64_t now = 1'772'600'000'000;
  const auto since = parse_since(text, now, zone), until = parse_until(text, now, zone);
  require(since.has_value() == until.has_value());
  if (since) require(*since <= *until);

  check(Period::month(text, zone), zone);
  check(Period::term(text, zone), zone);
  check(Period::year(text, zone), zone);
  const std::size_t middle = text.find(' ');
  if (middle != std::string_view::npos)
    check(Period::days(text.substr(0, middle), text.substr(middle + 1), zone), zone);
  return 0;
}
