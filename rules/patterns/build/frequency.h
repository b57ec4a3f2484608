// How often a run of symbols occurs in addresses: a guess that decides where the index looks for literals.
// Wrong guesses cost time, never a match.
#pragma once

#include <array>
#include <vector>

#include "rules/patterns/match/symbols.h"

namespace schoolgate::pattern {

extern const char* const address_sample;  // one address per line
extern const char* const word_sample;
struct HostEnding {
  const char* text;
  float weight;
};
extern const HostEnding host_endings[];  // up to one without a text

// A gram is what the scanner looks up at once: four symbols that follow each other, canonical ones.
using Gram = std::array<Symbol, 4>;

// Symbols by the two before them, smoothed (Witten-Bell); sentinels and pads included.
class FrequencyModel {
 public:
  FrequencyModel();
  // Times `gram` is expected in one address.
  [[nodiscard]] double expected(const Gram& gram) const noexcept;
  // Roughly how probable it is that a symbol next to some that fit lies in `set` too.
  [[nodiscard]] double continues(const SymbolSet& set) const noexcept;

 private:
  static constexpr std::size_t width = 80;  // symbols that exist are fewer
  void learn(const char* text, std::size_t size, bool whole, float weight);
  void smooth();
  [[nodiscard]] double first(Symbol a) const noexcept { return static_cast<double>(first_[column_[a]]); }
  [[nodiscard]] double second(Symbol a, Symbol b) const noexcept {
    return static_cast<double>(second_[column_[a] * width + column_[b]]);
  }
  [[nodiscard]] double third(Symbol a, Symbol b, Symbol c) const noexcept {
    return static_cast<double>(third_[(column_[a] * width + column_[b]) * width + column_[c]]);
  }

  std::array<std::uint8_t, 256> column_{};     // of a symbol, in the tables
  std::vector<float> third_, second_, first_;  // counts, then probabilities
};

}  // namespace schoolgate::pattern
