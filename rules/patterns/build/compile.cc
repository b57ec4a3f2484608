#include "rules/patterns/build/compile.h"

#include <algorithm>
#include <cstring>
#include <map>
#include "rules/patterns/build/program_table.h"

namespace schoolgate::pattern {
namespace {

constexpr std::size_t max_remainder_states = 1500;
constexpr int count_limits[] = {1000, 40, 4, 1};  // tried in turn until the automaton is small enough

struct Mask {
  std::uint8_t value = 0, mask = 0;
};

// A set as "these bits of the looked-up symbol have these values", if that says exactly what the set says.
std::optional<Mask> as_mask(const SymbolSet& exact_set) {
  const SymbolSet set = canonical(exact_set);
  if ((set.has('s') && !exact_set.has('s')) || (set.has('k') && !exact_set.has('k'))) return std::nullopt;
  Mask out{0xff, 0};
  std::uint8_t any = 0;
  set.for_each([&](Symbol s) { out.value &= s, any |= s; });
  out.mask = static_cast<std::uint8_t>(~(any ^ out.value));
  SymbolSet possible = canonical(text_symbols());
  for (const Symbol s : {symbol::pad, symbol::start, symbol::end}) possible.add(s);
  bool exact = true;
  possible.for_each([&](Symbol s) { exact = exact && ((s & out.mask) != out.value || set.has(s)); });
  if (!exact) return std::nullopt;
  return out;
}

// A gram path grown along the automaton as long as there is only one way to go.
class Window {
 public:
  Window(const Automaton& automaton, const GramPath& path) : automaton_(automaton) {
    for (int i = 0; i < 4; ++i) {
      if (path.positions[static_cast<std::size_t>(i)] == GramPath::outside) continue;
      const auto position = static_cast<Position>(path.positions[static_cast<std::size_t>(i)]);
      if (right_ < left_) left_ = i, left_end_ = position;
      right_ = i, right_end_ = position;
    }
    low_ = std::min(left_, 0);
    high_ = std::max(right_, 3);
    for (bool grown = true; grown;) {
      grown = grow(automaton_.prev, automaton_.initial, left_end_, left_, -1);
      grown = grow(automaton_.next, automaton_.final, right_end_, right_, 1) || grown;
    }
  }

  Position left_end() const { return left_end_; }
  Position right_end() const { return right_end_; }

  Record record() const {
    Record out;
    out.window = static_cast<std::int8_t>(low_);
    out.left = static_cast<std::int8_t>(left_);
    out.right = static_cast<std::int8_t>(right_);
    std::uint8_t value[Record::window_size] = {}, mask[Record::window_size] = {};
    for (const auto& [at, bits] : masks_) {
      value[at - low_] = bits.value;
      mask[at - low_] = bits.mask;
    }
    std::memcpy(out.value, value, sizeof value);
    std::memcpy(out.mask, mask, sizeof mask);
    return out;
  }

 private:
  bool grow(const std::vector<std::vector<Position>>& edges, const std::vector<bool>& ends, Position& tip,
            int& at, int step) {
    if (ends[tip] || edges[tip].size() != 1 || edges[tip][0] == tip) return false;
    if (std::max(high_, at + step) - std::min(low_, at + step) >= Record::window_size) return false;
    const Position grown = edges[tip][0];
    const auto mask = as_mask(automaton_.sets[grown]);
    if (!mask) return false;
    tip = grown;
    at += step;
    low_ = std::min(low_, at);
    high_ = std::max(high_, at);
    masks_.emplace_back(at, *mask);
    return true;
  }

