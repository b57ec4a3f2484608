// The phrases to look for, in numbers: words, positions (one of several words), parts (positions one after
// the other), phrases (parts a few words apart). Each word, position and part is held once, in however many
// phrases it stands: terms stand for tens of thousands of phrases made of a few thousand words. Threads: one
// writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/bytes/hash.h"

namespace schoolgate {

class PhraseSet {
 public:
  using Number = std::uint32_t;
  using Numbers = std::u32string;  // three of them need no memory of their own
  struct NumbersHash {
    std::size_t operator()(const Numbers& numbers) const noexcept {
      std::uint64_t hash = numbers.size();
      for (const char32_t number : numbers)
        hash = mix(hash ^ number ^ 0x9e3779b97f4a7c15U, 0xd1b54a32d192ed03U);
      return static_cast<std::size_t>(hash);
    }
  };

  struct Step {
    std::uint32_t gap;  // how many words may stand before the part; of the first one it says nothing
    Number part;
  };
  struct Phrase {
    std::uint32_t item;      // what is reported
    bool at_end;             // its last word is the text's last
    std::size_t begin, end;  // in steps()
  };
  // The number of a word, of one of several words, of positions one after the other; new ones count on from
  // 0.
  Number word(std::string_view text);
  Number position(const Numbers& words) { return number_of(words, position_numbers_, positions_); }
  Number part(const Numbers& positions) { return number_of(positions, part_numbers_, parts_); }
  // A phrase of these steps, none of them empty.
  void add(std::uint32_t item, bool at_end, std::span<const Step> steps);
  // These words are also written as one: "cadobongda".
  void join(const Numbers& words);

  [[nodiscard]] std::span<const std::string> words() const noexcept { return words_; }
  [[nodiscard]] std::span<const Numbers> positions() const noexcept { return positions_; }
  [[nodiscard]] std::span<const Numbers> parts() const noexcept { return parts_; }
  [[nodiscard]] std::span<const Phrase> phrases() const noexcept { return phrases_; }
  [[nodiscard]] std::span<const Step> steps(const Phrase& phrase) const noexcept {
    return std::span(steps_).subspan(phrase.begin, phrase.end - phrase.begin);
  }
  [[nodiscard]] std::size_t joined() const noexcept { return joined_ends_.size(); }
  [[nodiscard]] std::span<const Number> joined(std::size_t which) const noexcept {
    const std::size_t begin = which == 0 ? 0 : joined_ends_[which - 1];
    return std::span(joined_).subspan(begin, joined_ends_[which] - begin);
  }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Known = std::unordered_map<Numbers, Number, NumbersHash>;
  static Number number_of(const Numbers& what, Known& known, std::vector<Numbers>& all);

  std::vector<std::string> words_;
  std::unordered_map<std::string, Number, TextHash, std::equal_to<>> word_numbers_;
  std::vector<Numbers> positions_, parts_;
  Known position_numbers_, part_numbers_;
  std::vector<Phrase> phrases_;
  std::vector<Step> steps_;
  std::vector<Number> joined_;  // one after the other
  std::vector<std::size_t> joined_ends_;
};

}  // namespace schoolgate
