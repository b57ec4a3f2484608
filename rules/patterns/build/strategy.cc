#include "rules/patterns/build/strategy.h"

#include <cstring>

#include "rules/patterns/build/frequency.h"

namespace schoolgate::pattern {
namespace {

// Grams, expected in an address (Cut::expected). Set by trial on the addresses of sample.cc: they move cost
// about, never an answer.
constexpr double weak_from = 0.3;     // of a pattern that check warns of
constexpr double common_from = 0.3;   // from here a scanner may be better
constexpr double rare_below = 0.005;  // of a pattern that is anchored at its end: below, grams are better
// Symbols that are read of an address until nothing more can match, on average: below, a text "soon" differs.
constexpr double soon = 4.5;

constexpr std::size_t max_scanner_states = 4000;
constexpr std::size_t max_states_alone = 1500;  // a pattern must not fill a scanner by itself

// Whether all positions at one end of the automaton (`ends`: its initial or its final ones) read a sentinel.
bool anchored(const Automaton& automaton, const std::vector<bool>& ends, Symbol sentinel) {
  SymbolSet only;
  only.add(sentinel);
  for (std::size_t p = 0; p < automaton.size(); ++p)
    if (ends[p] && automaton.sets[p] != only) return false;
  return true;
}

double symbols_read_from_end(const Dfa& dfa) {
  double symbols = 0, addresses = 0;
  SymbolText text;
  for (const char* line = address_sample; *line != 0; ++line) {
    const std::size_t size = std::strcspn(line, "\n");
    if (size == 0) continue;
    text.assign({line, size});
    std::uint32_t state = 0;
    const Symbol* at = text.symbols() + text.size();
    do {
      state = dfa.next[state * dfa.classes + dfa.class_of[*--at]];
      ++symbols;
    } while (state != 0 && at != text.symbols());
    ++addresses;
    line += size;
    if (*line == 0) break;
  }
  return symbols / addresses;
}

std::optional<Dfa> scanner_alone(const Automaton& reading) {
  const Automaton* const one[] = {&reading};
  return scanner_dfa(one, max_states_alone);
}

// What we took for a pattern that matches no text is RE2's too: it knows.
bool is_read(const Compiled& compiled) noexcept {
  return compiled.automaton && compiled.automaton->size() != 0;
}

}  // namespace

ChosenStrategy choose(const Compiled& compiled) {
  if (!is_read(compiled)) return {Strategy::re2};
  const Automaton& forward = *compiled.automaton;
  const bool common = !compiled.cut || compiled.cut->expected >= common_from;
  if (anchored(forward, forward.final, symbol::end)) {
    if (!common && compiled.cut->expected < rare_below) return {Strategy::grams};
    Automaton backward = reversed(forward);
    if (const auto dfa = scanner_alone(backward)) {
      if (common) return {Strategy::from_end, std::move(backward)};
      if (symbols_read_from_end(*dfa) <= soon) return {Strategy::ending, std::move(backward)};
    }
  }
  if (!common || !scanner_alone(forward)) return {without_scanner(compiled)};
  const bool at_start = anchored(forward, forward.initial, symbol::start);
  return {at_start ? Strategy::from_start : Strategy::anywhere, forward};
}

Strategy without_scanner(const Compiled& compiled) noexcept {
  return compiled.cut ? Strategy::grams : Strategy::re2;
}

double worth_a_scanner(Strategy strategy) noexcept {
  return strategy == Strategy::ending ? 0.1 : 1;
}

Direction direction_of(Strategy strategy) noexcept {
  return strategy == Strategy::from_end || strategy == Strategy::ending ? Direction::backward
                                                                        : Direction::forward;
}

bool is_weak(const Compiled& compiled) noexcept {
  return !is_read(compiled) || !compiled.cut || compiled.cut->expected > weak_from;
}

std::optional<Dfa> shared_scanner(std::span<const Automaton* const> readings) {
  return scanner_dfa(readings, max_scanner_states);
}

}  // namespace schoolgate::pattern
