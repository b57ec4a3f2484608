#include "rules/url/url_path.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "rules/bytes/byte_block.h"
#include "rules/bytes/hex.h"

namespace schoolgate {
namespace {

// Escapes whose bytes would mean something else, or nothing good, were they bare.
bool stays_encoded(unsigned char c) noexcept {
  return c < 0x20 || c == 0x7f || c == '?' || c == '#';
}

// How many dots a segment is: 1 for ".", 2 for "..", 0 for anything else.
int dots_of(std::string_view segment, PathStyle style) noexcept {
  int dots = 0;
  while (!segment.empty()) {
    std::size_t length = 0;
    if (segment.front() == '.')
      length = 1;
    else if (style == PathStyle::forward && segment.size() >= 3 && segment[0] == '%' && segment[1] == '2' &&
             (segment[2] | 0x20) == 'e')
      length = 3;
    if (length == 0 || ++dots > 2) return 0;
    segment.remove_prefix(length);
  }
  return dots;
}

}  // namespace

std::size_t remove_dot_segments(std::string_view path, PathStyle style, char* out) noexcept {
  const auto separates = [style](char c) { return c == '/' || (c == '\\' && style == PathStyle::match); };
  std::size_t size = 0;
  for (std::size_t begin = 1; begin <= path.size();) {  // just past a separator
    std::size_t end = begin;
    while (end < path.size() && !separates(path[end])) ++end;
    const std::string_view segment = path.substr(begin, end - begin);
    const bool last = end == path.size();
    const int dots = dots_of(segment, style);
    if (dots == 2)
      while (size > 0 && out[--size] != '/') {
      }
    const bool skipped = dots != 0 || (segment.empty() && style == PathStyle::match);
    if (!skipped || last) out[size++] = '/';
    if (!skipped) {
      std::memmove(out + size, segment.data(), segment.size());
      size += segment.size();
    }
    begin = end + 1;
  }
  return size;
}

Decoded decode_escapes(std::string_view encoded, char* out) noexcept {
  const char* in = encoded.data();
  const char* const end = in + encoded.size();
  char* to = out;
  unsigned char seen = 0;
  while (in < end) {
    const ByteBlock block = ByteBlock::load(in);
    block.store(to);
    const std::uint32_t percent = block.equal('%');
    const auto run = percent == 0 ? ByteBlock::size : static_cast<std::size_t>(std::countr_zero(percent));
    const auto left = static_cast<std::size_t>(end - in);
    if (run >= left) {
      to += left;
      break;
    }
    in += run;
    to += run;
    if (percent == 0) continue;
    const int high = left - run > 2 ? hex_value(in[1]) : -1;
    const int low = high >= 0 ? hex_value(in[2]) : -1;
    if (low < 0) {  // no escape: a percent sign
      *to++ = *in++;
      continue;
    }
    const auto c = static_cast<unsigned char>(high << 4 | low);
    in += 3;
    if (stays_encoded(c)) {
      *to++ = '%';
      *to++ = upper_hex[high];
      *to++ = upper_hex[low];
    } else {
      *to++ = static_cast<char>(c);
      seen |= c;
    }
  }
  return {static_cast<std::size_t>(to - out), seen >= 0x80};
}

}  // namespace schoolgate
