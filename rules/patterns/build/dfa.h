// Automata made deterministic, small enough to store.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "rules/patterns/build/automaton.h"
#include "rules/patterns/match/program.h"

namespace schoolgate::pattern {

// States are numbered from 0 in the order a breadth-first walk from the starts meets them; `dead` goes
// nowhere. Equal languages give equal tables.
struct Dfa {
  static constexpr std::uint32_t dead = dead_state, accept = accept_state;  // then the others
  std::array<std::uint8_t, 256> class_of{};  // of a symbol; pad's class leads to dead everywhere
  std::uint32_t classes = 0;
  std::vector<std::uint32_t> next;    // [state * classes + class]
  std::vector<std::uint32_t> starts;  // as asked for
  std::size_t first_loop = 0;  // remainders: the states from here on stay where they are for most symbols
  std::vector<std::vector<std::uint32_t>> outputs;  // by state: who has matched on entering it (scanners)

  [[nodiscard]] std::size_t states() const noexcept { return next.size() / (classes == 0 ? 1 : classes); }
};

enum class Direction : std::uint8_t { forward, backward };

// Decides what remains of a match once position `starts[i]` has read a symbol: walking on from there, is
// there a way to a final (backward: an initial) position? Start i is `accept` when nothing remains.
// Nullopt if it would need more than `max_states`.
[[nodiscard]] std::optional<Dfa> remainder_dfa(const Automaton& automaton, std::span<const Position> starts,
                                               Direction direction, std::size_t max_states);

// Reads a whole text and tells which of the automata have accepted so far; one that has may be forgotten.
// The one start is state 0, and state 1 is nothing special here.
[[nodiscard]] std::optional<Dfa> scanner_dfa(std::span<const Automaton* const> automata,
                                             std::size_t max_states);

}  // namespace schoolgate::pattern
