#include "rules/patterns/build/reach.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rules/patterns/build/automaton.h"
#include "rules/patterns/build/dfa.h"
#include "rules/patterns/build/parse.h"
#include "rules/patterns/match/pattern_re2.h"

namespace schoolgate {
namespace pattern {
namespace {

constexpr std::size_t max_reach_states = 2000;
constexpr std::size_t most_classes_known = 1'000;

// The shapes of the subjects, as patterns of our own. In the match form escapes of "#" and of control
// characters are kept, so neither stands behind the host.
constexpr std::string_view host_shape = "(?:[a-z0-9._-]+|\\[[0-9a-f:.]+\\])";
constexpr std::string_view tail_shape = "[^\\x00-\\x1f\\x7f#]*$";

std::string shape_of(PatternTarget target) {
  const std::string host(host_shape), tail(tail_shape);
  switch (target) {
    case PatternTarget::host:
      return "^" + host + "$";
    case PatternTarget::path:
      return "^/" + tail;
    case PatternTarget::query:
      return "^" + tail;
    case PatternTarget::url:
      break;
  }
  return "^https?://" + host + "(?::[0-9]+)?/" + tail;
}

std::optional<Automaton> automaton_of(std::string_view text, bool case_sensitive) {
  // Patterns share their classes, and RE2 takes long to say what one holds.
  thread_local ClassOracle oracle;
  if (oracle.size() > most_classes_known) oracle = {};
  const auto parsed = parse_pattern(text, case_sensitive, oracle);
  return parsed ? make_automaton(*parsed) : std::nullopt;
}

// Whether every class of the pattern holds all characters beyond ASCII or none (U+017F and U+212A apart,
// which have symbols of their own). Only then one symbol for all of them says what RE2 would of each.
bool tells_no_letters_beyond_ascii_apart(std::string_view text) noexcept {
  const bool ascii = std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
  constexpr std::string_view escapes[] = {"\\x", "\\p", "\\P"};
  return ascii && std::none_of(std::begin(escapes), std::end(escapes), [text](std::string_view escape) {
           return text.find(escape) != std::string_view::npos;
         });
}

bool overlap(SymbolSet a, const SymbolSet& b) noexcept {
  a &= b;
  return !a.empty();
}

// Whether some text of the shape holds a match of the pattern. Every position of the shape lies on a way from
// its beginning to its end, so a match may begin and end at any.
bool meet(const Automaton& shape, const Automaton& pattern) {
  using Pair = std::pair<Position, Position>;
  std::vector<bool> seen(shape.size() * pattern.size());
  std::vector<Pair> open;
  const auto visit = [&](Position in_shape, Position in_pattern) {
    const std::size_t place = in_shape * pattern.size() + in_pattern;
    if (seen[place] || !overlap(shape.sets[in_shape], pattern.sets[in_pattern])) return;
    seen[place] = true;
    open.emplace_back(in_shape, in_pattern);
  };
  for (std::size_t u = 0; u < shape.size(); ++u)
    for (std::size_t p = 0; p < pattern.size(); ++p)
      if (pattern.initial[p]) visit(static_cast<Position>(u), static_cast<Position>(p));
  while (!open.empty()) {
    const auto [u, p] = open.back();
    open.pop_back();
    if (pattern.final[p]) return true;
    for (const Position next_u : shape.next[u])
      for (const Position next_p : pattern.next[p]) visit(next_u, next_p);
  }
  return false;
}

std::uint32_t step(const Dfa& dfa, std::uint32_t state, Symbol read) noexcept {
  return dfa.next[state * dfa.classes + dfa.class_of[read]];
}

bool has_matched(const Dfa& dfa, std::uint32_t state) noexcept {
  return !dfa.outputs[state].empty();
}

// States from which every text leads to a match: the largest set whose members have matched, or would match
// if the text ended here and lead only to members.
std::vector<bool> states_that_match_whatever_follows(const Dfa& dfa) {
  SymbolSet follows = text_symbols();
  follows.remove(symbol::control);
  follows.remove('#');
  std::vector<bool> certain(dfa.states());
  for (std::uint32_t s = 0; s < dfa.states(); ++s)
    certain[s] = has_matched(dfa, s) || has_matched(dfa, step(dfa, s, symbol::end));
  for (bool changed = true; changed;) {
    changed = false;
    for (std::uint32_t s = 0; s < dfa.states(); ++s) {
      if (!certain[s] || has_matched(dfa, s)) continue;
      bool all = true;
      follows.for_each([&](Symbol read) { all = all && certain[step(dfa, s, read)]; });
      if (!all) certain[s] = false, changed = true;
    }
  }
  return certain;
}

}  // namespace
}  // namespace pattern

using namespace pattern;

bool can_match_an_address(const Pattern& pattern) {
  const auto automaton = automaton_of(pattern.text, pattern.case_sensitive);
  if (!automaton) return true;
  static const std::optional<Automaton> shapes[] = {
      automaton_of(shape_of(PatternTarget::host), false), automaton_of(shape_of(PatternTarget::path), false),
      automaton_of(shape_of(PatternTarget::query), false), automaton_of(shape_of(PatternTarget::url), false)};
  const auto& shape = shapes[static_cast<std::size_t>(pattern.target)];
  return !shape || meet(*shape, *automaton);
}

bool needs_a_path(const Pattern& pattern) {
  if (pattern.target != PatternTarget::url) return pattern.target != PatternTarget::host;
  return !WholeHostPattern(pattern).holds_all_of_some_host_by_https();
}

struct WholeHostPattern::Impl {
  std::optional<Dfa> dfa;  // exact; else `re` is asked
  std::vector<bool> certain;
  bool heeds_no_end = false;
  std::unique_ptr<RE2> re;
  SymbolText text;

