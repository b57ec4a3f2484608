// Phrases whose parts may stand a few words apart, looked for in one text at once.
//
// The automaton finds the parts, each of which is words one after the other; what follows what, and how far
// behind, is a graph that is walked from part to part. Parts after which the same may follow are of one kind,
// and phrases that end alike share their end. Most texts hold no part of any phrase, or few. Threads:
// immutable once built.
#pragma once

#include <bit>
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
      std::uint64_t what = 0;   // the gap's number (times 2^32), and where the next part may begin:
      std::uint32_t to = 0;     // from there to here
      std::uint64_t kinds = 0;  // what may follow, as kind_bit() says: most texts need no look-up
      [[nodiscard]] std::uint32_t gap() const noexcept { return static_cast<std::uint32_t>(what >> 32); }
      [[nodiscard]] std::uint32_t from() const noexcept { return static_cast<std::uint32_t>(what); }
    };
    std::vector<WordAutomaton::WordId> words;
    std::vector<Awaited> awaited;
  };

  // Calls found(item) for every phrase in `text` (words with single spaces between); an item may be reported
  // several times. A text in which letters stand alone is read a second time: "s e x".
  template <class Found>
  void match(std::string_view text, ReadWords how, Scratch& scratch, Found&& found) const {
    const auto take_part = [&](std::uint32_t kind, std::uint32_t begin, std::uint32_t end) {
      take(kind, begin, end, scratch, found);
    };
    scratch.awaited.clear();
    const bool letters = automaton_.match(text, how, scratch.words, take_part);
    if (!letters || how == ReadWords::as_written) return;
    scratch.awaited.clear();  // beside the letters as they stand
    automaton_.match(text, ReadWords::spelled, scratch.words, take_part);
  }

 private:
  static constexpr std::uint32_t none = UINT32_MAX;
  // A node, some parts of a phrase up to one of them, is where in nodes_ it stands: how many phrases end
  // there (times 256) and how many gaps follow, then each of them. One look-up, as a rule, and the memory
  // beside it.
  static constexpr std::uint32_t one_find = 256;
  struct Find {
    std::uint32_t item;
    bool at_end;
    friend auto operator<=>(const Find&, const Find&) = default;
    [[nodiscard]] std::uint32_t pack() const noexcept { return item << 1 | (at_end ? 1U : 0U); }
  };
  // Of a gap: its number, how many words may stand there, what may follow (the lower half first).
  static constexpr std::size_t gap_size = 4;
  struct Edge {
    std::uint32_t gap = none, kind = 0, to = 0;  // gap `none`: an empty slot
  };
  friend class PhraseFinderBuilder;

  // A kind of part is the node that such a part alone is, each of its own.
  template <class Found>
  void take(std::uint32_t kind, std::uint32_t begin, std::uint32_t end, Scratch& scratch,
            Found& found) const {
    std::vector<Scratch::Awaited>& awaited = scratch.awaited;
    constexpr std::size_t many = 16;
    if (awaited.size() >= many) std::erase_if(awaited, [begin](const auto& one) { return one.to < begin; });
    const std::size_t count = awaited.size();
    reach(kind, end, scratch, found);
    const std::uint64_t bit = kind_bit(kind);
    for (std::size_t i = 0; i < count; ++i) {
      const Scratch::Awaited& one = awaited[i];
      if ((one.kinds & bit) == 0 || one.from() > begin || one.to < begin) continue;
      const std::uint32_t to = step(one.gap(), kind);
      if (to != none) reach(to, end, scratch, found);
    }
  }

  template <class Found>
  void reach(std::uint32_t number, std::uint32_t end, Scratch& scratch, Found& found) const {
    const std::uint32_t* at = nodes_.data() + number;
    const std::uint32_t head = *at++;
    const bool at_end = end == scratch.words.size();
    for (std::size_t i = 0; i < head / one_find; ++i, ++at)
      if ((*at & 1) == 0 || at_end) found(*at >> 1);
    if (at_end) return;  // nothing follows
    for (std::size_t i = 0; i < head % one_find; ++i, at += gap_size) {
      const std::uint64_t what = std::uint64_t{at[0]} << 32 | end;
      await({what, end + at[1], std::uint64_t{at[3]} << 32 | at[2]}, scratch);
    }
  }

  // Once, however many ways lead there: a text that repeats itself must not multiply them.
  static void await(const Scratch::Awaited& next, Scratch& scratch) {
    for (const Scratch::Awaited& known : scratch.awaited)
      if (known.what == next.what) return;
    scratch.awaited.push_back(next);
  }

  [[nodiscard]] std::uint32_t step(std::uint32_t gap, std::uint32_t kind) const noexcept {
    for (std::size_t slot = edge_hash(gap, kind);; ++slot) {
      const Edge& edge = edges_[slot & edge_mask_];
      if (edge.gap == none) return none;
      if (edge.gap == gap && edge.kind == kind) return edge.to;
    }
  }
  [[nodiscard]] static std::size_t edge_hash(std::uint32_t gap, std::uint32_t kind) noexcept {
    const std::uint64_t key = static_cast<std::uint64_t>(gap) << 32 | kind;
    return static_cast<std::size_t>(key * 0x9e3779b97f4a7c15U >> 32);
  }

  [[nodiscard]] static std::uint64_t kind_bit(std::uint32_t kind) noexcept {
    return std::uint64_t{1} << (kind * 0x9e3779b9U >> 26);
  }

  WordAutomaton automaton_;           // of the parts
  std::vector<std::uint32_t> nodes_;  // one after the other
  std::vector<Edge> edges_;           // open addressing
  std::size_t edge_mask_ = 0;
};

}  // namespace schoolgate
