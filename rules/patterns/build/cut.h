// Which literals to look for. Every accepted text runs through the automaton from an initial to a final
// position; a set of positions that no such run can avoid (a cut) therefore names places one of which every
// match passes. Around each position of the cheapest cut we take the runs of four symbols ("grams") that
// pass it: every match holds one of them. No rule of syntax is involved, only paths.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "rules/patterns/build/automaton.h"
#include "rules/patterns/build/frequency.h"

namespace schoolgate::pattern {

// One run of four positions (the part that lies in the automaton) and the symbols each may read.
struct GramPath {
  std::array<SymbolSet, 4> sets;    // canonical; beyond the automaton's ends: any symbol, or pad
  std::array<SymbolSet, 4> folded;  // those of `sets` that stand for U+017F or U+212A alone
  std::array<int, 4> positions{};   // outside where it lies beyond an end
  static constexpr int outside = -1;

  // The gram cannot be this path's in a text that holds neither U+017F nor U+212A.
  [[nodiscard]] bool only_folded(const Gram& gram) const noexcept {
    for (std::size_t i = 0; i < gram.size(); ++i)
      if (folded[i].has(gram[i])) return true;
    return false;
  }
};

struct Cut {
  std::vector<GramPath> paths;
  double expected = 0;  // grams found per address, as the model guesses
};

// Nullopt if every cut has more grams than are reasonable.
[[nodiscard]] std::optional<Cut> cheapest_cut(const Automaton& automaton, const FrequencyModel& model);

// Every gram the path's sets allow.
template <class F>
void for_each_gram(const GramPath& path, F f) {
  path.sets[0].for_each([&](Symbol a) {
    path.sets[1].for_each([&](Symbol b) {
      path.sets[2].for_each([&](Symbol c) { path.sets[3].for_each([&](Symbol d) { f(Gram{a, b, c, d}); }); });
    });
  });
}

}  // namespace schoolgate::pattern
