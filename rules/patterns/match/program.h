// Stored automata ("programs") and how they are run. All live in one table of 16-bit words; a program is
// named by the word it begins at.
//
//   sparse   [0][states][first of state 2, 3, ..., end][set, next][set, next]...    few ways on from a state
//   dense    [1][states][classes][first loop][class of symbol: 256 bytes][rows: states x (classes + 1)]
//   scanner  [2][states][classes][flags][class of symbol: 256 bytes][rows: states x classes]
//            [first state with outputs][first output of that state, of the next, ..., end]
//            [pattern id low, high]...
//
// States 0 and 1 of sparse and dense programs are "no match" and "match". In rows a state is named by where
// its row begins: one multiplication less in the longest chain of the match. The states from `first loop` on
// stay where they are for most symbols; the last word of their rows is the set of those. A scanner's states
// that have outputs come last. Set 0 holds everything, pads too, and is in no program.
#pragma once

#include <cstdint>
#include <span>

#include "rules/patterns/match/symbols.h"

namespace schoolgate::pattern {

using Word = std::uint16_t;
using ProgramId = std::uint32_t;

inline constexpr ProgramId always = 0xffffffff;   // nothing remains to be decided
inline constexpr ProgramId ask_re2 = 0xfffffffe;  // too large to store: RE2 decides

inline constexpr std::uint32_t dead_state = 0, accept_state = 1;  // of remainders

inline constexpr std::size_t table_begin = 4;                   // of dense programs and scanners
inline constexpr std::size_t table_header = table_begin + 128;  // words before their rows

enum ProgramKind : Word { sparse_program = 0, dense_program = 1, scanner_program = 2 };

// Number of states of the program at `id`, or 0 if it is not one of `kind`s a walk can trust: everything a
// run may touch lies inside the tables, and a pad ends every remainder.
[[nodiscard]] std::uint32_t checked_remainder(std::span<const Word> words, std::size_t sets, ProgramId id);
[[nodiscard]] std::uint32_t checked_scanner(std::span<const Word> words, ProgramId id,
                                            std::uint32_t patterns);

// Walks from `at` in steps of +1 or -1 until it is decided, and leaves `at` there. The text ends in pads on
// either side.
template <int step>
[[nodiscard]] inline bool walk_sparse(const Word* program, const SymbolSet* sets, std::uint32_t state,
                                      const Symbol*& at) noexcept {
  while (state != accept_state) {
    const Word* way = program + program[state];
    const Word* const end = program + program[state + 1];
    while (way != end && !sets[way[0]].has(*at)) way += 2;
    if (way == end) return false;
    state = way[1];
    at += step;
  }
  return true;
}

template <int step>
[[nodiscard]] inline bool walk_dense(const Word* program, const SymbolSet* sets, std::uint32_t state,
                                     const Symbol*& at) noexcept {
  const std::uint32_t classes = program[2], width = classes + 1;
  const std::uint32_t accept_row = accept_state * width, loop_row = program[3] * width;
  const auto* const class_of = reinterpret_cast<const std::uint8_t*>(program + table_begin);
  const Word* const rows = program + table_begin + 128;
  std::uint32_t row = state * width;
  while (row > accept_row) {
    if (row >= loop_row)
      for (const SymbolSet& stay = sets[rows[row + classes]]; stay.has(*at);) at += step;
    row = rows[row + class_of[*at]];
    at += step;
  }
  return row == accept_row;
}

template <int step>
[[nodiscard]] inline bool walk(const Word* program, const SymbolSet* sets, std::uint32_t state,
                               const Symbol*& at) noexcept {
  return program[0] == sparse_program ? walk_sparse<step>(program, sets, state, at)
                                      : walk_dense<step>(program, sets, state, at);
}

enum ScannerFlags : Word {
  scanner_backward = 1,  // reads from the end sentinel to the start
  scanner_ends = 2,      // once state 0 is met again nothing more can match
};
inline constexpr std::uint32_t no_state = 0xffffffff;

// Runs a scanner over a whole text; calls matched(pattern id) for each output, the same one perhaps again.
template <class F>
inline void run_scanner(const Word* program, const Symbol* text, std::size_t size, F matched) {
  const std::uint32_t states = program[1], classes = program[2];
  const bool backward = (program[3] & scanner_backward) != 0;
  const std::uint32_t stop = (program[3] & scanner_ends) != 0 ? 0 : no_state;
  const auto* const class_of = reinterpret_cast<const std::uint8_t*>(program + table_begin);
  const Word* const next = program + table_begin + 128;
  const Word* const outputs = next + std::size_t{states} * classes;
  const std::uint32_t first_output = outputs[0] * classes;
  const Symbol* at = backward ? text + size - 1 : text;
  std::uint32_t state = 0;
  for (; size > 0; --size, at += backward ? -1 : 1) {
    state = next[state + class_of[*at]];
    if (state == stop) return;
    if (state < first_output) continue;
    const Word* const first = outputs + 1 + (state - first_output) / classes;
    for (Word o = first[0]; o != first[1]; ++o) {
      const Word* const id = outputs + 2 + (states - outputs[0]) + 2 * o;
      matched(static_cast<std::uint32_t>(id[0]) | static_cast<std::uint32_t>(id[1]) << 16);
    }
  }
}

}  // namespace schoolgate::pattern
