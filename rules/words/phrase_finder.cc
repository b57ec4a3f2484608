#include "rules/words/phrase_finder.h"

#include <bit>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

namespace schoolgate {

class PhraseFinderBuilder {
 public:
  Result<PhraseFinder> build(std::span<const PartedPhrase> phrases, std::span<const JoinedWords> joined) {
    for (const PartedPhrase& phrase : phrases) plant(phrase);
    Result<WordAutomaton> automaton = WordAutomaton::build(parts_, joined);
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

  std::uint32_t part_of(const std::vector<WordPhrase::Position>& positions) {
    std::string key;  // a word holds no blank, and none is empty
    for (const WordPhrase::Position& position : positions) {
      for (const std::string& word : position.words) key.append(word) += ' ';
      key += ' ';
    }
    const auto [at, is_new] = numbers_.emplace(std::move(key), static_cast<std::uint32_t>(parts_.size()));
    if (is_new) parts_.push_back({positions, at->second});
    return at->second;
  }

  void plant(const PartedPhrase& phrase) {
    std::uint32_t at = 0;
    for (std::size_t i = 0; i < phrase.parts.size(); ++i) {
      const std::uint32_t part = part_of(phrase.parts[i].positions);
      const std::size_t gap = i == 0 ? 0 : phrase.parts[i].gap;
      const auto [next, is_new] =
          nodes_[at].next[gap].emplace(part, static_cast<std::uint32_t>(nodes_.size()));
      at = next->second;
      if (is_new) nodes_.emplace_back();
    }
    nodes_[at].finds.push_back({phrase.item, phrase.at_end});
  }

  void write() {
    std::vector<PhraseFinder::Edge> edges;
    out_.starts_.assign(parts_.size(), PhraseFinder::none);
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

  std::vector<WordPhrase> parts_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<Node> nodes_ = std::vector<Node>(1);  // the first: nothing found yet
  PhraseFinder out_;
};

Result<PhraseFinder> PhraseFinder::build(std::span<const PartedPhrase> phrases,
                                         std::span<const JoinedWords> joined) {
  return PhraseFinderBuilder().build(phrases, joined);
}

}  // namespace schoolgate
