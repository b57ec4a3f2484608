// The numbers of decisions: none comes twice, and none tells what came before it. A log whose codes could be
// counted would show by a gap that something is written down elsewhere only.
#pragma once

#include <array>
#include <cstdint>

namespace schoolgate {

// Threads: immutable. The same for all workers of a process.
class DecisionNumbers {
 public:
  explicit DecisionNumbers(std::uint64_t secret) noexcept {
    for (std::uint64_t& key : keys_) key = mixed(secret += 0x9e3779b97f4a7c15);
  }

  // Of the `count`th decision: its lower 40 bits, which the code shows, are shuffled (a Feistel network), so
  // that they are all different for 2^40 counts in a row.
  [[nodiscard]] std::uint64_t number(std::uint64_t count) const noexcept {
    std::uint64_t left = count >> half_bits & half_mask, right = count & half_mask;
    for (const std::uint64_t key : keys_) {
      const std::uint64_t next = left ^ (mixed(right ^ key) & half_mask);
      left = right;
      right = next;
    }
    // SQLite's integers are signed.
    return (count >> (2 * half_bits) << (2 * half_bits) & 0x7fff'ffff'ffff'ffff) | left << half_bits | right;
  }

 private:
  static constexpr int half_bits = 20;
  static constexpr std::uint64_t half_mask = (std::uint64_t{1} << half_bits) - 1;

  [[nodiscard]] static std::uint64_t mixed(std::uint64_t x) noexcept {
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
  }

  std::array<std::uint64_t, 4> keys_;
};

}  // namespace schoolgate
