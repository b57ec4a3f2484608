// What a word may have been meant to be, where the rules do not know it as it was typed: keys of an input
// method that was off ("tuwj", "tu75"), digits for letters ("s3x"), a letter held too long ("seeex").
//
// A reading counts only where it is a word of the rules, so that nothing need be known about Vietnamese or
// English here: what makes no word of the rules changes nothing.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace schoolgate {

// Threads: a value. Allocates nothing.
class TypingHabits {
 public:
  // `word`: of a key (text_fold.h). A word with marks is read for held letters only.
  // `marks`: readings are words of the telex key, else of the folded one.
  void read(std::string_view word, bool marks) noexcept;
  [[nodiscard]] std::span<const std::string_view> readings() const noexcept {
    return {readings_.data(), count_};
  }

  static constexpr std::size_t longest_word = 32;  // what is longer has no reading

 private:
  static constexpr std::size_t most_readings = 6;
  using Text = std::array<char, 2 * longest_word>;

  void add(std::size_t length) noexcept;
  void add_typed(std::string_view word, bool digits, bool marks) noexcept;
  char* next() noexcept { return texts_[count_].data(); }

  std::array<Text, most_readings> texts_;
  std::array<std::string_view, most_readings> readings_;
  std::size_t count_ = 0;
};

}  // namespace schoolgate
