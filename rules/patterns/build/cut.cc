#include "rules/patterns/build/cut.h"

#include <algorithm>
#include <limits>

namespace schoolgate::pattern {
namespace {

constexpr std::size_t max_paths = 64;  // around one position
constexpr double max_grams = 2000;     // of one position
constexpr double cost_of_gram = 2e-5;  // of one more entry in the tables; the unit is a run of an automaton
constexpr double cost_of_hit = 0.25;   // of looking up a gram that is there and comparing its window
constexpr int longest_chain = 8;
constexpr double unusable = 1e9;

// Behind the last position anything may follow; behind the end sentinel nothing does.
SymbolSet beyond(const SymbolSet& set, Symbol sentinel) {
  SymbolSet out;
  if (set.has(sentinel)) out.add(symbol::pad);
  if (set.has(sentinel) && set.size() == 1) return out;
  out |= canonical(text_symbols());
  out.add(sentinel);
  return out;
}

class PathFinder {
 public:
  PathFinder(const Automaton& automaton) : automaton_(automaton) {}

  // All runs of four with `position` at `offset`; empty if there are too many.
  std::vector<GramPath> around(Position position, int offset) {
    paths_.clear();
    grams_ = 0;
    GramPath path;
    path.positions.fill(GramPath::outside);
    put(path, offset, position);
    to_the_left(path, offset);
    if (paths_.size() > max_paths || grams_ > max_grams) paths_.clear();
    return std::move(paths_);
  }

 private:
  bool full() const { return paths_.size() > max_paths || grams_ > max_grams; }

  void put(GramPath& path, int at, Position position) const {
    const auto i = static_cast<std::size_t>(at);
    path.positions[i] = position;
    path.sets[i] = path.folded[i] = canonical(automaton_.sets[position]);
    path.folded[i] -= automaton_.sets[position];
  }

  void to_the_left(GramPath path, int at) {
    if (full()) return;
    if (at == 0) return to_the_right(path, last_inside(path));
    const auto position = static_cast<Position>(path.positions[static_cast<std::size_t>(at)]);
    for (const Position before : automaton_.prev[position]) {
      put(path, at - 1, before);
      to_the_left(path, at - 1);
    }
    if (!automaton_.initial[position]) return;
    SymbolSet outside = beyond(automaton_.sets[position], symbol::start);
    for (int i = at - 1; i >= 0; --i) {
      path.positions[static_cast<std::size_t>(i)] = GramPath::outside;
      path.sets[static_cast<std::size_t>(i)] = outside;
      path.folded[static_cast<std::size_t>(i)] = {};
      if (outside.has(symbol::start)) outside.add(symbol::pad);
    }
    to_the_right(path, last_inside(path));
  }

  static int last_inside(const GramPath& path) {
    int at = 3;
    while (path.positions[static_cast<std::size_t>(at)] == GramPath::outside) --at;
    return at;
  }

  void to_the_right(GramPath path, int at) {
    if (full()) return;
    if (at == 3) return keep(path);
    const auto position = static_cast<Position>(path.positions[static_cast<std::size_t>(at)]);
    for (const Position behind : automaton_.next[position]) {
      put(path, at + 1, behind);
      to_the_right(path, at + 1);
    }
    if (!automaton_.final[position]) return;
    SymbolSet outside = beyond(automaton_.sets[position], symbol::end);
    for (int i = at + 1; i < 4; ++i) {
      path.positions[static_cast<std::size_t>(i)] = GramPath::outside;
      path.sets[static_cast<std::size_t>(i)] = outside;
      path.folded[static_cast<std::size_t>(i)] = {};
      if (outside.has(symbol::end)) outside.add(symbol::pad);
    }
    keep(path);
  }

  void keep(const GramPath& path) {
    if (path.sets[0].has(symbol::pad)) grams_ = 2 * max_grams;  // the scan begins at the start sentinel
    double grams = 1;
    for (const SymbolSet& set : path.sets) grams *= set.size();
    grams_ += grams;
    paths_.push_back(path);
  }

  const Automaton& automaton_;
  std::vector<GramPath> paths_;
  double grams_ = 0;
};

// Minimum vertex cut by maximum flow (augmenting along shortest paths).
class CutFinder {
 public:
  CutFinder(const Automaton& automaton, const std::vector<double>& weights) {
    const int count = static_cast<int>(automaton.size());
    edges_of_.resize(2 * automaton.size() + 2);
    for (int p = 0; p < count; ++p) {
      const auto at = static_cast<std::size_t>(p);
      add(enter(p), leave(p), weights[at]);
      for (const Position q : automaton.next[at]) add(leave(p), enter(q), unusable);
      if (automaton.initial[at]) add(source, enter(p), unusable);
      if (automaton.final[at]) add(leave(p), sink, unusable);
    }
    count_ = count;
  }

