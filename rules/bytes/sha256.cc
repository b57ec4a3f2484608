#include "rules/bytes/sha256.h"

namespace schoolgate {

Sha256::Sha256() noexcept {
  sha256_init(&context_);
}

void Sha256::update(std::span<const std::byte> bytes) noexcept {
  sha256_update(&context_, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
}

void Sha256::update(std::string_view text) noexcept {
  update(std::as_bytes(std::span(text.data(), text.size())));
}

Sha256Digest Sha256::finish() noexcept {
  Sha256Digest digest;
  sha256_digest(&context_, digest.size(), digest.data());
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
