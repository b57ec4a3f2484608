// How the index looks for a pattern, chosen by what it is guessed to cost on addresses.
#pragma once

#include <cstdint>
#include <optional>

#include "rules/patterns/build/compile.h"
#include "rules/patterns/build/dfa.h"

namespace schoolgate::pattern {

// In the order in which scanners are made: a subject has few, and the last group can do without.
enum class Strategy : std::uint8_t {
  grams,     // its grams lead to it; where they are rare it costs nothing nearly everywhere
  re2,       // RE2 is asked about every text: not read by our parser, or no grams and too large for a scanner
  from_end,  // common grams, anchored at the end: a scanner that reads from there; most texts soon differ
  from_start,  // common grams, anchored at the start: a scanner that soon knows
  anywhere,    // common grams, anchored nowhere: a scanner that reads every text whole
  // Anchored at the end, with grams that are not common and not rare either ("/[0-9a-f]{12}\.js$"): one
  // scanner for all of them costs less than a walk for each wherever a text ends in ".js". Apart from
  // from_end: together with what stays in step with most texts they would grow too large.
  ending,
};
inline constexpr std::size_t strategy_count = 6;

struct ChosenStrategy {
  Strategy strategy = Strategy::re2;
  Automaton reading = {};  // of a scanner's: in the direction it reads
};
[[nodiscard]] ChosenStrategy choose(const Compiled& compiled);

// What a scanner's pattern falls back to when no scanner takes it: its grams, however common, or RE2.
[[nodiscard]] Strategy without_scanner(const Compiled& compiled) noexcept;

// Grams, expected in an address, from which a scanner for patterns of a group pays: it reads every text, and
// a few patterns with common grams cost less without.
[[nodiscard]] double worth_a_scanner(Strategy strategy) noexcept;
[[nodiscard]] Direction direction_of(Strategy strategy) noexcept;

// Its grams stand in many addresses, or only RE2 can judge it: `check` warns of it.
[[nodiscard]] bool is_weak(const Compiled& compiled) noexcept;

// One scanner for several readings; nothing if it comes out too large.
[[nodiscard]] std::optional<Dfa> shared_scanner(std::span<const Automaton* const> readings);

}  // namespace schoolgate::pattern
