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

// A phrase to look for: at each position one of several words.
struct WordPhrase {
  struct Position {
    std::vector<std::string> words;
  };
  std::vector<Position> positions;
  std::uint32_t item = 0;  // what is reported
};

// Words that are also written as one: "cadobongda".
struct JoinedWords {
  std::string word;
  std::vector<std::string> parts;
};

// How a word is read that no phrase knows.
enum class ReadWords : std::uint8_t {
  as_written,    // words written as one are taken apart, no more
  typed_marks,   // of a telex key that somebody typed: as TypingHabits says
  typed_folded,  // of a folded key, the same
  spelled,       // three letters or more that stand alone are one word, if there is such a word
};

class WordAutomaton {
 public:
  // Error: more than 200,000 states or 65,000 words. A joined word that is a word of a phrase stays that; of
  // the parts only words of phrases count.
  [[nodiscard]] static Result<WordAutomaton> build(std::span<const WordPhrase> phrases,
                                                   std::span<const JoinedWords> joined = {});

  using WordId = std::uint16_t;
  // Calls found(item, begin, end) for every phrase in `text` (words with single spaces between), by the
  // number of its first word and of the first behind it, in the order of the first words. True: three letters
  // or more stand alone there, one after the other. `words` holds the text's words then, and keeps its
  // capacity.
  template <class Found>
  bool match(std::string_view text, ReadWords how, std::vector<WordId>& words, Found&& found) const {
    if (states_.empty()) return false;
    const bool letters = read_words(text, how, words);
    walk(words, found);
    return letters;
  }

  [[nodiscard]] std::size_t states() const noexcept { return states_.size(); }
  [[nodiscard]] std::size_t words() const noexcept { return word_count_; }

 private:
  static constexpr std::uint32_t nowhere = 0;  // state 0 leads nowhere
  struct State {
    std::uint32_t finds = 0, finds_end = 0;
    std::uint64_t next = 0;  // the words that lead on, by the last six bits: most need no look-up
  };
  struct Edge {
    std::uint32_t from = nowhere, to = nowhere;  // from nowhere: an empty slot
    WordId word = 0;
  };
  struct WordSlot {
    std::uint32_t begin = 0;
    std::uint16_t length = 0;  // 0: an empty slot
    std::uint16_t parts = 1;
    std::uint32_t first = 0;  // of its parts, in parts_
  };
  friend class AutomatonBuilder;

  template <class Found>
  void walk(const std::vector<WordId>& words, Found& found) const {
    const std::size_t count = words.size();
    for (std::size_t first = 0; first < count; ++first) {
      std::uint32_t at = starts_[words[first]];
      for (std::size_t next = first + 1; at != nowhere; ++next) {
        const State& state = states_[at];
        for (std::uint32_t i = state.finds; i < state.finds_end; ++i) found(finds_[i], first, next);
        if (next == count || (state.next >> (words[next] & 63) & 1) == 0) break;
        at = step(at, words[next]);
      }
    }
  }
  // Whether three letters stand alone, one after the other.
  bool read_words(std::string_view text, ReadWords how, std::vector<WordId>& out) const;
  // Null: no phrase knows it, nor is it a joined word.
  [[nodiscard]] const WordSlot* find_word(std::string_view word) const noexcept;
  [[nodiscard]] const WordSlot* find_meant(std::string_view word, ReadWords how) const noexcept;
  // Of the letters that stand alone from `at` on, the longest run that makes a word; `end`: where it ends.
  [[nodiscard]] const WordSlot* find_spelled(std::string_view text, std::size_t at,
                                             std::size_t& end) const noexcept;
  [[nodiscard]] std::uint32_t step(std::uint32_t from, WordId word) const noexcept {
    for (std::size_t slot = edge_hash(from, word);; ++slot) {
      const Edge& edge = edges_[slot & edge_mask_];
      if (edge.from == nowhere) return nowhere;
      if (edge.from == from && edge.word == word) return edge.to;
    }
  }
  [[nodiscard]] static std::size_t edge_hash(std::uint32_t from, WordId word) noexcept {
    const std::uint64_t key = static_cast<std::uint64_t>(from) << 16 | word;
    return static_cast<std::size_t>(key * 0x9e3779b97f4a7c15U >> 32);
  }

  std::vector<State> states_;
  std::vector<std::uint32_t> finds_;   // items
  std::vector<std::uint32_t> starts_;  // by WordId
  std::vector<Edge> edges_;            // open addressing
  std::size_t edge_mask_ = 0;
  std::vector<WordSlot> word_slots_;  // open addressing
  std::vector<WordId> parts_;         // of a word alone: itself
  std::size_t word_mask_ = 0, word_count_ = 0, longest_word_ = 0;
  std::string word_text_;
};

}  // namespace schoolgate
