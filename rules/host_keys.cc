#include "rules/host_keys.h"

#include <bit>
#include <cstring>

#include "rules/hash.h"
#include "rules/host.h"

namespace schoolgate {
namespace {

constexpr std::size_t max_text = 253;
constexpr std::uint64_t seed = 0x2545f4914f6cdd1d;
constexpr std::uint64_t word_factor = 0xa0761d6478bd642f;
constexpr std::uint64_t end_factor = 0xe7037ed1a0b428db;

// Bit i = byte i of `word` is a dot. The usual zero-byte test, in the form without false positives.
std::uint64_t dots_of(std::uint64_t word) noexcept {
  constexpr std::uint64_t low7 = 0x7f7f7f7f7f7f7f7f;
  const std::uint64_t x = word ^ 0x2e2e2e2e2e2e2e2e;
  const std::uint64_t zero = ~(((x & low7) + low7) | x | low7);
  return (zero * 0x0002040810204081) >> 56;
}

// Keeps the first n bytes of two words, for n up to 16: a table, since label lengths cannot be predicted.
struct Masks {
  std::array<std::array<std::uint64_t, 2>, 17> of{};
  constexpr Masks() {
    for (std::size_t n = 0; n <= 16; ++n) {
      for (std::size_t i = 0; i < n; ++i) of[n][i / 8] |= std::uint64_t{0xff} << (8 * (i % 8));
    }
  }
};
constexpr Masks masks;

// One label into the state of the labels to its right. `label` is readable for 16 bytes from its begin and
// from every sixteenth byte of it.
std::uint64_t add_label(std::uint64_t state, const char* label, std::size_t length) noexcept {
  for (; length > 16; label += 16, length -= 16)
    state = mix(state ^ load<std::uint64_t>(label), word_factor ^ load<std::uint64_t>(label + 8));
  const std::uint64_t first = load<std::uint64_t>(label) & masks.of[length][0];
  const std::uint64_t second = load<std::uint64_t>(label + 8) & masks.of[length][1];
  return mix(state ^ first, (end_factor + length) ^ second);
}

}  // namespace

HostKeys::HostKeys(const Host& host) noexcept : HostKeys(host.text, host.is_address()) {}

HostKeys::HostKeys(std::string_view text, bool is_address) noexcept : text_(text) {
  const std::size_t size = text.size();
  if (size == 0 || size > max_text) return;
  char copy[256 + 16];  // room to read past the end
  std::memcpy(copy, text.data(), size);
  std::memset(copy + size, 0, 8);

  std::array<std::uint64_t, 4> dots{};
  const std::size_t words = (size + 7) / 8;
  for (std::size_t i = 0; i < words; ++i)
    dots[i / 8] |= dots_of(load<std::uint64_t>(copy + 8 * i)) << (8 * (i % 8));

  std::uint64_t state = seed;
  std::size_t end = size;
  const auto take = [&](std::size_t begin) {
    state = add_label(state, copy + begin, end - begin);
    keys_[end_] = {state, static_cast<std::uint16_t>(begin), static_cast<std::uint16_t>(end_ + 1)};
    ++end_;
  };
  for (std::size_t group = (words + 7) / 8; group-- > 0;) {
    for (std::uint64_t left = dots[group]; left != 0;) {
      const std::size_t bit = 63 - static_cast<std::size_t>(std::countl_zero(left));
      left ^= std::uint64_t{1} << bit;
      const std::size_t dot = 64 * group + bit;
      take(dot + 1);
      end = dot;
    }
  }
  take(0);
  if (is_address) first_ = end_ - 1;
}

std::uint64_t hash_host(std::string_view name) noexcept {
  const HostKeys keys(name, true);
  return keys.size() == 0 ? 0 : keys.begin()->hash;
}

}  // namespace schoolgate
