// The block function of SHA-256, twice. Internal to sha256.cc; a test compares the two.
#pragma once

#include <cstddef>
#include <cstdint>

namespace schoolgate {

// Mixes `blocks` blocks of 64 bytes into `state`, eight words.
void sha256_compress_portable(std::uint32_t* state, const std::uint8_t* data, std::size_t blocks) noexcept;
// By the SHA extensions of x86-64; may only be called if has_sha256_instructions().
void sha256_compress_instructions(std::uint32_t* state, const std::uint8_t* data,
                                  std::size_t blocks) noexcept;
[[nodiscard]] bool has_sha256_instructions() noexcept;

}  // namespace schoolgate
