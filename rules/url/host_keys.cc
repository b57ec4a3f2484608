#include "rules/url/host_keys.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "rules/bytes/byte_block.h"
#include "rules/bytes/hash.h"
#include "rules/url/host.h"

namespace schoolgate {
namespace {

constexpr std::size_t max_text = 253;
constexpr std::uint64_t seed = 0x2545f4914f6cdd1d;
constexpr std::uint64_t word_factor = 0xa0761d6478bd642f;
constexpr std::uint64_t end_factor = 0xe7037ed1a0b428db;
// Added for a label "www": the high bits, by which the domain index chooses a line, stay those of the name
// without it, while tags and spill bits differ.
constexpr std::uint64_t www_step = 0x95e9b;
constexpr std::uint64_t www_bytes = 0x777777;

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

// The dots of a text, taken from the right.
class Dots {
 public:
  Dots(std::string_view text, const Words& words) noexcept
      : text_(text), group_((text.size() - 1) / group_size * group_size) {
    if (text.size() >= ByteBlock::size) {
      bits_ = dots_of_group();
      return;
    }
    const std::size_t second = std::min<std::size_t>(text.size(), 8);
    bits_ = (dots_of(words.word(0)) | dots_of(words.word(second)) << 8) & ((1U << text.size()) - 1);
  }
  // The place behind the last dot that was not taken yet, and takes it; 0 without any.
  [[nodiscard]] std::size_t take_last() noexcept {
    while (bits_ == 0) {
      if (group_ == 0) return 0;
      group_ -= group_size;
      bits_ = dots_of_group();
    }
    const auto behind = static_cast<std::size_t>(std::bit_width(bits_));
    bits_ ^= std::uint64_t{1} << (behind - 1);
    return group_ + behind;
  }

 private:
  static constexpr std::size_t group_size = 64;

  [[nodiscard]] std::uint64_t dots_of_group() const noexcept {
    std::uint64_t bits = 0;
    const std::size_t end = std::min(group_ + group_size, text_.size());
    for (std::size_t at = group_; at < end; at += ByteBlock::size) {
      const std::size_t begin = std::min(at, text_.size() - ByteBlock::size);  // the last may begin before
      const std::uint64_t block = ByteBlock::load(text_.data() + begin).equal('.') >> (at - begin);
      bits |= block << (at - group_);
    }
    return bits;
  }

  std::string_view text_;
  std::size_t group_;       // where a group of bytes begins
  std::uint64_t bits_ = 0;  // bit i: byte i of the group is a dot that was not taken
};

// One label into the state of the labels to its right.
std::uint64_t add_label(std::uint64_t state, const Words& text, std::size_t at, std::size_t length) noexcept {
  for (; length > 16; at += 16, length -= 16)
    state = mix(state ^ text.word(at), word_factor ^ text.word(at + 8));
  const std::uint64_t first = text.word(at) & masks.of[length][0];
  const std::uint64_t second = text.word(length > 8 ? at + 8 : at) & masks.of[length][1];
  const std::uint64_t mixed = mix(state ^ first, (end_factor + length) ^ second);
  return length == 3 && first == www_bytes ? state + www_step : mixed;
}

}  // namespace

HostKeys::HostKeys(const Host& host) noexcept : HostKeys(host.text, host.is_address()) {}

HostKeys::HostKeys(std::string_view text, bool is_address) noexcept : text_(text) {
  if (text.empty() || text.size() > max_text) return;
  const Words words(text);
  Dots dots(text, words);
  std::uint64_t state = seed;
  std::uint16_t labels = 0;
  for (std::size_t begin = text.size() + 1; begin != 0;) {
    const std::size_t end = begin - 1;
    begin = dots.take_last();
    state = add_label(state, words, begin, end - begin);
    Key& key = keys_[labels];
    key = {state, static_cast<std::uint16_t>(begin), ++labels};
  }
  end_ = labels;
  if (is_address) first_ = end_ - 1;
}

std::uint64_t hash_host(std::string_view name) noexcept {
  const HostKeys keys(name, true);
  return keys.size() == 0 ? 0 : keys.begin()->hash;
}

}  // namespace schoolgate
