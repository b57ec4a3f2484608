// The alphabet of our own pattern automata, and a subject spelled in it.
//
// An automaton reads symbols, one per character: printable ASCII in lower case stands for itself, every other
// character for one of a few names. Sentinels stand before and after the text, so that anchors and word
// borders are characters like any other. On a text of printable ASCII ("plain") the spelling loses nothing
// but case; on others it keeps enough to say "no match" for sure, and RE2 confirms a match.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

namespace schoolgate::pattern {

using Symbol = std::uint8_t;

namespace symbol {
inline constexpr Symbol pad = 0;        // around the sentinels; never part of a set
inline constexpr Symbol start = 1;      // before the text
inline constexpr Symbol end = 2;        // behind the text
inline constexpr Symbol control = 3;    // any of 0x00-0x1f and 0x7f
inline constexpr Symbol other = 0x80;   // any other character beyond ASCII, and bytes that are not UTF-8
inline constexpr Symbol long_s = 0x81;  // U+017F, which RE2's (?i) takes for an s
inline constexpr Symbol kelvin = 0x82;  // U+212A, which RE2's (?i) takes for a k
}  // namespace symbol

class SymbolSet {
 public:
  constexpr bool has(Symbol s) const noexcept { return (bits_[s >> 6] >> (s & 63) & 1) != 0; }
  constexpr void add(Symbol s) noexcept { bits_[s >> 6] |= std::uint64_t{1} << (s & 63); }
  constexpr void remove(Symbol s) noexcept { bits_[s >> 6] &= ~(std::uint64_t{1} << (s & 63)); }
  constexpr SymbolSet& operator|=(const SymbolSet& o) noexcept {
    for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] |= o.bits_[i];
    return *this;
  }
  constexpr SymbolSet& operator&=(const SymbolSet& o) noexcept {
    for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] &= o.bits_[i];
    return *this;
  }
  constexpr SymbolSet& operator-=(const SymbolSet& o) noexcept {
    for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] &= ~o.bits_[i];
    return *this;
  }
  constexpr bool empty() const noexcept { return (bits_[0] | bits_[1] | bits_[2] | bits_[3]) == 0; }
  constexpr int size() const noexcept {
    int n = 0;
    for (const std::uint64_t word : bits_) n += std::popcount(word);
    return n;
  }
  template <class F>
  constexpr void for_each(F f) const {
    for (std::size_t i = 0; i < bits_.size(); ++i)
      for (std::uint64_t word = bits_[i]; word != 0; word &= word - 1)
        f(static_cast<Symbol>(i * 64 + static_cast<std::size_t>(std::countr_zero(word))));
  }
  friend constexpr auto operator<=>(const SymbolSet&, const SymbolSet&) = default;

 private:
  std::array<std::uint64_t, 4> bits_{};
};

[[nodiscard]] const SymbolSet& text_symbols() noexcept;  // all that can stand in a text: no sentinel, no pad
[[nodiscard]] const SymbolSet& word_symbols() noexcept;  // RE2's \w: [0-9A-Za-z_]

// The letter by which a symbol is looked up in gram tables.
[[nodiscard]] constexpr Symbol canonical(Symbol s) noexcept {
  if (s == symbol::long_s) return 's';
  return s == symbol::kelvin ? Symbol{'k'} : s;
}
[[nodiscard]] SymbolSet canonical(const SymbolSet& set) noexcept;

// One subject in symbols: start, text, end, with `margin` bytes of pad on either side that may be read.
// Reused: allocates only when a subject is longer than any before.
class SymbolText {
 public:
  static constexpr std::size_t margin = 24;

  void assign(std::string_view subject);
  // Both point at the start sentinel. `lookup` has canonical symbols, for gram tables.
  [[nodiscard]] const Symbol* symbols() const noexcept { return symbols_.data() + margin; }
  [[nodiscard]] const Symbol* lookup() const noexcept {
    return (folded_ ? lookup_ : symbols_).data() + margin;
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }  // sentinels included
  [[nodiscard]] bool plain() const noexcept { return plain_; }
  [[nodiscard]] bool folded() const noexcept { return folded_; }  // symbols() and lookup() differ

 private:
  bool assign_plain(std::string_view subject) noexcept;
  void assign_any(std::string_view subject);
  void finish(std::size_t length) noexcept;

  std::vector<Symbol> symbols_, lookup_;
  std::size_t size_ = 0;
  bool plain_ = true, folded_ = false;
};

}  // namespace schoolgate::pattern