  // The positions of the cut; empty if there is none below `unusable`.
  std::vector<Position> run() {
    double flow = 0;
    while (search()) {
      double room = std::numeric_limits<double>::infinity();
      for (int at = sink; at != source; at = from(came_by_[at]))
        room = std::min(room, edges_[came_by_[at]].room);
      for (int at = sink; at != source; at = from(came_by_[at])) {
        edges_[came_by_[at]].room -= room;
        edges_[came_by_[at] ^ 1].room += room;
      }
      flow += room;
      if (flow >= unusable / 2) return {};
    }
    std::vector<Position> cut;
    for (int p = 0; p < count_; ++p)
      if (came_by_[enter(p)] != unseen && came_by_[leave(p)] == unseen)
        cut.push_back(static_cast<Position>(p));
    return cut;
  }

 private:
  static constexpr int source = 0, sink = 1, unseen = -1, seen = -2;
  struct Edge {
    int to;
    double room;
  };
  static int enter(int p) { return 2 + 2 * p; }
  static int leave(int p) { return 3 + 2 * p; }
  int from(int edge) const { return edges_[edge ^ 1].to; }

  void add(int a, int b, double room) {
    edges_of_[a].push_back(static_cast<int>(edges_.size()));
    edges_.push_back({b, room});
    edges_of_[b].push_back(static_cast<int>(edges_.size()));
    edges_.push_back({a, 0});
  }

  bool search() {
    came_by_.assign(edges_of_.size(), unseen);
    came_by_[source] = seen;
    std::vector<int> open{source};
    for (std::size_t i = 0; i < open.size(); ++i)
      for (const int edge : edges_of_[open[i]]) {
        const int to = edges_[edge].to;
        if (edges_[edge].room <= 1e-12 || came_by_[to] != unseen) continue;
        came_by_[to] = edge;
        if (to == sink) return true;
        open.push_back(to);
      }
    return false;
  }

  int count_ = 0;
  std::vector<std::vector<int>> edges_of_;
  std::vector<Edge> edges_;
  std::vector<int> came_by_;
};

struct Choice {
  std::vector<GramPath> paths;
  double cost = unusable, expected = 0;
};

// How likely the symbols beside a position fit as well, as far as there is only one way to go: what the
// window around a gram rejects before an automaton is run.
std::vector<double> chain_odds(const Automaton& automaton, const std::vector<std::vector<Position>>& edges,
                               const std::vector<bool>& ends, const FrequencyModel& model) {
  std::vector<double> own;
  for (const SymbolSet& set : automaton.sets) own.push_back(model.continues(set));
  std::vector<double> out;
  for (std::size_t p = 0; p < automaton.size(); ++p) {
    double odds = 1;
    std::size_t at = p;
    for (int i = 0; i < longest_chain && !ends[at] && edges[at].size() == 1 && edges[at][0] != at; ++i) {
      at = edges[at][0];
      odds *= own[at];
    }
    out.push_back(odds);
  }
  return out;
}

class Chooser {
 public:
  Chooser(const Automaton& automaton, const FrequencyModel& model)
      : finder_(automaton),
        model_(model),
        left_odds_(chain_odds(automaton, automaton.prev, automaton.initial, model)),
        right_odds_(chain_odds(automaton, automaton.next, automaton.final, model)) {}

  Choice best_around(Position position) {
    Choice best;
    for (int offset = 0; offset < 4; ++offset) {
      std::vector<GramPath> paths = finder_.around(position, offset);
      if (paths.empty()) continue;
      double expected = 0, cost = 0;
      for (const GramPath& path : paths) {
        const double found = expected_of(path, cost);
        expected += found;
        cost += found * (cost_of_hit + odds_beside(path));
      }
      if (cost < best.cost) best = {std::move(paths), cost, expected};
    }
    return best;
  }

 private:
  double expected_of(const GramPath& path, double& cost) const {
    double found = 0;
    for_each_gram(path, [&](const Gram& gram) {
      cost += cost_of_gram;
      if (path.only_folded(gram)) return;
      found += model_.expected(gram);
    });
    return found;
  }

  double odds_beside(const GramPath& path) const {
    double odds = 1;
    if (path.positions.front() != GramPath::outside)
      odds *= left_odds_[static_cast<std::size_t>(path.positions.front())];
    if (path.positions.back() != GramPath::outside)
      odds *= right_odds_[static_cast<std::size_t>(path.positions.back())];
    return odds;
  }

  PathFinder finder_;
  const FrequencyModel& model_;
  std::vector<double> left_odds_, right_odds_;
};

}  // namespace

std::optional<Cut> cheapest_cut(const Automaton& automaton, const FrequencyModel& model) {
  Chooser chooser(automaton, model);
  std::vector<Choice> choices;
  std::vector<double> weights;
  for (std::size_t p = 0; p < automaton.size(); ++p) {
    choices.push_back(chooser.best_around(static_cast<Position>(p)));
    weights.push_back(choices.back().cost);
  }
  const std::vector<Position> positions = CutFinder(automaton, weights).run();
  if (positions.empty()) return std::nullopt;
  Cut cut;
  for (const Position p : positions) {
    cut.expected += choices[p].expected;
    for (GramPath& path : choices[p].paths) cut.paths.push_back(std::move(path));
  }
  return cut;
}

}  // namespace schoolgate::pattern
