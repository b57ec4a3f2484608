// UTF-8 over utf8proc: decoding, NFC, and lower case for comparing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace schoolgate {

struct Utf8Char {
  char32_t value = 0;
  std::size_t bytes = 0;  // 0: no valid UTF-8 begins here
};
// Strict (RFC 3629): no overlong forms, no surrogates. `at` < text.size().
[[nodiscard]] Utf8Char utf8_at(std::string_view text, std::size_t at) noexcept;
void append_utf8(std::string& out, char32_t c);
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

// Appends valid UTF-8 in Normalization Form C. Text that a quick look knows to be in it already
// (ASCII, Latin, Vietnamese, Cyrillic, CJK, Hangul syllables, emoji) is copied without allocating.
void append_nfc(std::string& out, std::string_view utf8);

// Simple case folding (Unicode CaseFolding.txt, C and S) of one code point: lower case of its upper case.
[[nodiscard]] char32_t fold_case(char32_t c) noexcept;
// Appends valid UTF-8 folded code point by code point; ASCII goes sixteen bytes at a time.
void append_folded(std::string& out, std::string_view utf8);

}  // namespace schoolgate