  bool by_automaton(std::string_view front) {
    text.assign(front);
    std::uint32_t state = dfa->starts.front();
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {  // without the sentinel behind it
      state = step(*dfa, state, text.symbols()[i]);
      if (has_matched(*dfa, state)) return true;
    }
    return certain[state];
  }

  // A match within `front` stands in every address that begins so, if it stands whatever follows: nothing, a
  // character of a word, or another. No assertion of RE2 looks further.
  bool by_re2(std::string_view front) const {
    const std::string text_only(front), word = text_only + "a", other = text_only + "-";
    for (const std::string* const around : {&text_only, &word, &other})
      if (!re->Match(*around, 0, front.size(), RE2::UNANCHORED, nullptr, 0)) return false;
    return true;
  }
};

WholeHostPattern::WholeHostPattern(const Pattern& pattern) : impl_(std::make_unique<Impl>()) {
  const auto automaton = automaton_of(pattern.text, pattern.case_sensitive);
  if (automaton && automaton->exact && tells_no_letters_beyond_ascii_apart(pattern.text)) {
    const Automaton* const one[] = {&*automaton};
    impl_->dfa = scanner_dfa(one, max_reach_states);
  }
  if (impl_->dfa) {
    impl_->certain = states_that_match_whatever_follows(*impl_->dfa);
    impl_->heeds_no_end = std::none_of(automaton->sets.begin(), automaton->sets.end(),
                                       [](const SymbolSet& s) { return s.has(symbol::end); });
  } else {
    impl_->re = std::make_unique<RE2>(pattern.text, pattern_options(pattern.case_sensitive));
  }
}

WholeHostPattern::~WholeHostPattern() = default;
WholeHostPattern::WholeHostPattern(WholeHostPattern&&) noexcept = default;
WholeHostPattern& WholeHostPattern::operator=(WholeHostPattern&&) noexcept = default;

bool WholeHostPattern::heeds_no_end() const noexcept {
  return impl_->heeds_no_end;
}

bool WholeHostPattern::holds_all_of(std::string_view front) {
  return impl_->dfa ? impl_->by_automaton(front) : impl_->by_re2(front);
}

namespace {

// Whether some way through `fronts` ends certain, or matches before its end.
bool reaches_certainty(const Automaton& fronts, const Dfa& dfa, const std::vector<bool>& certain) {
  std::vector<bool> seen(fronts.size() * dfa.states());
  std::vector<std::pair<Position, std::uint32_t>> open;
  const auto read = [&](Position at, std::uint32_t from) {
    fronts.sets[at].for_each([&](Symbol symbol) {
      const std::uint32_t state = step(dfa, from, symbol);
      const std::size_t place = at * dfa.states() + state;
      if (seen[place]) return;
      seen[place] = true;
      open.emplace_back(at, state);
    });
  };
  for (std::size_t at = 0; at < fronts.size(); ++at)
    if (fronts.initial[at]) read(static_cast<Position>(at), dfa.starts.front());
  while (!open.empty()) {
    const auto [at, state] = open.back();
    open.pop_back();
    if (has_matched(dfa, state) || (fronts.final[at] && certain[state])) return true;
    for (const Position next : fronts.next[at]) read(next, state);
  }
  return false;
}

const Automaton& fronts_of(std::string_view scheme) {
  static const auto made = [](std::string_view schemes) {
    return *automaton_of("^" + std::string(schemes) + "://" + std::string(host_shape) + "(?::[0-9]+)?/",
                         false);
  };
  static const Automaton https = made("https"), any = made("https?");
  return scheme == "https" ? https : any;
}

}  // namespace

bool WholeHostPattern::holds_all_of_some_host() const {
  return !impl_->dfa || reaches_certainty(fronts_of("https?"), *impl_->dfa, impl_->certain);
}

bool WholeHostPattern::holds_all_of_some_host_by_https() const {
  return !impl_->dfa || reaches_certainty(fronts_of("https"), *impl_->dfa, impl_->certain);
}

}  // namespace schoolgate
