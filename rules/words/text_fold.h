// Vietnamese text as two plain ASCII keys, so that one rule finds a word however it was typed, stored or
// sent.
//
//   text     "Cá độ"  "ca dô." "ho\u00e0" and "h\u00f2a"
//   telex    "caS dDoOJ"       "hoaF"           lower case letters and digits; capitals are marks
//   folded   "ca do"           "hoa"            the same without the capitals
//
// Marks as in the Telex input method: aA=â aW=ă dD=đ eE=ê oO=ô oW=ơ uW=ư stand behind their letter, the tone
// (S sắc, F huyền, R hỏi, X ngã, J nặng) at the end of its syllable, so old and new placement ("hoà", "hòa")
// are one. The text is folded to lower case first: a capital can only be a mark, and the keys are
// unambiguous. Every other character ends a word; words are separated by one space, none at the ends. "18+"
// is one word, "18plus". Any normal form gives the same keys: composed, decomposed, full width, mathematical
// letters; what cannot be seen (zero-width and format characters) is not there. "ð" is read as "đ", a common
// slip of conversion; a Cyrillic or Greek letter that looks like a Latin one is that one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace schoolgate {

struct TextKeys {
  std::string telex, folded;  // word for word the same text
};

// Replaces what is in `out`, and keeps its capacity. Bytes that are no UTF-8 end a word.
void fold_text(std::string_view utf8, TextKeys& out);

// What a percent-encoded text may mean to its server: decoded once; where escapes remain, once more; and
// where the bytes are no UTF-8, also as windows-1258, the legacy encoding of Vietnamese pages. Rules ask
// every reading: one that is not asked is a way around them. Threads: a value. Reuse one: nothing is
// allocated once it is warm.
class TextReadings {
 public:
  enum class From : std::uint8_t { query, path };  // in a query "+" is a space
  void read(std::string_view encoded, From from);
  // The last one is the most decoded. They may repeat.
  [[nodiscard]] std::span<const std::string> all() const noexcept { return {texts_.data(), count_}; }

 private:
  void add_decoded(std::string_view encoded, From from);
  static constexpr std::size_t max_readings =
      6;  // two encodings after one round, each with two after the second
  std::array<std::string, max_readings> texts_;
  std::size_t count_ = 0;
};

}  // namespace schoolgate