  const Automaton& automaton_;
  int left_ = 1, right_ = 0;  // known to fit; 1..0 = nothing yet
  int low_ = 0, high_ = 3;
  Position left_end_ = 0, right_end_ = 0;
  std::vector<std::pair<int, Mask>> masks_;
};

// Steps from each position to the nearest end, at most what a record can say.
std::vector<std::uint16_t> distances(const std::vector<std::vector<Position>>& edges_back,
                                     const std::vector<bool>& ends) {
  constexpr std::uint16_t far = 0xffff;
  std::vector<std::uint16_t> out(ends.size(), far);
  std::vector<Position> open;
  for (std::size_t p = 0; p < ends.size(); ++p)
    if (ends[p]) out[p] = 0, open.push_back(static_cast<Position>(p));
  for (std::size_t i = 0; i < open.size(); ++i)
    for (const Position q : edges_back[open[i]])
      if (out[q] == far) out[q] = static_cast<std::uint16_t>(out[open[i]] + 1), open.push_back(q);
  return out;
}

struct Remainder {
  ProgramId program = ask_re2;
  std::map<Position, std::uint32_t> states;  // to start from
  std::map<Position, Word> first_sets;       // that the next symbol must be in
};

// What the next symbol may be for the walk to go on.
SymbolSet first_symbols(const Dfa& dfa, std::uint32_t state) {
  SymbolSet symbols = text_symbols(), out;
  symbols.add(symbol::start);
  symbols.add(symbol::end);
  symbols.for_each([&](Symbol s) {
    if (dfa.next[state * dfa.classes + dfa.class_of[s]] != Dfa::dead) out.add(s);
  });
  return out;
}

Remainder add_remainder(const Automaton& automaton, std::vector<Position> tips, Direction direction,
                        ProgramTable& programs) {
  std::sort(tips.begin(), tips.end());
  tips.erase(std::unique(tips.begin(), tips.end()), tips.end());
  Remainder out;
  const auto dfa = remainder_dfa(automaton, tips, direction, max_remainder_states);
  if (!dfa) return out;
  const bool decided =
      std::all_of(dfa->starts.begin(), dfa->starts.end(), [](auto s) { return s == Dfa::accept; });
  out.program = decided ? always : programs.add(*dfa);
  if (decided || out.program == ask_re2) return out;
  for (std::size_t i = 0; i < tips.size(); ++i) {
    out.states[tips[i]] = dfa->starts[i];
    if (dfa->starts[i] != Dfa::accept)
      out.first_sets[tips[i]] = programs.set_id(first_symbols(*dfa, dfa->starts[i]));
  }
  return out;
}

void set_remainder(const Remainder& remainder, Position tip, ProgramId& program, Word& state,
                   Word& first_set) {
  program = remainder.program;
  if (program == always || program == ask_re2) return;
  state = static_cast<Word>(remainder.states.at(tip));
  if (state == Dfa::accept)
    program = always;
  else
    first_set = remainder.first_sets.at(tip);
}

}  // namespace

Compiled compile_pattern(const Pattern& pattern, ClassOracle& oracle, const FrequencyModel& model) {
  Compiled out;
  const auto parsed = parse_pattern(pattern.text, pattern.case_sensitive, oracle);
  if (!parsed) return out;
  for (const int max_count : count_limits)
    if ((out.automaton = make_automaton(*parsed, {.max_count = max_count}))) break;
  // "a$b" matches nothing, we think: look for its letters all the same and let RE2 say so.
  if (out.automaton && out.automaton->size() == 0)
    out.automaton = make_automaton(*parsed, {.max_count = count_limits[1], .no_anchors = true});
  if (out.automaton) out.cut = cheapest_cut(*out.automaton, model);
  return out;
}

std::vector<std::pair<GramPath, Record>> make_records(const Compiled& compiled, ProgramTable& programs) {
  std::vector<Window> windows;
  std::vector<Position> left, right;
  for (const GramPath& path : compiled.cut->paths) {
    windows.emplace_back(*compiled.automaton, path);
    left.push_back(windows.back().left_end());
    right.push_back(windows.back().right_end());
  }
  const Remainder forward =
      add_remainder(*compiled.automaton, std::move(right), Direction::forward, programs);
  const Remainder backward =
      add_remainder(*compiled.automaton, std::move(left), Direction::backward, programs);
  const auto to_final = distances(compiled.automaton->prev, compiled.automaton->final);
  const auto to_initial = distances(compiled.automaton->next, compiled.automaton->initial);
  std::vector<std::pair<GramPath, Record>> out;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    Record record = windows[i].record();
    set_remainder(forward, windows[i].right_end(), record.forward, record.forward_state, record.after);
    set_remainder(backward, windows[i].left_end(), record.backward, record.backward_state, record.before);
    record.min_after = to_final[windows[i].right_end()];
    record.min_before = to_initial[windows[i].left_end()];
    out.emplace_back(compiled.cut->paths[i], record);
  }
  return out;
}

}  // namespace schoolgate::pattern
