#include "rules/patterns/build/dfa.h"

#include <algorithm>
#include <bit>
#include <map>

#include "rules/bytes/hash.h"

namespace schoolgate::pattern {
namespace {

using Positions = std::vector<std::uint32_t>;

// Symbols that no set tells apart share a class; class 0 is "in no set", pad among them.
class SymbolClasses {
 public:
  explicit SymbolClasses(std::vector<SymbolSet> sets) {
    std::sort(sets.begin(), sets.end());
    sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
    std::size_t count = 1;
    for (const SymbolSet& set : sets) count = split(set, count);
    representatives.resize(count);
    for (int s = symbol::kelvin; s >= 0; --s)
      representatives[of[static_cast<std::size_t>(s)]] = static_cast<Symbol>(s);
  }
  std::array<std::uint8_t, 256> of{};
  std::vector<Symbol> representatives;

 private:
  // Symbols of the set leave their class for a new one, unless the whole class would.
  std::size_t split(const SymbolSet& set, std::size_t count) {
    int inside[256] = {}, members[256] = {}, moved_to[256] = {};
    for (std::size_t s = 0; s <= symbol::kelvin; ++s) {
      ++members[of[s]];
      inside[of[s]] += set.has(static_cast<Symbol>(s)) ? 1 : 0;
    }
    for (std::size_t s = 0; s <= symbol::kelvin; ++s) {
      const std::uint8_t c = of[s];
      if (!set.has(static_cast<Symbol>(s)) || inside[c] == members[c]) continue;
      if (moved_to[c] == 0) moved_to[c] = static_cast<int>(count++);
      of[s] = static_cast<std::uint8_t>(moved_to[c]);
    }
    return count;
  }
};

// A deterministic machine before it is made minimal. `label` tells states apart that must stay apart.
struct Draft {
  SymbolClasses classes;
  std::vector<std::uint32_t> next;
  std::vector<std::uint32_t> label;
  std::vector<std::uint32_t> starts;

  std::size_t width() const { return classes.representatives.size(); }
};

// One step of Moore's: states of a block go on together if every symbol takes them to the same block.
class BlockSplitter {
 public:
  explicit BlockSplitter(const Draft& draft) : draft_(draft), slots_(std::bit_ceil(2 * draft.label.size())) {}

  // Numbers the new blocks in the order of their first states; returns how many there are.
  std::size_t split(const std::vector<std::uint32_t>& block, std::vector<std::uint32_t>& refined) {
    std::fill(slots_.begin(), slots_.end(), 0U);
    std::uint32_t count = 0;
    for (std::uint32_t s = 0; s < block.size(); ++s) {
      std::size_t slot = hash(s, block) & (slots_.size() - 1);
      while (slots_[slot] != 0 && !go_together(s, slots_[slot] - 1, block))
        slot = (slot + 1) & (slots_.size() - 1);
      if (slots_[slot] == 0) {
        slots_[slot] = s + 1;
        refined[s] = count++;
      } else {
        refined[s] = refined[slots_[slot] - 1];
      }
    }
    return count;
  }

 private:
  [[nodiscard]] const std::uint32_t* next(std::uint32_t s) const noexcept {
    return draft_.next.data() + s * draft_.width();
  }
  [[nodiscard]] std::size_t hash(std::uint32_t s, const std::vector<std::uint32_t>& block) const noexcept {
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15U;
    std::uint64_t sum = block[s], factor = odd;
    for (std::size_t c = 0; c < draft_.width(); ++c, factor += 2 * odd) sum += block[next(s)[c]] * factor;
    return static_cast<std::size_t>(mix(sum, odd));
  }
  [[nodiscard]] bool go_together(std::uint32_t a, std::uint32_t b,
                                 const std::vector<std::uint32_t>& block) const {
    return block[a] == block[b] &&
           std::equal(next(a), next(a) + draft_.width(), next(b),
                      [&](std::uint32_t x, std::uint32_t y) { return block[x] == block[y]; });
  }

  const Draft& draft_;
  std::vector<std::uint32_t> slots_;  // the first state of a block, and one; 0: none
};

// Blocks of states that no text tells apart.
std::vector<std::uint32_t> equal_states(const Draft& draft) {
  std::vector<std::uint32_t> block = draft.label, refined(block.size());
  BlockSplitter splitter(draft);
  for (std::size_t before = 0;;) {
    const std::size_t count = splitter.split(block, refined);
    block.swap(refined);
    if (count == before) return block;
    before = count;
  }
}

// Numbers the blocks breadth-first, the `fixed` first ones keeping their place, and merges symbol classes
// that have become equal.
class Finisher {
 public:
  Finisher(const Draft& draft, std::uint32_t fixed)
      : draft_(draft), block_(equal_states(draft)), fixed_(fixed) {}

