#include "rules/bytes/sha256.h"

#include <algorithm>
#include <cstring>

#include "rules/bytes/sha256_compress.h"

namespace schoolgate {
namespace {

constexpr std::array<std::uint32_t, 8> initial_state{
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

void compress(std::uint32_t* state, const std::uint8_t* data, std::size_t blocks) noexcept {
  static const auto chosen =
      has_sha256_instructions() ? sha256_compress_instructions : sha256_compress_portable;
  chosen(state, data, blocks);
}

}  // namespace

Sha256::Sha256() noexcept : state_(initial_state), block_{} {}

void Sha256::update(std::span<const std::byte> bytes) noexcept {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::size_t left = bytes.size();
  if (left == 0) return;
  const std::size_t held = length_ % 64;
  length_ += left;
  if (held > 0) {
    const std::size_t taken = std::min(left, 64 - held);
    std::memcpy(block_.data() + held, data, taken);
    if (held + taken < 64) return;
    compress(state_.data(), block_.data(), 1);
    data += taken, left -= taken;
  }
  compress(state_.data(), data, left / 64);
  std::memcpy(block_.data(), data + left / 64 * 64, left % 64);
}

void Sha256::update(std::string_view text) noexcept {
  update(std::as_bytes(std::span(text.data(), text.size())));
}

Sha256Digest Sha256::finish() noexcept {
  std::size_t held = length_ % 64;
  block_[held++] = 0x80;
  if (held > 56) {
    std::memset(block_.data() + held, 0, 64 - held);
    compress(state_.data(), block_.data(), 1);
    held = 0;
  }
  std::memset(block_.data() + held, 0, 56 - held);
  const std::uint64_t bits = length_ * 8;
  for (std::size_t i = 0; i < 8; ++i) block_[56 + i] = static_cast<std::uint8_t>(bits >> (56 - 8 * i));
  compress(state_.data(), block_.data(), 1);
  Sha256Digest digest;
  for (std::size_t i = 0; i < 32; ++i)
    digest[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

Sha256Digest sha256(std::string_view text) noexcept {
  Sha256 hash;
  hash.update(text);
  return hash.finish();
}

std::string to_hex(const Sha256Digest& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(64);
  for (const std::uint8_t byte : digest) text += {digits[byte >> 4], digits[byte & 15]};
  return text;
}

std::optional<Sha256Digest> parse_sha256_hex(std::string_view text) noexcept {
  if (text.size() != 64) return std::nullopt;
  const auto value = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  Sha256Digest digest;
  for (std::size_t i = 0; i < 32; ++i) {
    const int high = value(text[2 * i]), low = value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return digest;
}

}  // namespace schoolgate
