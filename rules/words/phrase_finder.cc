#include "rules/words/phrase_finder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <utility>

namespace schoolgate {

// Terms stand for tens of thousands of phrases, most of which end as many others do: "(cách|làm sao) vào ..."
// So the tree of what follows what is made of the sorted phrases from its leaves on, and branches that are
// alike are one; then parts are one that lead the same ways from everywhere. What is left fits into the
// caches, and grows with what rules say rather than with the phrases that they stand for.
class PhraseFinderBuilder {
 public:
  explicit PhraseFinderBuilder(const PhraseSet& set) : set_(set) {}

  Result<PhraseFinder> build() {
    order_phrases();
    const Node root = read(0, order_.size(), 0);
    tell_parts_apart(root);
    write();
    Result<WordAutomaton> automaton = WordAutomaton::build(set_, kinds_);
    if (!automaton) return automaton.error();
    out_.automaton_ = *std::move(automaton);
    return std::move(out_);
  }

 private:
  using Numbers = PhraseSet::Numbers;
  struct Way {  // on: by this part, behind at most so many words
    std::uint32_t gap, part, to;
  };
  struct Gap {
    std::uint32_t words = 0;  // how many may stand there
    std::uint64_t kinds = 0;  // what may follow, as kind_bit() says
  };
  struct Node {
    std::vector<PhraseFinder::Find> finds;
    std::vector<Way> ways;            // by gap, then part
    std::vector<std::uint32_t> gaps;  // the same, by number
  };

