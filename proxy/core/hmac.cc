#include "proxy/core/hmac.h"

#include <array>

namespace schoolgate {

Sha256Digest hmac_sha256(std::string_view key, std::string_view message) noexcept {
  constexpr std::size_t block_size = 64;
  std::array<char, block_size> block{};
  if (key.size() > block_size) {
    const Sha256Digest digest = sha256(key);
    for (std::size_t i = 0; i < digest.size(); ++i) block[i] = static_cast<char>(digest[i]);
  } else {
    key.copy(block.data(), key.size());
  }
  std::array<char, block_size> inner_pad, outer_pad;
  for (std::size_t i = 0; i < block_size; ++i) {
    inner_pad[i] = static_cast<char>(block[i] ^ 0x36);
    outer_pad[i] = static_cast<char>(block[i] ^ 0x5c);
  }
  Sha256 inner;
  inner.update(std::string_view(inner_pad.data(), block_size));
  inner.update(message);
  const Sha256Digest digest = inner.finish();
  Sha256 outer;
  outer.update(std::string_view(outer_pad.data(), block_size));
  outer.update(std::as_bytes(std::span(digest)));
  return outer.finish();
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace schoolgate
