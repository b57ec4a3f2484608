// RE2's syntax as a tree, as far as our automata need it: what is captured, greedy or lazy does not matter.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "rules/patterns/build/classes.h"

namespace schoolgate::pattern {

enum class Assertion : std::uint8_t { text_start, text_end, word_border, no_word_border };

struct Node {
  enum class Kind : std::uint8_t { set, assertion, sequence, choice, repeat };
  Kind kind = Kind::sequence;  // an empty sequence matches the empty text
  Assertion assertion{};
  SymbolSet set;
  int min = 0, max = 0;  // repeat; max -1 = no limit
  std::vector<Node> children;
};

struct Parsed {
  Node root;
  bool case_closed = true;       // no part of it tells upper from lower case
  bool word_assertions = false;  // has \b or \B
};

// `text` is a pattern RE2 accepts. Nullopt for what we do not read (\C, octal escapes, ^ and $ under (?m),
// very deep nesting): such a pattern is left to RE2.
[[nodiscard]] std::optional<Parsed> parse_pattern(std::string_view text, bool case_sensitive,
                                                  ClassOracle& oracle);

}  // namespace schoolgate::pattern
