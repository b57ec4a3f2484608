#include "rules/patterns/build/automaton.h"

#include <algorithm>
#include <array>
#include <map>

namespace schoolgate::pattern {
namespace {

constexpr std::size_t most_pattern_states = 6000;  // of the machine with empty moves
constexpr std::size_t max_positions = 1200;

using StateId = std::uint32_t;

// Thompson's machine: reads a set, checks an assertion, branches, or is done.
struct State {
  enum class Kind : std::uint8_t { read, check, branch, done } kind = Kind::done;
  SymbolSet set;
  Assertion assertion{};
  StateId out = 0, other_out = 0;
};

// What stands on one side of a place between two characters.
enum Side : std::uint8_t { border, word, no_word };  // border: the text's start or end
constexpr int sides = 3;

class Machine {
 public:
  Machine(const Parsed& pattern, Laxness laxness) : lax_(laxness) {
    states_.push_back({});  // done
    start_ = add(pattern.root, 0);
  }

  bool too_large() const { return states_.size() >= most_pattern_states; }
  bool exact() const { return exact_; }
  StateId start() const { return start_; }
  const std::vector<State>& states() const { return states_; }

  // Reading states reachable from `from` without reading, between `left` and `right`. `done` is state 0.
  const std::vector<StateId>& reach(StateId from, Side left, Side right) {
    const StateId key = from * 9 + static_cast<StateId>(left) * 3 + static_cast<StateId>(right);
    const auto [it, fresh] = known_.try_emplace(key);
    if (fresh) it->second = search(from, left, right);
    return it->second;
  }

 private:
  StateId push(State state) {
    states_.push_back(state);
    return static_cast<StateId>(states_.size() - 1);
  }

  StateId branch(StateId a, StateId b) { return push({State::Kind::branch, {}, {}, a, b}); }

  // The entry of a machine that does `node` and goes on to `next`.
  StateId add(const Node& node, StateId next) {
    if (too_large()) return next;
    switch (node.kind) {
      case Node::Kind::set:
        return push({State::Kind::read, node.set, {}, next, 0});
      case Node::Kind::assertion:
        return push({State::Kind::check, {}, node.assertion, next, 0});
      case Node::Kind::sequence:
        for (auto child = node.children.rbegin(); child != node.children.rend(); ++child)
          next = add(*child, next);
        return next;
      case Node::Kind::choice: {
        StateId entry = add(node.children.back(), next);
        for (std::size_t i = node.children.size() - 1; i-- > 0;)
          entry = branch(add(node.children[i], next), entry);
        return entry;
      }
      case Node::Kind::repeat:
        return add_repeat(node, next);
    }
    return next;
  }

  StateId add_repeat(const Node& node, StateId next) {
    int min = node.min, max = node.max;
    if (std::max(min, max) > lax_.max_count) {
      min = std::min(min, lax_.max_count);
      max = -1;
      exact_ = false;
    }
    const Node& body = node.children[0];
    StateId entry = next;
    if (max < 0) {
      const StateId loop = branch(0, next);
      const StateId inside = add(body, loop);
      states_[loop].out = inside;
      entry = min > 0 ? inside : loop;
      min = std::max(min - 1, 0);
    } else {
      for (int i = min; i < max; ++i) entry = branch(add(body, entry), next);
    }
    for (int i = 0; i < min; ++i) entry = add(body, entry);
    return entry;
  }

