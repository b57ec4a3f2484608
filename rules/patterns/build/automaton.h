// A pattern as an automaton of positions (Glushkov): one position per character the pattern can read, an edge
// where one may follow another. Anchors and word borders have become positions too: `^` reads the start
// sentinel, `\b` after a word reads any one character that is not of a word. So a text matches exactly when
// a run of symbols in it leads from an initial to a final position, and every question about the pattern
// ("which literal must occur?") is a question about paths.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "rules/patterns/build/parse.h"

namespace schoolgate::pattern {

using Position = std::uint16_t;

struct Automaton {
  std::vector<SymbolSet> sets;              // what each position reads
  std::vector<std::vector<Position>> next;  // ascending
  std::vector<std::vector<Position>> prev;  // ascending
  std::vector<bool> initial, final;
  bool exact = true;  // on plain texts it accepts what RE2 accepts; else it may accept more, never less

  [[nodiscard]] std::size_t size() const noexcept { return sets.size(); }
};

struct Laxness {
  int max_count = 1000;     // counted repetitions above it are read as "that often or more"
  bool no_anchors = false;  // every ^, $, \b and \B is taken to hold
};

// The automaton that reads every accepted text from its end.
[[nodiscard]] Automaton reversed(Automaton automaton);

// A lax automaton is smaller, but inexact. Nullopt if the pattern is content without reading a character, or
// the automaton would still be too large.
[[nodiscard]] std::optional<Automaton> make_automaton(const Parsed& pattern, Laxness laxness = {});

}  // namespace schoolgate::pattern