  // What may stand before the first part says nothing.
  [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> step(std::uint32_t phrase, std::size_t depth) const {
    const PhraseSet::Step& step = set_.steps(set_.phrases()[phrase])[depth];
    return {depth == 0 ? 0U : step.gap, step.part};
  }
  [[nodiscard]] std::size_t length(std::uint32_t phrase) const {
    return set_.steps(set_.phrases()[phrase]).size();
  }
  // Behind what two of them begin with alike.
  [[nodiscard]] bool is_before(std::uint32_t a, std::uint32_t b, std::size_t depth) const {
    const std::size_t both = std::min(length(a), length(b));
    for (; depth < both; ++depth)
      if (step(a, depth) != step(b, depth)) return step(a, depth) < step(b, depth);
    return length(a) < length(b);
  }
  // Step by step. The first two, which mostly tell, lie beside each other while they are compared.
  void order_phrases() {
    constexpr std::size_t steps_beside = 2;
    struct Beside {
      std::array<std::pair<std::uint32_t, std::uint32_t>, steps_beside> steps;  // {0, 0}: none
      std::uint32_t phrase;
    };
    std::vector<Beside> phrases(set_.phrases().size());
    for (std::uint32_t i = 0; i < phrases.size(); ++i) {
      phrases[i].phrase = i;
      for (std::size_t depth = 0; depth < std::min(length(i), steps_beside); ++depth)
        phrases[i].steps[depth] = step(i, depth);
    }
    std::sort(phrases.begin(), phrases.end(), [&](const Beside& a, const Beside& b) {
      return a.steps != b.steps ? a.steps < b.steps : is_before(a.phrase, b.phrase, steps_beside);
    });
    for (const Beside& one : phrases) order_.push_back(one.phrase);
  }

  // What the phrases of order_ from `begin` to `end` say, which are one up to `depth`.
  Node read(std::size_t begin, std::size_t end, std::size_t depth) {
    Node node;
    for (; begin < end && length(order_[begin]) == depth; ++begin) {
      const PhraseSet::Phrase& phrase = set_.phrases()[order_[begin]];
      node.finds.push_back({phrase.item, phrase.at_end});
    }
    while (begin < end) {
      const auto [gap, part] = step(order_[begin], depth);
      std::size_t stop = begin + 1;
      while (stop < end && step(order_[stop], depth) == std::pair(gap, part)) ++stop;
      const bool ends = stop - begin == 1 && length(order_[begin]) == depth + 1;
      const std::uint32_t to = ends ? end_of(order_[begin]) : number_of(read(begin, stop, depth + 1));
      node.ways.push_back({gap, part, to});
      begin = stop;
    }
    return node;
  }

  // The node behind the last part of a phrase which ends there alone.
  std::uint32_t end_of(std::uint32_t phrase) {
    const PhraseSet::Phrase& of = set_.phrases()[phrase];
    const PhraseFinder::Find find{of.item, of.at_end};
    const auto [at, is_new] = ends_.try_emplace(find.pack(), 0);
    if (is_new) at->second = number_of(Node{{find}, {}, {}});
    return at->second;
  }

  std::uint32_t number_of(Node node) {
    auto& finds = node.finds;
    std::sort(finds.begin(), finds.end());
    finds.erase(std::unique(finds.begin(), finds.end()), finds.end());
    Numbers key;
    for (const PhraseFinder::Find& find : finds) key += {find.item, find.at_end ? U'1' : U'0'};
    key += UINT32_MAX;
    for (std::size_t begin = 0; begin < node.ways.size();) {
      std::size_t end = begin;
      while (end < node.ways.size() && node.ways[end].gap == node.ways[begin].gap) ++end;
      node.gaps.push_back(gap_of(std::span(node.ways).subspan(begin, end - begin)));
      key.push_back(node.gaps.back());
      begin = end;
    }
    const auto [at, is_new] = known_.try_emplace(std::move(key), static_cast<std::uint32_t>(nodes_.size()));
    if (is_new) nodes_.push_back(std::move(node));
    return at->second;
  }

  // Of the ways on behind one gap, alike for all nodes that have the same.
  std::uint32_t gap_of(std::span<const Way> ways) {
    Numbers key{ways[0].gap};
    for (const Way& way : ways) key += {way.part, way.to};
    const auto [at, is_new] =
        known_gaps_.try_emplace(std::move(key), static_cast<std::uint32_t>(gap_ways_.size()));
    if (is_new) gap_ways_.emplace_back(ways.begin(), ways.end());
    return at->second;
  }

  void tell_parts_apart(const Node& root) {
    std::vector<Numbers> said(set_.parts().size(), Numbers{PhraseFinder::none});
    for (const Way& way : root.ways) said[way.part][0] = way.to;
    for (std::uint32_t gap = 0; gap < gap_ways_.size(); ++gap)
      for (const Way& way : gap_ways_[gap]) said[way.part] += {gap, way.to};
    Known kinds;
    for (Numbers& of_part : said) {
      const std::uint32_t alone = of_part[0];
      const auto [at, is_new] = kinds.try_emplace(std::move(of_part), 0);
      if (is_new) {  // its own copy
        at->second = static_cast<std::uint32_t>(nodes_.size());
        nodes_.push_back(alone == PhraseFinder::none ? Node{} : Node{nodes_[alone]});
      }
      kinds_.push_back(at->second);
    }
  }

  // Numbers of nodes become places; those of kinds are nodes.
  void write() {
    std::vector<std::uint32_t> places;
    std::uint32_t place = 0;
    for (const Node& node : nodes_) {
      places.push_back(place);
      place += static_cast<std::uint32_t>(1 + node.finds.size() + PhraseFinder::gap_size * node.gaps.size());
    }
    for (std::uint32_t& kind : kinds_) kind = places[kind];
    write_edges(places);
    std::vector<std::uint32_t>& out = out_.nodes_;
    for (const Node& node : nodes_) {
      out.push_back(
          static_cast<std::uint32_t>(node.finds.size() * PhraseFinder::one_find + node.gaps.size()));
      for (const PhraseFinder::Find& find : node.finds) out.push_back(find.pack());
      for (const std::uint32_t gap : node.gaps) {
        const std::uint64_t kinds = gaps_[gap].kinds;
        out.insert(out.end(), {gap, gaps_[gap].words, static_cast<std::uint32_t>(kinds),
                               static_cast<std::uint32_t>(kinds >> 32)});
      }
    }
  }

  void write_edges(const std::vector<std::uint32_t>& places) {
    std::vector<PhraseFinder::Edge> edges;
    for (std::uint32_t number = 0; number < gap_ways_.size(); ++number) {
      Gap& gap = gaps_.emplace_back();
      gap.words = gap_ways_[number][0].gap;
      std::vector<std::pair<std::uint32_t, std::uint32_t>> ways;  // kind, where to
      for (const Way& way : gap_ways_[number]) ways.emplace_back(kinds_[way.part], places[way.to]);
      std::sort(ways.begin(), ways.end());
      ways.erase(std::unique(ways.begin(), ways.end()), ways.end());
      for (const auto& [kind, to] : ways) {
        edges.push_back({number, kind, to});
        gap.kinds |= PhraseFinder::kind_bit(kind);
      }
    }
    out_.edges_.resize(std::bit_ceil(2 * edges.size() + 2));
    out_.edge_mask_ = out_.edges_.size() - 1;
    for (const PhraseFinder::Edge& edge : edges) {
      std::size_t slot = PhraseFinder::edge_hash(edge.gap, edge.kind);
      while (out_.edges_[slot & out_.edge_mask_].gap != PhraseFinder::none) ++slot;
      out_.edges_[slot & out_.edge_mask_] = edge;
    }
  }

  const PhraseSet& set_;
  std::vector<std::uint32_t> order_;  // of the phrases
  std::vector<Node> nodes_;
  using Known = std::unordered_map<Numbers, std::uint32_t, PhraseSet::NumbersHash>;
  Known known_, known_gaps_;                               // by what they say
  std::unordered_map<std::uint32_t, std::uint32_t> ends_;  // nodes that say one find, by it
  std::vector<std::vector<Way>> gap_ways_;                 // by number
  std::vector<Gap> gaps_;                                  // by number
  std::vector<std::uint32_t> kinds_;                       // by part
  PhraseFinder out_;
};

Result<PhraseFinder> PhraseFinder::build(const PhraseSet& set) {
  return PhraseFinderBuilder(set).build();
}

}  // namespace schoolgate
