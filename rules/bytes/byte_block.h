// Sixteen bytes asked at once: the one place with vector instructions for text.
// In a mask bit i answers for byte i. SSE2 is part of every amd64; elsewhere plain loops say the same.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace schoolgate {

class ByteBlock {
 public:
  static constexpr std::size_t size = 16;
  static constexpr std::uint32_t all = 0xffff;

#if defined(__SSE2__)
  // Reads `size` bytes from `p`, which need not be aligned.
  static ByteBlock load(const char* p) noexcept {
    return ByteBlock(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  void store(char* p) const noexcept {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), bytes_);
  }

  [[nodiscard]] std::uint32_t equal(char c) const noexcept {
    return mask(_mm_cmpeq_epi8(bytes_, _mm_set1_epi8(c)));
  }
  // Bytes in [low, high], compared as unsigned.
  [[nodiscard]] std::uint32_t between(unsigned char low, unsigned char high) const noexcept {
    return mask(in_range(low, high));
  }
  [[nodiscard]] ByteBlock ascii_lower() const noexcept {
    return ByteBlock(_mm_or_si128(bytes_, _mm_and_si128(in_range('A', 'Z'), _mm_set1_epi8(0x20))));
  }

 private:
  explicit ByteBlock(__m128i bytes) noexcept : bytes_(bytes) {}
  static std::uint32_t mask(__m128i matches) noexcept {
    return static_cast<std::uint32_t>(_mm_movemask_epi8(matches));
  }
  [[nodiscard]] __m128i in_range(unsigned char low, unsigned char high) const noexcept {
    const __m128i offset = _mm_sub_epi8(bytes_, _mm_set1_epi8(static_cast<char>(low)));
    return _mm_cmpeq_epi8(_mm_min_epu8(offset, _mm_set1_epi8(static_cast<char>(high - low))), offset);
  }
  __m128i bytes_;
#else
  static ByteBlock load(const char* p) noexcept {
    ByteBlock block;
    std::memcpy(block.bytes_, p, size);
    return block;
  }
  void store(char* p) const noexcept {
    std::memcpy(p, bytes_, size);
  }

  [[nodiscard]] std::uint32_t equal(char c) const noexcept {
    return between(static_cast<unsigned char>(c), static_cast<unsigned char>(c));
  }
  [[nodiscard]] std::uint32_t between(unsigned char low, unsigned char high) const noexcept {
    std::uint32_t mask = 0;
    for (std::size_t i = 0; i < size; ++i) mask |= std::uint32_t{bytes_[i] >= low && bytes_[i] <= high} << i;
    return mask;
  }
  [[nodiscard]] ByteBlock ascii_lower() const noexcept {
    ByteBlock lower = *this;
    for (unsigned char& c : lower.bytes_)
      if (c >= 'A' && c <= 'Z') c = static_cast<unsigned char>(c | 0x20);
    return lower;
  }

 private:
  ByteBlock() = default;
  unsigned char bytes_[size];
#endif
};

}  // namespace schoolgate
