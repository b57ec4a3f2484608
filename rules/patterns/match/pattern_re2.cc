#include "rules/patterns/match/pattern_re2.h"

#include <algorithm>
#include <string>

namespace schoolgate {
namespace {

constexpr std::int64_t confirmer_memory = 1 << 20;  // half of it is the program's, the rest caches DFA states

PatternProblem problem(Message message, std::size_t offset = 0) {
  return {std::move(message), static_cast<std::uint32_t>(offset)};
}

// RE2 names the offending part of the pattern, not its place.
std::size_t place_of(std::string_view part, std::string_view text) {
  const std::size_t at = part.empty() ? std::string_view::npos : text.find(part);
  return at == std::string_view::npos ? 0 : at;
}

// Whether it is content with no character at all, be it only at the border of a word, as "\b" is.
bool reads_nothing(const RE2& re) {
  if (re2_finds(re, "")) return true;
  for (const char* const around : {"a-", "-a", "aa", "--"})
    if (re.Match(around, 1, 1, RE2::ANCHOR_BOTH, nullptr, 0)) return true;
  return false;
}

}  // namespace

RE2::Options pattern_options(bool case_sensitive) {
  RE2::Options options;
  options.set_case_sensitive(case_sensitive);
  options.set_never_capture(true);
  options.set_log_errors(false);
  options.set_max_mem(confirmer_memory);
  return options;
}

Result<void, PatternProblem> check_pattern(std::string_view text, bool case_sensitive) {
  if (text.empty()) return problem(say("the pattern is empty"));
  if (text.size() > max_pattern_text) return problem(say("the pattern is longer than 4096 bytes"));
  const RE2 re({text.data(), text.size()}, pattern_options(case_sensitive));
  if (!re.ok()) return problem(Message::foreign(re.error()), place_of(re.error_arg(), text));
  if (re.ProgramSize() > max_pattern_program)
    return problem(
        say("the pattern is too large: its repetitions make {} steps, 10000 are allowed", re.ProgramSize()));
  if (reads_nothing(re))
    return problem(say("the pattern matches the empty text, so it would match every address"));
  return {};
}

}  // namespace schoolgate
