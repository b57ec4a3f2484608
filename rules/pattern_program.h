// Stored automata ("programs") and how they are run. All live in one table of 16-bit words; a program is
// named by the word it begins at.
//
//   sparse   [0][states][first of state 2, 3, ..., end][set, next][set, next]...    few ways on from a state
//   dense    [1][states][classes][0][class of symbol: 256 bytes][next: states x classes]
//   scanner  [2][states][classes][ends][class of symbol: 256 bytes][next: states x classes]
//            [first output of state 0, 1, ..., end][pattern id low, high]...
//
// States 0 and 1 of sparse and dense programs are "no match" and "match".
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "rules/pattern_dfa.h"

namespace schoolgate::pattern {

using Word = std::uint16_t;
using ProgramId = std::uint32_t;

inline constexpr ProgramId always = 0xffffffff;   // nothing remains to be decided
inline constexpr ProgramId ask_re2 = 0xfffffffe;  // too large to store: RE2 decides

enum ProgramKind : Word { sparse_program = 0, dense_program = 1, scanner_program = 2 };

// Collects programs while an index is built; equal ones are stored once.
class ProgramTable {
 public:
  ProgramId add(const Dfa& dfa);
  ProgramId add_scanner(const Dfa& dfa, std::span<const std::uint32_t> ids);  // ids of outputs

  std::vector<Word> words;
  std::vector<SymbolSet> sets;

 private:
  std::vector<Word> sparse(const Dfa& dfa);
  Word set_id(const SymbolSet& set);
  ProgramId store(const std::vector<Word>& program);

  std::map<SymbolSet, Word> known_sets_;
  std::map<std::vector<Word>, ProgramId> known_programs_;
};

// Number of states of the program at `id`, or 0 if it is not one of `kind`s a walk can trust: everything a
// run may touch lies inside the tables, and a pad ends every remainder.
[[nodiscard]] std::uint32_t checked_remainder(std::span<const Word> words, std::size_t sets, ProgramId id);
[[nodiscard]] std::uint32_t checked_scanner(std::span<const Word> words, ProgramId id,
                                            std::uint32_t patterns);

// Walks from `at` in steps of +1 or -1 until it is decided. The text ends in pads on either side.
template <int step>
[[nodiscard]] inline bool walk(const Word* program, const SymbolSet* sets, std::uint32_t state,
                               const Symbol* at) noexcept {
  if (program[0] == sparse_program) {
    const Word* const first = program;  // first[state] for states from 2 on
    while (state != Dfa::accept) {
      const Word* way = program + first[state];
      const Word* const end = program + first[state + 1];
      for (; way != end && !sets[way[0]].has(*at); way += 2) {
      }
      if (way == end) return false;
      state = way[1];
      at += step;
    }
    return true;
  }
  const std::uint32_t classes = program[2];
  const auto* class_of = reinterpret_cast<const std::uint8_t*>(program + 4);
  const Word* const next = program + 4 + 128;
  while (state > Dfa::accept) {
    state = next[state * classes + class_of[*at]];
    at += step;
  }
  return state == Dfa::accept;
}

// Reads `size` symbols; calls matched(pattern id) for each output, repeatedly maybe.
template <class F>
inline void scan(const Word* program, const Symbol* text, std::size_t size, F matched) {
  const std::uint32_t states = program[1], classes = program[2];
  const bool ends = program[3] != 0;
  const auto* class_of = reinterpret_cast<const std::uint8_t*>(program + 4);
  const Word* const next = program + 4 + 128;
  const Word* const outputs = next + states * classes;
  std::uint32_t state = 0;
  for (std::size_t i = 0; i < size; ++i) {
    state = next[state * classes + class_of[text[i]]];
    if (state == 0 && ends) return;
    for (Word o = outputs[state]; o != outputs[state + 1]; ++o) {
      const Word* id = outputs + states + 1 + 2 * o;
      matched(static_cast<std::uint32_t>(id[0]) | static_cast<std::uint32_t>(id[1]) << 16);
    }
  }
}

}  // namespace schoolgate::pattern
