// The one way this project makes an RE2: the same options for check, build and match.
#pragma once

#include <memory>
#include <string_view>

#include <re2/re2.h>

namespace schoolgate {

inline constexpr int max_pattern_program = 10'000;        // RE2 instructions
inline constexpr std::size_t max_pattern_text = 4096;     // bytes of source
inline constexpr std::size_t max_pattern_subject = 8192;  // bytes RE2 is asked about

// UTF-8, no captures, silent, bounded memory: out of DFA memory RE2 falls back to its slower NFA, whose
// answer is right as well.
[[nodiscard]] RE2::Options pattern_options(bool case_sensitive);

[[nodiscard]] inline bool re2_finds(const RE2& re, std::string_view subject) {
  return re.Match({subject.data(), subject.size()}, 0, subject.size(), RE2::UNANCHORED, nullptr, 0);
}

}  // namespace schoolgate