  // States with a label other than 0 get the last numbers.
  void put_labelled_last() {
    put_last([&](std::uint32_t s) { return draft_.label[s] != 0; });
  }

  // States that most symbols do not leave get the last numbers. Returns the first of these.
  std::size_t put_loops_last() {
    return put_last([&](std::uint32_t s) {
      int staying = 0;
      text_symbols().for_each([&](Symbol symbol) {
        staying += block_[draft_.next[s * draft_.width() + draft_.classes.of[symbol]]] == block_[s] ? 1 : 0;
      });
      return staying >= most_symbols;
    });
  }

  Dfa run() {
    if (order_.empty()) number();
    merge_classes();
    Dfa out;
    out.class_of = class_of_;
    out.classes = static_cast<std::uint32_t>(columns_.size());
    for (const std::uint32_t state : order_)
      for (const std::size_t column : columns_) out.next.push_back(target(state, column));
    for (const std::uint32_t start : draft_.starts) out.starts.push_back(place_[block_[start]]);
    return out;
  }

  // Draft states by new number.
  const std::vector<std::uint32_t>& order() const { return order_; }

 private:
  std::uint32_t target(std::uint32_t state, std::size_t column) const {
    return place_[block_[draft_.next[state * draft_.width() + column]]];
  }

  void meet(std::uint32_t state) {
    std::uint32_t& place = place_[block_[state]];
    if (place != unplaced) return;
    place = static_cast<std::uint32_t>(order_.size());
    order_.push_back(state);
  }

  void number() {
    place_.assign(draft_.label.size(), unplaced);
    for (std::uint32_t s = 0; s < fixed_; ++s) meet(s);
    for (const std::uint32_t start : draft_.starts) meet(start);
    for (std::size_t i = 0; i < order_.size(); ++i)
      for (std::size_t c = 0; c < draft_.width(); ++c) meet(draft_.next[order_[i] * draft_.width() + c]);
  }

  void merge_classes() {
    std::map<std::vector<std::uint32_t>, std::uint8_t> known;
    std::vector<std::uint8_t> merged;
    for (std::size_t c = 0; c < draft_.width(); ++c) {
      std::vector<std::uint32_t> column;
      for (const std::uint32_t state : order_) column.push_back(target(state, c));
      const auto [it, fresh] = known.try_emplace(std::move(column), static_cast<std::uint8_t>(known.size()));
      if (fresh) columns_.push_back(c);
      merged.push_back(it->second);
    }
    for (std::size_t s = 0; s < class_of_.size(); ++s) class_of_[s] = merged[draft_.classes.of[s]];
  }

  template <class Last>
  std::size_t put_last(Last last) {
    number();
    const auto begin = std::stable_partition(order_.begin() + fixed_, order_.end(),
                                             [&](std::uint32_t s) { return !last(s); });
    for (std::size_t i = 0; i < order_.size(); ++i) place_[block_[order_[i]]] = static_cast<std::uint32_t>(i);
    return static_cast<std::size_t>(begin - order_.begin());
  }

  static constexpr int most_symbols = 50;
  static constexpr std::uint32_t unplaced = 0xffffffff;
  const Draft& draft_;
  std::vector<std::uint32_t> block_;
  std::uint32_t fixed_;
  std::vector<std::uint32_t> order_, place_;
  std::vector<std::size_t> columns_;
  std::array<std::uint8_t, 256> class_of_{};
};

// The powerset construction: states are sets of positions. `Step` gives the positions after a symbol.
class Powerset {
 public:
  Powerset(Draft& draft, std::size_t max_states) : draft_(draft), max_states_(max_states) {}

  std::uint32_t state_of(Positions positions, std::uint32_t label) {
    const auto [it, fresh] =
        known_.try_emplace({std::move(positions), label}, static_cast<std::uint32_t>(known_.size()));
    if (fresh) {
      members_.push_back(&it->first.first);
      draft_.label.push_back(label);
    }
    return it->second;
  }

