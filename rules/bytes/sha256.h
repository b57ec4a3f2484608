// SHA-256 (FIPS 180-4) by nettle, for the sealed floor and for digests of files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nettle/sha2.h>

namespace schoolgate {

using Sha256Digest = std::array<std::uint8_t, 32>;

// Threads: a value. Copying one in the middle of a message is cheap: that is how prefixes are hashed.
class Sha256 {
 public:
  Sha256() noexcept;
  void update(std::span<const std::byte> bytes) noexcept;
  void update(std::string_view text) noexcept;
  // The digest of all bytes so far; the object may not be used afterwards.
  [[nodiscard]] Sha256Digest finish() noexcept;

 private:
  sha256_ctx context_;
};

[[nodiscard]] Sha256Digest sha256(std::string_view text) noexcept;

[[nodiscard]] std::string to_hex(const Sha256Digest& digest);  // lower case
[[nodiscard]] std::optional<Sha256Digest> parse_sha256_hex(
    std::string_view text) noexcept;  // 64 digits, any case

}  // namespace schoolgate
