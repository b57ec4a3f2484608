// Many phrases of words, looked for in one text at once: a deterministic automaton over words.
//
// A text is cut at its spaces; each word becomes a number by one hash look-up (0: no phrase knows it). From
// every word that begins a phrase the automaton walks as far as it leads. Nearly every word begins none, so a
// text costs little more than its look-ups; at worst words x the longest phrase. Threads: immutable once
// built.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"

namespace schoolgate {

// A phrase to look for: at each position one of several words, or, where `any`, an arbitrary word or none.
struct WordPhrase {
  struct Position {
    std::vector<std::string> words;
    bool any = false;
  };
  std::vector<Position> positions;  // the first is not `any`
  bool at_end = false;              // its last word is the text's last
  std::uint32_t item = 0;           // what is reported
};

class WordAutomaton {
 public:
  // Error: more than 200,000 states or 65,000 words.
  [[nodiscard]] static Result<WordAutomaton> build(std::span<const WordPhrase> phrases);

  using WordId = std::uint16_t;
  // Calls found(item) for every phrase in `text` (words with single spaces between); an item may be reported
  // several times. `scratch` keeps its capacity.
  template <class Found>
  void match(std::string_view text, std::vector<WordId>& scratch, Found&& found) const {
    if (states_.empty()) return;
    read_words(text, scratch);
    const std::size_t count = scratch.size();
    for (std::size_t first = 0; first < count; ++first) {
      std::uint32_t at = starts_[scratch[first]];
      for (std::size_t next = first + 1; at != nowhere; ++next) {
        const State& state = states_[at];
        for (std::uint32_t i = state.finds; i < state.finds_end; ++i) {
          if (!finds_[i].at_end || next == count) found(finds_[i].item);
        }
        if (next == count) break;
        at = step(at, scratch[next]);
      }
    }
  }

  [[nodiscard]] std::size_t states() const noexcept { return states_.size(); }
  [[nodiscard]] std::size_t words() const noexcept { return word_count_; }

 private:
  static constexpr std::uint32_t nowhere = 0;  // state 0 leads nowhere
  struct State {
    std::uint32_t otherwise = nowhere;  // where every word without an edge leads
    std::uint32_t finds = 0, finds_end = 0;
  };
  struct Find {
    std::uint32_t item;
    bool at_end;
  };
  struct Edge {
    std::uint32_t from = nowhere, to = nowhere;  // from nowhere: an empty slot
    WordId word = 0;
  };
  struct WordSlot {
    std::uint32_t begin = 0;
    std::uint16_t length = 0;  // 0: an empty slot
    WordId id = 0;
  };
  friend class AutomatonBuilder;

  void read_words(std::string_view text, std::vector<WordId>& out) const;
  [[nodiscard]] WordId word_id(std::string_view word) const noexcept;
  [[nodiscard]] std::uint32_t step(std::uint32_t from, WordId word) const noexcept {
    for (std::size_t slot = edge_hash(from, word);; ++slot) {
      const Edge& edge = edges_[slot & edge_mask_];
      if (edge.from == nowhere) return states_[from].otherwise;
      if (edge.from == from && edge.word == word) return edge.to;
    }
  }
  [[nodiscard]] static std::size_t edge_hash(std::uint32_t from, WordId word) noexcept {
    const std::uint64_t key = static_cast<std::uint64_t>(from) << 16 | word;
    return static_cast<std::size_t>(key * 0x9e3779b97f4a7c15U >> 32);
  }

  std::vector<State> states_;
  std::vector<Find> finds_;
  std::vector<std::uint32_t> starts_;  // by WordId
  std::vector<Edge> edges_;            // open addressing
  std::size_t edge_mask_ = 0;
  std::vector<WordSlot> word_slots_;  // open addressing
  std::size_t word_mask_ = 0, word_count_ = 0, longest_word_ = 0;
  std::string word_text_;
};

}  // namespace schoolgate
