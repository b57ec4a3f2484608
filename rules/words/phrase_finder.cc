#include "rules/words/phrase_finder.h"

#include <bit>
#include <map>
#include <utility>

namespace schoolgate {

class PhraseFinderBuilder {
 public:
  explicit PhraseFinderBuilder(const PhraseSet& set) : set_(set) {}

  Result<PhraseFinder> build() {
    for (const PhraseSet::Phrase& phrase : set_.phrases()) plant(phrase);
    Result<WordAutomaton> automaton = WordAutomaton::build(set_);
    if (!automaton) return automaton.error();
    out_.automaton_ = *std::move(automaton);
    write();
    return std::move(out_);
  }

 private:
  struct Node {
    // By what may stand before the next part, and that part.
    std::map<std::size_t, std::map<std::uint32_t, std::uint32_t>> next;
    std::vector<PhraseFinder::Find> finds;
  };

  void plant(const PhraseSet::Phrase& phrase) {
    std::uint32_t at = 0;
    bool first = true;
    for (const PhraseSet::Step& step : set_.steps(phrase)) {
      const std::size_t gap = std::exchange(first, false) ? 0 : step.gap;
      const auto [next, is_new] =
          nodes_[at].next[gap].emplace(step.part, static_cast<std::uint32_t>(nodes_.size()));
      at = next->second;
      if (is_new) nodes_.emplace_back();
    }
    nodes_[at].finds.push_back({phrase.item, phrase.at_end});
  }

  void write() {
    std::vector<PhraseFinder::Edge> edges;
    out_.starts_.assign(set_.parts().size(), PhraseFinder::none);
    for (const auto& [part, node] : nodes_[0].next[0]) out_.starts_[part] = node;
    out_.nodes_.resize(nodes_.size());
    for (std::size_t i = 1; i < nodes_.size(); ++i) {
      PhraseFinder::Node& node = out_.nodes_[i];
      node.finds = static_cast<std::uint32_t>(out_.finds_.size());
      out_.finds_.insert(out_.finds_.end(), nodes_[i].finds.begin(), nodes_[i].finds.end());
      node.finds_end = static_cast<std::uint32_t>(out_.finds_.size());
      node.gaps = static_cast<std::uint32_t>(out_.gaps_.size());
      for (const auto& [gap, next] : nodes_[i].next) {
        const auto number = static_cast<std::uint32_t>(out_.gaps_.size());
        PhraseFinder::Gap& added = out_.gaps_.emplace_back(PhraseFinder::Gap{gap, 0});
        for (const auto& [part, to] : next) {
          edges.push_back({number, part, to});
          added.parts |= std::uint64_t{1} << (part & 63);
        }
      }
      node.gaps_end = static_cast<std::uint32_t>(out_.gaps_.size());
    }
    out_.edges_.resize(std::bit_ceil(2 * edges.size() + 2));
    out_.edge_mask_ = out_.edges_.size() - 1;
    for (const PhraseFinder::Edge& edge : edges) {
      std::size_t slot = PhraseFinder::edge_hash(edge.gap, edge.part);
      while (out_.edges_[slot & out_.edge_mask_].gap != PhraseFinder::none) ++slot;
      out_.edges_[slot & out_.edge_mask_] = edge;
    }
  }

  const PhraseSet& set_;
  std::vector<Node> nodes_ = std::vector<Node>(1);  // the first: nothing found yet
  PhraseFinder out_;
};

Result<PhraseFinder> PhraseFinder::build(const PhraseSet& set) {
  return PhraseFinderBuilder(set).build();
}

}  // namespace schoolgate
