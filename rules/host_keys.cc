#include "rules/host_keys.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "rules/byte_block.h"
#include "rules/hash.h"
#include "rules/host.h"

namespace schoolgate {
namespace {

constexpr std::size_t max_text = 253;
constexpr std::uint64_t seed = 0x2545f4914f6cdd1d;
constexpr std::uint64_t word_factor = 0xa0761d6478bd642f;
constexpr std::uint64_t end_factor = 0xe7037ed1a0b428db;

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

// A text read in place, eight bytes at a time and never past its end: to copy it to where more can be read
// would cost a wait for what was just written.
class Words {
 public:
  explicit Words(std::string_view text) noexcept : text_(text.data()), last_(text.size() - 8) {
    if (text.size() >= 8) [[likely]]
      return;
    text.copy(short_.data(), text.size());
    text_ = short_.data(), last_ = 0;
  }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  // The bytes from `at` on, up to the size of the text; those past its end are anything.
  [[nodiscard]] std::uint64_t word(std::size_t at) const noexcept {
    const std::size_t begin = std::min(at, last_);
    return load<std::uint64_t>(text_ + begin) >> (8 * (at - begin) & 63);
  }

 private:
  const char* text_;
  std::size_t last_;  // place of the last whole word
  std::array<char, 8> short_{};
};

// Bit i: byte i of `word` is a dot. The usual zero-byte test, in the form without false positives.
std::uint64_t dots_of(std::uint64_t word) noexcept {
  constexpr std::uint64_t low7 = 0x7f7f7f7f7f7f7f7f;
  const std::uint64_t x = word ^ 0x2e2e2e2e2e2e2e2e;
  const std::uint64_t zero = ~(((x & low7) + low7) | x | low7);
  return (zero * 0x0002040810204081) >> 56;
}

// A bit for each byte of a text that is a dot.
class Dots {
 public:
  Dots(std::string_view text, const Words& words) noexcept : group_((text.size() - 1) / 64) {
    const std::size_t size = text.size();
    if (size < ByteBlock::size) {
      bits_[0] = (dots_of(words.word(0)) | dots_of(words.word(std::min<std::size_t>(size, 8))) << 8) &
                 ((std::uint64_t{1} << size) - 1);
      return;
    }
    for (std::size_t at = 0; at < size; at += ByteBlock::size) {
      const std::size_t begin = std::min(at, size - ByteBlock::size);  // the last block may begin before
      const std::uint64_t block = ByteBlock::load(text.data() + begin).equal('.') >> (at - begin);
      bits_[at / 64] |= block << (at % 64);
    }
  }
  // The place behind the last dot that was not taken yet, and takes it; 0 without any.
  [[nodiscard]] std::size_t take_last() noexcept {
    while (bits_[group_] == 0 && group_ > 0) --group_;
    if (bits_[group_] == 0) return 0;
    const std::size_t bit = 63 - static_cast<std::size_t>(std::countl_zero(bits_[group_]));
    bits_[group_] ^= std::uint64_t{1} << bit;
    return 64 * group_ + bit + 1;
  }

 private:
  std::array<std::uint64_t, 4> bits_{};
  std::size_t group_;
};

// One label into the state of the labels to its right.
std::uint64_t add_label(std::uint64_t state, const Words& text, std::size_t at, std::size_t length) noexcept {
  for (; length > 16; at += 16, length -= 16)
    state = mix(state ^ text.word(at), word_factor ^ text.word(at + 8));
  const std::uint64_t first = text.word(at) & masks.of[length][0];
  const std::uint64_t second = text.word(length > 8 ? at + 8 : at) & masks.of[length][1];
  return mix(state ^ first, (end_factor + length) ^ second);
}

}  // namespace

HostKeys::HostKeys(const Host& host) noexcept : HostKeys(host.text, host.is_address()) {}

HostKeys::HostKeys(std::string_view text, bool is_address) noexcept : text_(text) {
  if (text.empty() || text.size() > max_text) return;
  const Words words(text);
  Dots dots(text, words);
  std::uint64_t state = seed;
  for (std::size_t begin = text.size() + 1; begin != 0;) {
    const std::size_t end = begin - 1;
    begin = dots.take_last();
    state = add_label(state, words, begin, end - begin);
    keys_[end_] = {state, static_cast<std::uint16_t>(begin), static_cast<std::uint16_t>(end_ + 1)};
    ++end_;
  }
  if (is_address) first_ = end_ - 1;
}

std::uint64_t hash_host(std::string_view name) noexcept {
  const HostKeys keys(name, true);
  return keys.size() == 0 ? 0 : keys.begin()->hash;
}

}  // namespace schoolgate
