// The words behind the small integers of the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/core/log_record.h"

namespace schoolgate::audit {

inline constexpr std::uint64_t code_mask = (std::uint64_t{1} << 40) - 1;

[[nodiscard]] std::string_view to_string(Seen seen) noexcept;
[[nodiscard]] std::string_view to_string(Ended ended) noexcept;

// The actions of the log: the policy's, and one more for what was never judged.
inline constexpr int refused_action = 4;
[[nodiscard]] int action_number(const Verdict& verdict) noexcept;
[[nodiscard]] std::string_view action_name(int number) noexcept;

// 0 = none, then the usual methods, the last one "other": a client may invent as many as it likes.
inline constexpr std::string_view methods[] = {"",        "GET",     "HEAD",  "POST",  "PUT",      "DELETE",
                                               "CONNECT", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "other"};
[[nodiscard]] int method_number(std::string_view method) noexcept;

// record = 1, alert = 2, locked = 4
[[nodiscard]] int flags_number(const Flags& flags) noexcept;
// Beside the flags in `ruling`: the row is a visit (proxy/core/visit.h).
inline constexpr int visit_flag = 8;
[[nodiscard]] Flags flags_of(std::int64_t number) noexcept;

// The inverse of decision_code(), in any case and with or without the dash; I and L read as 1, O as 0.
[[nodiscard]] std::optional<std::uint64_t> parse_decision_code(std::string_view text) noexcept;

}  // namespace schoolgate::audit
