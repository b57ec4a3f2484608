// Which symbols one atom of a pattern (a character, a class, an escape) stands for. RE2 itself is asked, so
// that nothing about classes, escapes and case folding is known twice.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "rules/patterns/match/symbols.h"

namespace schoolgate::pattern {

struct AtomSet {
  SymbolSet symbols;
  bool case_closed = true;  // a letter is in it in both cases or in neither
};

// Remembers its answers.
class ClassOracle {
 public:
  // `atom` is RE2 source. Nullopt if it is not the source of exactly one character.
  [[nodiscard]] const std::optional<AtomSet>& ask(std::string_view atom, bool ignore_case, bool dot_newline);
  [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }  // how many it has asked about

 private:
  std::map<std::string, std::optional<AtomSet>, std::less<>> known_;
};

}  // namespace schoolgate::pattern
