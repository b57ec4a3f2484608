#include "rules/url/utf8.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>
#include <new>

#include "rules/bytes/byte_block.h"

namespace schoolgate {
namespace {

const utf8proc_uint8_t* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

// Code points that are starters, in NFC, and never the second half of a composition: NFC leaves a text
// of these alone. Not all such code points, only the common ones.
bool surely_nfc(char32_t c) noexcept {
  return c < 0x300 || (c >= 0x1ea0 && c <= 0x1ef9) || (c >= 0x400 && c <= 0x482) ||
         (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7a3) || (c >= 0x3041 && c <= 0x3096) ||
         (c >= 0x30a1 && c <= 0x30fa) || (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x2010 && c <= 0x2027);
}

// Writes `text` in lower case up to a point before its first byte outside ASCII; returns where it stopped.
std::size_t lower_ascii(std::string_view text, char* out) noexcept {
  std::size_t at = 0;
  for (; at + ByteBlock::size <= text.size(); at += ByteBlock::size) {
    const ByteBlock block = ByteBlock::load(text.data() + at);
    if (block.between(0x80, 0xff) != 0) return at;
    block.ascii_lower().store(out + at);
  }
  for (; at < text.size() && static_cast<unsigned char>(text[at]) < 0x80; ++at)
    out[at] = static_cast<char>(fold_case(static_cast<char32_t>(text[at])));
  return at;
}

}  // namespace

Utf8Char utf8_at(std::string_view text, std::size_t at) noexcept {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return {first, 1};
  const auto next =
      [&](std::size_t i) noexcept {  // the six bits of a byte that goes on; else more than those
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) ^ 0x80U : 0x80U;
      };
  if (first >= 0xc2 && first < 0xe0 && next(1) < 0x40) return {(first & 0x1fU) << 6 | next(1), 2};
  if (first > 0xe0 && first < 0xed && next(1) < 0x40 && next(2) < 0x40)
    return {(first & 0xfU) << 12 | next(1) << 6 | next(2), 3};
  utf8proc_int32_t c = 0;
  const utf8proc_ssize_t n =
      utf8proc_iterate(bytes_of(text) + at, static_cast<utf8proc_ssize_t>(text.size() - at), &c);
  if (n <= 0) return {};
  return {static_cast<char32_t>(c), static_cast<std::size_t>(n)};
}

void append_utf8(std::string& out, char32_t c) {
  utf8proc_uint8_t bytes[4];
  const utf8proc_ssize_t n = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(n));
}

bool is_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    if (at + ByteBlock::size <= text.size() && ByteBlock::load(text.data() + at).between(0x80, 0xff) == 0) {
      at += ByteBlock::size;
      continue;
    }
    const Utf8Char c = utf8_at(text, at);
    if (c.bytes == 0) return false;
    at += c.bytes;
  }
  return true;
}

void append_nfc(std::string& out, std::string_view utf8) {
  bool quick = true;
  for (std::size_t at = 0; quick && at < utf8.size();) {
    const Utf8Char c = utf8_at(utf8, at);
    quick = c.bytes != 0 && surely_nfc(c.value);
    at += c.bytes;
  }
  if (quick) {
    out += utf8;
    return;
  }
  utf8proc_uint8_t* composed = nullptr;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  const utf8proc_ssize_t n =
      utf8proc_map(bytes_of(utf8), static_cast<utf8proc_ssize_t>(utf8.size()), &composed, options);
  if (n < 0) throw std::bad_alloc();  // the input is valid, so nothing else can fail
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(composed, &std::free);
  out.append(reinterpret_cast<const char*>(composed), static_cast<std::size_t>(n));
}

char32_t fold_case(char32_t c) noexcept {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
  if (c == 0x130 || c == 0x131) return c;  // dotted and dotless i fold only in Turkish
  const utf8proc_int32_t upper = utf8proc_toupper(static_cast<utf8proc_int32_t>(c));
  return static_cast<char32_t>(utf8proc_tolower(upper));
}

void append_folded(std::string& out, std::string_view utf8) {
  const std::size_t begin = out.size();
  out.resize(begin + utf8.size());
  std::size_t at = lower_ascii(utf8, out.data() + begin);
  if (at == utf8.size()) return;
  out.resize(begin + at);
  while (at < utf8.size()) {
    const Utf8Char c = utf8_at(utf8, at);
    if (c.value < 0x80)
      out.push_back(static_cast<char>(fold_case(c.value)));
    else
      append_utf8(out, fold_case(c.value));
    at += c.bytes;
  }
}

}  // namespace schoolgate
