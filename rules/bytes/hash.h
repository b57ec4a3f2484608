// The one multiply-and-fold step behind the host hash and the file checksum. Not keyed: every hit of a hashed
// key is verified against the name itself, so a collision costs time, never a verdict.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace schoolgate {

static_assert(std::endian::native == std::endian::little,
              "the rule database is read in place, little-endian");

__extension__ typedef unsigned __int128 Uint128;

// Full 64x64 product, its halves folded together.
[[nodiscard]] inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  const Uint128 product = static_cast<Uint128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// floor(a * b / 2^64): spreads a hash evenly over 0 .. b-1, in the hash's order.
[[nodiscard]] inline std::uint64_t mul_high(std::uint64_t a, std::uint64_t b) noexcept {
  return static_cast<std::uint64_t>((static_cast<Uint128>(a) * b) >> 64);
}

template <class T>
[[nodiscard]] T load(const void* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// 64 bits over a whole number of 64-byte blocks. Each step is a bijection of the lane for a given word and of
// the word for a given lane, so a change within any one 8-byte word always changes the result; wider damage
// goes unseen with a chance of 2^-64. Against accidents, not against an attacker who can write the file.
[[nodiscard]] std::uint64_t checksum(std::span<const std::byte> blocks) noexcept;

}  // namespace schoolgate
