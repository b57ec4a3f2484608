// Phrases whose parts may stand a few words apart, looked for in one text at once.
//
// The automaton finds the parts, each of which is words one after the other; what follows what, and how far
// behind, is a tree that is walked from part to part. Most texts hold no part of any phrase, or few. Threads:
// immutable once built.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "rules/result.h"
#include "rules/words/phrase_set.h"
#include "rules/words/word_automaton.h"

namespace schoolgate {

class PhraseFinder {
 public:
  // Error: as WordAutomaton::build().
  [[nodiscard]] static Result<PhraseFinder> build(const PhraseSet& set);

  // Of one thread. Keeps its capacity.
  struct Scratch {
    struct Awaited {
      std::uint32_t gap = 0;         // number in gaps_
      std::size_t from = 0, to = 0;  // where the next part may begin
    };
    std::vector<WordAutomaton::WordId> words;
    std::vector<Awaited> awaited;
  };

  // Calls found(item) for every phrase in `text` (words with single spaces between); an item may be reported
  // several times. A text in which letters stand alone is read a second time: "s e x".
  template <class Found>
  void match(std::string_view text, ReadWords how, Scratch& scratch, Found&& found) const {
    const auto take_part = [&](std::uint32_t part, std::size_t begin, std::size_t end) {
      take(part, begin, end, scratch, found);
    };
    scratch.awaited.clear();
    const bool letters = automaton_.match(text, how, scratch.words, take_part);
    if (!letters || how == ReadWords::as_written) return;
    scratch.awaited.clear();  // beside the letters as they stand
    automaton_.match(text, ReadWords::spelled, scratch.words, take_part);
  }

  [[nodiscard]] std::size_t states() const noexcept { return automaton_.states(); }

 private:
  static constexpr std::uint32_t none = UINT32_MAX;
  struct Find {
    std::uint32_t item;
    bool at_end;
  };
  struct Node {  // some parts of a phrase, up to one of them
    std::uint32_t finds = 0, finds_end = 0;
    std::uint32_t gaps = 0, gaps_end = 0;  // in gaps_: what may follow
  };
  struct Gap {
    std::size_t words = 0;  // how many may stand there
    // What may follow, by the last six bits of its number: most texts need no look-up.
    std::uint64_t parts = 0;
    [[nodiscard]] bool may_lead(std::uint32_t part) const noexcept { return (parts >> (part & 63) & 1) != 0; }
  };
  struct Edge {
    std::uint32_t gap = none, part = 0, to = 0;  // gap `none`: an empty slot
  };
  friend class PhraseFinderBuilder;

  template <class Found>
  void take(std::uint32_t part, std::size_t begin, std::size_t end, Scratch& scratch, Found& found) const {
    std::erase_if(scratch.awaited, [begin](const Scratch::Awaited& a) { return a.to < begin; });
    const std::size_t count = scratch.awaited.size();
    if (starts_[part] != none) reach(starts_[part], end, scratch, found);
    for (std::size_t i = 0; i < count; ++i) {
      const Scratch::Awaited& awaited = scratch.awaited[i];
      if (awaited.from > begin || !gaps_[awaited.gap].may_lead(part)) continue;
      const std::uint32_t to = step(awaited.gap, part);
      if (to != none) reach(to, end, scratch, found);
    }
  }

  template <class Found>
  void reach(std::uint32_t number, std::size_t end, Scratch& scratch, Found& found) const {
    const Node& node = nodes_[number];
    for (std::uint32_t i = node.finds; i < node.finds_end; ++i)
      if (!finds_[i].at_end || end == scratch.words.size()) found(finds_[i].item);
    for (std::uint32_t gap = node.gaps; gap < node.gaps_end; ++gap)
      await({gap, end, end + gaps_[gap].words}, scratch);
  }

  // Once, however many ways lead there: a text that repeats itself must not multiply them.
  static void await(const Scratch::Awaited& next, Scratch& scratch) {
    for (const Scratch::Awaited& known : scratch.awaited)
      if (known.gap == next.gap && known.from == next.from) return;
    scratch.awaited.push_back(next);
  }

  [[nodiscard]] std::uint32_t step(std::uint32_t gap, std::uint32_t part) const noexcept {
    for (std::size_t slot = edge_hash(gap, part);; ++slot) {
      const Edge& edge = edges_[slot & edge_mask_];
      if (edge.gap == none) return none;
      if (edge.gap == gap && edge.part == part) return edge.to;
    }
  }
  [[nodiscard]] static std::size_t edge_hash(std::uint32_t gap, std::uint32_t part) noexcept {
    const std::uint64_t key = static_cast<std::uint64_t>(gap) << 32 | part;
    return static_cast<std::size_t>(key * 0x9e3779b97f4a7c15U >> 32);
  }

  WordAutomaton automaton_;            // of the parts
  std::vector<std::uint32_t> starts_;  // by part: the node that it alone is
  std::vector<Node> nodes_;
  std::vector<Find> finds_;
  std::vector<Gap> gaps_;
  std::vector<Edge> edges_;  // open addressing
  std::size_t edge_mask_ = 0;
};

}  // namespace schoolgate