  std::vector<StateId> search(StateId from, Side left, Side right) const {
    std::vector<StateId> found, open{from};
    std::vector<bool> seen(states_.size());
    while (!open.empty()) {
      const StateId at = open.back();
      open.pop_back();
      if (seen[at]) continue;
      seen[at] = true;
      const State& state = states_[at];
      switch (state.kind) {
        case State::Kind::done:
        case State::Kind::read:
          found.push_back(at);
          break;
        case State::Kind::branch:
          open.push_back(state.other_out);
          [[fallthrough]];
        case State::Kind::check:
          if (state.kind == State::Kind::branch || holds(state.assertion, left, right))
            open.push_back(state.out);
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  bool holds(Assertion assertion, Side left, Side right) const {
    if (lax_.no_anchors) return true;
    const bool at_border = (left == word) != (right == word);
    switch (assertion) {
      case Assertion::text_start:
        return left == border;
      case Assertion::text_end:
        return right == border;
      case Assertion::word_border:
        return at_border;
      case Assertion::no_word_border:
        return !at_border;
    }
    return false;
  }

  Laxness lax_;
  bool exact_ = true;
  StateId start_ = 0;
  std::vector<State> states_;
  std::map<StateId, std::vector<StateId>> known_;
};

// Turns a machine into positions. With \b or \B in the pattern a reading state becomes two positions, one
// for word characters and one for others, so that every assertion between two positions has one answer.
class PositionMaker {
 public:
  PositionMaker(Machine& machine, bool word_assertions) : machine_(machine), by_word_(word_assertions) {}

  std::optional<Automaton> run() {
    if (machine_.too_large() || content_with_nothing()) return std::nullopt;
    place_positions();
    if (side_.size() > max_positions) return std::nullopt;
    connect();
    begin_and_end();
    out_.exact = machine_.exact();
    return trimmed();
  }

 private:
  bool content_with_nothing() {
    for (int left = 0; left < sides; ++left)
      for (int right = 0; right < sides; ++right) {
        const auto& found = machine_.reach(machine_.start(), Side(left), Side(right));
        if (!found.empty() && found.front() == 0) return true;
      }
    return false;
  }

  Position add(const SymbolSet& set) {
    out_.sets.push_back(set);
    out_.next.emplace_back();
    return static_cast<Position>(out_.sets.size() - 1);
  }

  void place_positions() {
    const auto& states = machine_.states();
    places_.assign(states.size() * sides, none);
    for (StateId id = 0; id < states.size() && side_.size() <= max_positions; ++id) {
      if (states[id].kind != State::Kind::read) continue;
      SymbolSet others = text_symbols();
      if (by_word_) {
        place(id, word_symbols(), word);
        others -= word_symbols();
      }
      place(id, others, no_word);
    }
  }

  void place(StateId id, SymbolSet part, Side side) {
    part &= machine_.states()[id].set;
    if (part.empty()) return;
    places_[id * sides + side] = add(part);
    side_.push_back(side);
    state_.push_back(id);
  }

  void connect() {
    for (std::size_t p = 0; p < side_.size(); ++p)
      for (const Side right : {word, no_word})
        for (const StateId to : machine_.reach(machine_.states()[state_[p]].out, side_[p], right))
          if (places_[to * sides + right] != none)
            out_.next[p].push_back(static_cast<Position>(places_[to * sides + right]));
  }

  // What must stand before the first and behind the last character read: three bits, one per side.
  void begin_and_end() {
    const std::size_t count = side_.size();
    std::vector<unsigned> before(count), behind(count);
    for (int s = 0; s < sides; ++s) {
      for (const Side right : {word, no_word})
        for (const StateId to : machine_.reach(machine_.start(), Side(s), right))
          if (places_[to * sides + right] != none)
            before[static_cast<std::size_t>(places_[to * sides + right])] |= 1u << s;
      for (std::size_t p = 0; p < count; ++p) {
        const auto& found = machine_.reach(machine_.states()[state_[p]].out, side_[p], Side(s));
        if (!found.empty() && found.front() == 0) behind[p] |= 1u << s;
      }
    }
    std::vector<Position> first, last;
    std::map<unsigned, Position> contexts;
    for (std::size_t p = 0; p < count; ++p) {
      const auto here = static_cast<Position>(p);
      if (any_side(before[p])) {
        first.push_back(here);
      } else if (before[p] != 0) {
        const Position context = neighbour(contexts, before[p], symbol::start, first);
        out_.next[context].push_back(here);
      }
    }
    contexts.clear();
    for (std::size_t p = 0; p < count; ++p) {
      if (any_side(behind[p])) {
        last.push_back(static_cast<Position>(p));
      } else if (behind[p] != 0) {
        const Position context = neighbour(contexts, behind[p], symbol::end, last);
        out_.next[p].push_back(context);
      }
    }
    out_.initial.assign(out_.size(), false);
    out_.final.assign(out_.size(), false);
    for (const Position p : first) out_.initial[p] = true;
    for (const Position p : last) out_.final[p] = true;
  }

  bool any_side(unsigned mask) const {
    const unsigned all = by_word_ ? 1u << border | 1u << word | 1u << no_word : 1u << border | 1u << no_word;
    return (mask & all) == all;
  }

  // The position that reads one of the allowed neighbours.
  Position neighbour(std::map<unsigned, Position>& known, unsigned mask, Symbol sentinel,
                     std::vector<Position>& outer) {
    if (const auto it = known.find(mask); it != known.end()) return it->second;
    SymbolSet set;
    if ((mask >> border & 1) != 0) set.add(sentinel);
    if ((mask >> word & 1) != 0 && by_word_) set |= word_symbols();
    if ((mask >> no_word & 1) != 0) {
      SymbolSet others = text_symbols();
      if (by_word_) others -= word_symbols();
      set |= others;
    }
    const Position made = add(set);
    outer.push_back(made);
    known.emplace(mask, made);
    return made;
  }

  std::vector<bool> reachable(const std::vector<bool>& from,
                              const std::vector<std::vector<Position>>& edges) const {
    std::vector<bool> seen(out_.size());
    std::vector<Position> open;
    for (std::size_t p = 0; p < out_.size(); ++p)
      if (from[p]) open.push_back(static_cast<Position>(p));
    while (!open.empty()) {
      const Position p = open.back();
      open.pop_back();
      if (seen[p]) continue;
      seen[p] = true;
      open.insert(open.end(), edges[p].begin(), edges[p].end());
    }
    return seen;
  }

  static std::vector<std::vector<Position>> reversed(const std::vector<std::vector<Position>>& edges) {
    std::vector<std::vector<Position>> out(edges.size());
    for (std::size_t p = 0; p < edges.size(); ++p)
      for (const Position q : edges[p]) out[q].push_back(static_cast<Position>(p));
    return out;
  }

  // Without the positions that lie on no way from an initial to a final one.
  Automaton trimmed() {
    const std::vector<bool> forward = reachable(out_.initial, out_.next);
    const std::vector<bool> backward = reachable(out_.final, reversed(out_.next));
    std::vector<int> place(out_.size(), none);
    Automaton kept;
    kept.exact = out_.exact;
    for (std::size_t p = 0; p < out_.size(); ++p) {
      if (!forward[p] || !backward[p]) continue;
      place[p] = static_cast<int>(kept.size());
      kept.sets.push_back(out_.sets[p]);
      kept.initial.push_back(out_.initial[p]);
      kept.final.push_back(out_.final[p]);
    }
    kept.next.resize(kept.size());
    for (std::size_t p = 0; p < out_.size(); ++p)
      for (const Position q : out_.next[p])
        if (place[p] != none && place[q] != none)
          kept.next[static_cast<std::size_t>(place[p])].push_back(static_cast<Position>(place[q]));
    for (auto& edges : kept.next) {
      std::sort(edges.begin(), edges.end());
      edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    }
    kept.prev = reversed(kept.next);
    return kept;
  }

  static constexpr int none = -1;
  Machine& machine_;
  bool by_word_;
  Automaton out_;
  std::vector<int> places_;  // state and side -> position
  std::vector<Side> side_;   // of each position that reads for the pattern itself
  std::vector<StateId> state_;
};

}  // namespace

Automaton reversed(Automaton automaton) {
  std::swap(automaton.next, automaton.prev);
  std::swap(automaton.initial, automaton.final);
  return automaton;
}

std::optional<Automaton> make_automaton(const Parsed& pattern, Laxness laxness) {
  Machine machine(pattern, laxness);
  auto out = PositionMaker(machine, pattern.word_assertions).run();
  if (out) out->exact = out->exact && pattern.case_closed && !laxness.no_anchors;
  return out;
}

}  // namespace schoolgate::pattern