  // Fills the table; false when there are too many states. `step(positions, symbol)` returns a state.
  template <class Step>
  bool close(Step step) {
    const std::size_t width = draft_.width();
    for (std::size_t s = 0; s < members_.size(); ++s) {
      if (members_.size() > max_states_) return false;
      draft_.next.resize((s + 1) * width);
      for (std::size_t c = 1; c < width; ++c)
        draft_.next[s * width + c] = step(*members_[s], draft_.classes.representatives[c]);
    }
    return true;
  }

 private:
  Draft& draft_;
  std::size_t max_states_;
  std::map<std::pair<Positions, std::uint32_t>, std::uint32_t> known_;
  std::vector<const Positions*> members_;
};

void sort_unique(Positions& positions) {
  std::sort(positions.begin(), positions.end());
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
}

}  // namespace

std::optional<Dfa> remainder_dfa(const Automaton& automaton, std::span<const Position> starts,
                                 Direction direction, std::size_t max_states) {
  const auto& edges = direction == Direction::forward ? automaton.next : automaton.prev;
  const auto& ends = direction == Direction::forward ? automaton.final : automaton.initial;
  Draft draft{SymbolClasses(automaton.sets), {}, {}, {}};
  Powerset states(draft, max_states);
  const std::uint32_t dead = states.state_of({}, 0);
  const std::uint32_t accept = states.state_of({}, 1);
  for (const Position p : starts) draft.starts.push_back(ends[p] ? accept : states.state_of({p}, 2));
  const bool fits = states.close([&](const Positions& positions, Symbol s) {
    Positions after;
    for (const std::uint32_t p : positions)
      for (const Position q : edges[p]) {
        if (!automaton.sets[q].has(s)) continue;
        if (ends[q]) return accept;
        after.push_back(q);
      }
    if (after.empty()) return dead;
    sort_unique(after);
    return states.state_of(std::move(after), 2);
  });
  if (!fits) return std::nullopt;
  Finisher finisher(draft, 2);
  const std::size_t first_loop = finisher.put_loops_last();
  Dfa out = finisher.run();
  out.first_loop = first_loop;
  return out;
}

std::optional<Dfa> scanner_dfa(std::span<const Automaton* const> automata, std::size_t max_states) {
  std::vector<SymbolSet> sets;
  std::vector<std::uint32_t> owner, first;
  std::vector<std::pair<std::uint32_t, SymbolSet>> initial;
  for (std::uint32_t a = 0; a < automata.size(); ++a) {
    first.push_back(static_cast<std::uint32_t>(sets.size()));
    for (std::size_t p = 0; p < automata[a]->size(); ++p) {
      if (automata[a]->initial[p])
        initial.emplace_back(static_cast<std::uint32_t>(sets.size()), automata[a]->sets[p]);
      sets.push_back(automata[a]->sets[p]);
      owner.push_back(a);
    }
  }
  Draft draft{SymbolClasses(sets), {}, {}, {}};
  Powerset states(draft, max_states);
  std::map<std::vector<std::uint32_t>, std::uint32_t> labels{{{}, 0}};  // sets of owners that have matched
  const std::uint32_t dead = states.state_of({}, 0);
  draft.starts.push_back(dead);
  const bool fits = states.close([&](const Positions& positions, Symbol s) {
    Positions after, matched;
    const auto enter = [&](std::uint32_t p) {
      const Automaton& automaton = *automata[owner[p]];
      (automaton.final[p - first[owner[p]]] ? matched : after)
          .push_back(automaton.final[p - first[owner[p]]] ? owner[p] : p);
    };
    for (const std::uint32_t p : positions) {
      const std::uint32_t base = first[owner[p]];
      for (const Position q : automata[owner[p]]->next[p - base])
        if (sets[base + q].has(s)) enter(base + q);
    }
    for (const auto& [p, set] : initial)
      if (set.has(s)) enter(p);
    sort_unique(after);
    sort_unique(matched);
    std::erase_if(
        after, [&](std::uint32_t p) { return std::binary_search(matched.begin(), matched.end(), owner[p]); });
    const std::uint32_t label =
        labels.try_emplace(matched, static_cast<std::uint32_t>(labels.size())).first->second;
    return states.state_of(std::move(after), label);
  });
  if (!fits) return std::nullopt;
  Finisher finisher(draft, 1);
  finisher.put_labelled_last();
  Dfa out = finisher.run();
  std::vector<const std::vector<std::uint32_t>*> by_label(labels.size());
  for (const auto& [owners, label] : labels) by_label[label] = &owners;
  for (const std::uint32_t state : finisher.order()) out.outputs.push_back(*by_label[draft.label[state]]);
  return out;
}

}  // namespace schoolgate::pattern
