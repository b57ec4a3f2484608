// Many parts of phrases, words one after the other, looked for in one text at once: a deterministic automaton
// over words.
//
// A text is cut at its spaces; each word becomes a number by one hash look-up (0: no phrase knows it). From
// every word that begins a part the automaton walks as far as it leads. Nearly every word begins none, so a
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
#include "rules/words/phrase_set.h"

namespace schoolgate {

// How a word is read that no phrase knows.
enum class ReadWords : std::uint8_t {
  as_written,    // words written as one are taken apart, no more
  typed_marks,   // of a telex key that somebody typed: as TypingHabits says
  typed_folded,  // of a folded key, the same
  spelled,       // three letters or more that stand alone are one word, if there is such a word
};

class WordAutomaton {
 public:
  // Of the parts of a set; what is found is what `kinds` says of a part, by its number. Error: more than
  // 200,000 states or 65,000 words. A joined word that is a word of a phrase stays that.
  [[nodiscard]] static Result<WordAutomaton> build(const PhraseSet& set,
                                                   std::span<const std::uint32_t> kinds);

  using WordId = std::uint16_t;
  // Calls found(kind, begin, end) for every part in `text` (words with single spaces between), by the
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

  [[nodiscard]] std::size_t words() const noexcept { return words_.empty() ? 0 : words_.size() - 1; }

 private:
  // A state is where in states_ it stands: how many parts end there (times 65,536) and how many words lead
  // on; 64 bits that say which, by the last six bits of each; then the kinds of the parts, and each word and
  // its state, or neither where they are more than `few`: those are in edges_. One look-up, as a rule, and
  // the memory beside it.
  static constexpr std::uint32_t nowhere = 0, one_find = 65'536, few = 6;
  struct Edge {
    std::uint32_t from = nowhere, to = nowhere;  // from nowhere: an empty slot
    WordId word = 0;
  };
  struct WordSlot {
    std::uint64_t first = 0;        // its first eight letters, which nearly always tell
    std::uint32_t start = nowhere;  // as in starts_: to fetch it ahead
    std::uint16_t length = 0;       // 0: an empty slot
    WordId id = 0;
  };
  struct WordPlace {  // in word_text_
    std::uint32_t begin = 0;
    std::uint16_t length = 0;
  };
  // Words written as one are held by their hash; who has it is compared with the words put together.
  struct JoinedSlot {
    std::uint32_t hash = 0;
    std::uint32_t first = 0;  // of its words, in parts_
    std::uint32_t parts = 0;  // 0: an empty slot
  };
  // A word to look up.
  struct Sought {
    explicit Sought(std::string_view word) noexcept;
    std::string_view text;
    std::uint64_t first = 0;
    std::uint64_t hash = 0;
  };
  // What a word of a text turned out to be: one or several words of phrases; none.
  using Known = std::span<const WordId>;
  friend class AutomatonBuilder;

  template <class Found>
  void walk(const std::vector<WordId>& words, Found& found) const {
    const auto count = static_cast<std::uint32_t>(words.size());
    for (std::uint32_t first = 0; first < count; ++first) {
      std::uint32_t at = starts_[words[first]];
      for (std::uint32_t next = first + 1; at != nowhere; ++next) {
        const std::uint32_t* const state = states_.data() + at;
        const std::uint32_t finds = state[0] / one_find;
        for (std::uint32_t i = 0; i < finds; ++i) found(state[3 + i], first, next);
        if (next == count) break;
        const WordId word = words[next];
        if ((state[1 + (word >> 5 & 1)] >> (word & 31) & 1) == 0) break;
        at = step(at, state[0] % one_find, state + 3 + finds, word);
      }
    }
  }
  // Whether three letters stand alone, one after the other.
  bool read_words(std::string_view text, ReadWords how, std::vector<WordId>& out) const;
  [[nodiscard]] Known find_word(const Sought& word) const noexcept;
  [[nodiscard]] Known find_joined(const Sought& word) const noexcept;
  [[nodiscard]] Known find_either(const Sought& word) const noexcept {
    const Known known = find_word(word);
    return known.empty() ? find_joined(word) : known;
  }
  [[nodiscard]] Known find_meant(std::string_view word, ReadWords how) const noexcept;
  // Of the letters that stand alone from `at` on, the longest run that makes a word; `end`: where it ends.
  [[nodiscard]] Known find_spelled(std::string_view text, std::size_t at, std::size_t& end) const noexcept;
  [[nodiscard]] std::string_view text_of(WordId id) const noexcept;
  [[nodiscard]] std::uint32_t step(std::uint32_t from, std::uint32_t ways, const std::uint32_t* way,
                                   WordId word) const noexcept {
    if (ways <= few) {
      for (; ways > 0; --ways, way += 2)
        if (way[0] == word) return way[1];
      return nowhere;
    }
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

  std::vector<std::uint32_t> states_;  // one after the other
  std::vector<std::uint32_t> starts_;  // by WordId
  std::vector<Edge> edges_;            // open addressing
  std::size_t edge_mask_ = 0;
  std::vector<WordSlot> word_slots_;        // open addressing
  std::vector<WordPlace> words_;            // by WordId, from 1 on
  std::vector<JoinedSlot> joined_slots_;    // open addressing
  std::vector<std::uint64_t> joined_bits_;  // a bit for each, by its hash: small, and most words have none
  std::vector<WordId> parts_;               // of joined words
  std::size_t word_mask_ = 0, joined_mask_ = 0, longest_word_ = 0;
  std::string word_text_;
};

}  // namespace schoolgate
