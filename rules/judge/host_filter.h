// A few hosts, asked whether they may hold a name: a set of bits, so that most names that none of them holds
// are told in a few nanoseconds. "No" is certain; "yes" is not. Internal to the Judge.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "rules/url/host_keys.h"

namespace schoolgate {

class HostFilter {
 public:
  void clear() noexcept { words_.fill(0); }
  void add(std::uint64_t hash) noexcept { words_[word(hash)] |= bit(hash); }  // of hash_host()
  [[nodiscard]] bool may_hold(const HostKeys& keys) const noexcept {
    std::uint64_t held = 0;
    for (const HostKeys::Key& key : keys) held |= words_[word(key.hash)] & bit(key.hash);
    return held != 0;
  }

 private:
  // 4,096 bits: with the hundred hosts of several bundles a name of three labels is asked for in vain one
  // time in fourteen.
  static constexpr std::size_t words = 64;
  [[nodiscard]] static std::size_t word(std::uint64_t hash) noexcept { return (hash >> 32) % words; }
  [[nodiscard]] static std::uint64_t bit(std::uint64_t hash) noexcept {
    return std::uint64_t{1} << ((hash >> 48) % 64);
  }
  std::array<std::uint64_t, words> words_{};
};

}  // namespace schoolgate
