#include "rules/patterns/build/classes.h"

#include "rules/patterns/match/pattern_re2.h"

namespace schoolgate::pattern {
namespace {

// Whether the atom may hold a character beyond ASCII other than U+017F and U+212A, which are asked for
// themselves. When in doubt, yes: "other" then only makes RE2 confirm a match.
bool may_hold_other(std::string_view atom) {
  if (atom == ".") return true;
  if (atom.size() > 1 && atom[0] == '[' && atom[1] == '^') return true;
  if (atom.find("[:^") != std::string_view::npos) return true;
  for (std::size_t i = 0; i < atom.size(); ++i) {
    if (static_cast<unsigned char>(atom[i]) >= 0x80) return true;
    if (atom[i] != '\\' || ++i == atom.size()) continue;
    const char c = atom[i];
    if (c == 'D' || c == 'S' || c == 'W' || c == 'p' || c == 'P' || c == 'x' || (c >= '0' && c <= '7'))
      return true;
  }
  return false;
}

std::optional<AtomSet> ask_re2_about(std::string_view atom, bool ignore_case, bool dot_newline) {
  const std::string source = (dot_newline ? "(?s:" : "(?:") + std::string(atom) + ")";
  const RE2 re(source, pattern_options(!ignore_case));
  if (!re.ok() || RE2::FullMatch("", re) || RE2::FullMatch("aa", re)) return std::nullopt;
  bool holds[128];
  for (int c = 0; c < 128; ++c) {
    const char text = static_cast<char>(c);
    holds[c] = RE2::FullMatch(re2::StringPiece(&text, 1), re);
  }
  AtomSet out;
  for (int c = 0; c < 128; ++c) {
    if (!holds[c]) continue;
    const bool upper = c >= 'A' && c <= 'Z';
    if (c < 0x20 || c == 0x7f)
      out.symbols.add(symbol::control);
    else
      out.symbols.add(static_cast<Symbol>(upper ? c + 32 : c));
  }
  for (int c = 'A'; c <= 'Z'; ++c) out.case_closed = out.case_closed && holds[c] == holds[c + 32];
  if (RE2::FullMatch("\u017f", re)) out.symbols.add(symbol::long_s);
  if (RE2::FullMatch("\u212a", re)) out.symbols.add(symbol::kelvin);
  if (may_hold_other(atom)) out.symbols.add(symbol::other);
  return out;
}

}  // namespace

const std::optional<AtomSet>& ClassOracle::ask(std::string_view atom, bool ignore_case, bool dot_newline) {
  std::string key;
  key += ignore_case ? 'i' : '-';
  key += dot_newline ? 's' : '-';
  key += atom;
  auto it = known_.find(key);
  if (it == known_.end())
    it = known_.emplace(std::move(key), ask_re2_about(atom, ignore_case, dot_newline)).first;
  return it->second;
}

}  // namespace schoolgate::pattern
