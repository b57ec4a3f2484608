// The filter in front of the gram table: two bits of one word for each gram, so that most places of a text
// are done with after one look (a blocked Bloom filter: Putze, Sanders, Singler 2007).
#pragma once

#include <cstddef>
#include <cstdint>

#include "rules/patterns/match/symbols.h"

namespace schoolgate::pattern {

struct GramFilter {
  const std::uint32_t* words = nullptr;
  std::uint32_t mask = 0;  // how many words there are, a power of two, less one

  // A hash is 15 bits for the word, five for each bit in it, and seven weak ones.
  static constexpr std::uint32_t max_log2 = 15;  // of the number of words
  static constexpr int to_word = 17, to_first = 12, to_second = 7;
  static constexpr std::uint32_t factor = 0x9e3779b1;

  [[nodiscard]] static constexpr std::uint32_t hash(std::uint32_t gram) noexcept {
    return (gram ^ gram >> 15) * factor;
  }
  [[nodiscard]] static constexpr std::uint32_t bits(std::uint32_t hash) noexcept {
    return 1u << (hash >> to_first & 31) | 1u << (hash >> to_second & 31);
  }
  // 1: the gram may be one of those looked for; 0: it is not.
  [[nodiscard]] std::uint32_t may_hold(std::uint32_t gram) const noexcept {
    const std::uint32_t h = hash(gram), word = words[h >> to_word & mask];
    return word >> (h >> to_first & 31) & word >> (h >> to_second & 31) & 1;
  }
};

// The places in [0, size) whose grams pass `filter`, ascending, go to `found`, which has room for size + 8.
// `text` can be read for 16 bytes behind its end. Returns how many they are.
using FindGrams = std::size_t (*)(const GramFilter& filter, const Symbol* text, std::size_t size,
                                  std::uint32_t* found) noexcept;
[[nodiscard]] std::size_t find_grams_portable(const GramFilter& filter, const Symbol* text, std::size_t size,
                                              std::uint32_t* found) noexcept;
// The fastest that this processor has: the one above, or one that says the same eight places at a time.
[[nodiscard]] FindGrams fastest_find_grams() noexcept;

}  // namespace schoolgate::pattern
