// A pattern as its author wrote it, and the one way this project makes an RE2 of it: the same options for
// check, build and match.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <re2/re2.h>

#include "rules/result.h"
#include "rules/rule.h"

namespace schoolgate {

struct Pattern {
  std::string text;
  PatternTarget target = PatternTarget::url;
  bool case_sensitive = false;
};

// Why a pattern cannot be used, and the byte of its text to point at.
struct PatternProblem {
  Message message;
  std::uint32_t offset = 0;
};

// Whether the pattern can be used. Refused: what RE2 refuses, more than 4 KiB of text or 10,000 steps of
// program, and a pattern that is content with no text at all, for it would match every address.
[[nodiscard]] Result<void, PatternProblem> check_pattern(std::string_view text, bool case_sensitive);

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
