// How long further alerts of a device and theme belong to the case that the first one opened. No I/O;
// threads: any.
#pragma once

#include <cstdint>

#include "rules/policy/school_clock.h"

namespace schoolgate {

inline constexpr std::int64_t alert_span_ms = 30 * 60'000;  // where there is no lesson
inline constexpr std::int64_t shared_alert_span_ms =
    10 * 60'000;  // at most, where several may sit at one device

// The moment, in UTC milliseconds as `now_ms`, at which the lesson of `local` ends; without a lesson half an
// hour on. `shared`: many people stand behind the address, so that what comes later may be somebody else.
[[nodiscard]] std::int64_t alert_until_ms(const SchoolClock& clock, LocalTime local, std::int64_t now_ms,
                                          bool shared) noexcept;

}  // namespace schoolgate
