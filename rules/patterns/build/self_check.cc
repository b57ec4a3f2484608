#include <algorithm>
#include <random>
#include <string>

#include "rules/patterns/build/compile.h"
#include "rules/patterns/build/index_builder.h"
#include "rules/patterns/match/index_matcher.h"

namespace schoolgate::pattern {
namespace {

constexpr int texts_per_pattern = 4;
constexpr std::size_t longest_text = 600;

// A text the automaton accepts, or nearly: a random walk from an initial position that hurries to a final
// one once it has become long.
class TextMaker {
 public:
  TextMaker(const Automaton& automaton, std::uint32_t seed) : automaton_(automaton), random_(seed) {
    distance_.assign(automaton.size(), unreached);
    std::vector<Position> open;
    for (std::size_t p = 0; p < automaton.size(); ++p)
      if (automaton.final[p]) distance_[p] = 0, open.push_back(static_cast<Position>(p));
    for (std::size_t i = 0; i < open.size(); ++i)
      for (const Position q : automaton.prev[open[i]])
        if (distance_[q] == unreached) distance_[q] = distance_[open[i]] + 1, open.push_back(q);
    for (std::size_t p = 0; p < automaton.size(); ++p)
      if (automaton.initial[p]) initial_.push_back(static_cast<Position>(p));
  }

  std::string make() {
    std::string out;
    Position at = initial_[below(initial_.size())];
    if (!automaton_.sets[at].has(symbol::start)) out = "http://a.b/";
    for (;;) {
      read(at, out);
      if (automaton_.final[at] && (automaton_.next[at].empty() || below(2) == 0 || out.size() > longest_text))
        break;
      at = step(at, out.size() > 60);
    }
    if (!automaton_.sets[at].has(symbol::end)) out += below(2) == 0 ? "/tail" : "";
    return out;
  }

  void spoil(std::string& text) {
    if (text.empty()) return;
    const std::size_t at = below(text.size());
    switch (below(3)) {
      case 0:
        text.erase(at, 1);
        break;
      case 1:
        text.insert(at, 1, "a/.-0?"[below(6)]);
        break;
      default:
        text[at] = "e_=9:x"[below(6)];
    }
  }

 private:
  static constexpr std::uint32_t unreached = 0xffffffff;

  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_()) % n; }

  void read(Position at, std::string& out) {
    std::vector<Symbol> symbols;
    automaton_.sets[at].for_each([&](Symbol s) { symbols.push_back(s); });
    const Symbol s = symbols[below(symbols.size())];
    switch (s) {
      case symbol::start:
      case symbol::end:
        break;
      case symbol::control:
        out += '\t';
        break;
      case symbol::other:
        out += below(2) == 0 ? "\u1ec7" : "\u00e9";
        break;
      case symbol::long_s:
        out += "\u017f";
        break;
      case symbol::kelvin:
        out += "\u212a";
        break;
      default:
        out += static_cast<char>(s >= 'a' && s <= 'z' && below(4) == 0 ? s - 32 : s);
    }
  }

  Position step(Position at, bool hurry) {
    const auto& next = automaton_.next[at];
    if (!hurry) return next[below(next.size())];
    return *std::min_element(next.begin(), next.end(),
                             [&](Position a, Position b) { return distance_[a] < distance_[b]; });
  }

  const Automaton& automaton_;
  std::mt19937 random_;
  std::vector<std::uint32_t> distance_;
  std::vector<Position> initial_;
};

class Checker {
 public:
  Checker(std::span<const Pattern> patterns, std::shared_ptr<const PatternIndex> index)
      : patterns_(patterns), entries_(index->view().entries), scanner_(std::move(index)) {}

  bool agree(std::uint32_t id) {
    const Pattern& p = patterns_[id];
    const auto parsed = parse_pattern(p.text, p.case_sensitive, oracle_);
    if (!parsed) return true;  // RE2 decides anyway
    const auto automaton = make_automaton(*parsed);
    if (!automaton || automaton->size() == 0) return true;
    const RE2 re(p.text, pattern_options(p.case_sensitive));
    TextMaker maker(*automaton, id);
    for (int i = 0; i < texts_per_pattern; ++i) {
      std::string text = maker.make();
      if (!same(id, re, text)) return false;
      maker.spoil(text);
      if (!same(id, re, text)) return false;
    }
    return true;
  }

 private:
  bool same(std::uint32_t id, const RE2& re, const std::string& text) {
    if (text.size() > max_pattern_subject) return true;
    const bool wanted = re2_finds(re, text);
    const auto found = [&] { return std::find(ids_.begin(), ids_.end(), id) != ids_.end(); };
    ids_.clear();
    if (!scanner_.match(patterns_[id].target, text, ids_) || found() != wanted) return false;
    if (!entries_[id].has(Entry::front)) return true;
    ids_.clear();
    return scanner_.match_front(text, ids_) && found() == wanted;
  }

  std::span<const Pattern> patterns_;
  std::span<const Entry> entries_;
  ClassOracle oracle_;
  IndexMatcher scanner_;
  std::vector<std::uint32_t> ids_;
};

}  // namespace

std::vector<std::uint32_t> disagreements(std::span<const Pattern> patterns,
                                         std::span<const std::byte> index) {
  std::vector<std::uint32_t> out;
  auto opened = PatternIndex::open(index);
  if (opened) {
    Checker checker(patterns, *opened);
    for (std::uint32_t id = 0; id < patterns.size(); ++id)
      if (!checker.agree(id)) out.push_back(id);
  } else {
    for (std::uint32_t id = 0; id < patterns.size(); ++id) out.push_back(id);
  }
  return out;
}

}  // namespace schoolgate::pattern
