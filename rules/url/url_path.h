// The two loops behind the forms of a URL: dot segments and percent escapes.
#pragma once

#include <cstddef>
#include <string_view>

namespace schoolgate {

// RFC 3986 5.2.4 on a path that begins with a separator; ".." above the root stays at the root, a dot
// segment at the end leaves a slash. Writes to `out`, which may be where `path` is, and never more than
// path.size() bytes; returns how many.
enum class PathStyle : unsigned char {
  forward,  // "/" separates; "%2e" in either case counts as a dot; empty segments are segments
  match,    // "/" and "\" separate, repeated ones are one
};
std::size_t remove_dot_segments(std::string_view path, PathStyle style, char* out) noexcept;

// Decodes each valid percent escape once, but keeps (in upper case) those of "?", "#", C0 and DEL.
// Writes at most encoded.size() + 16 bytes to `out`; reads up to 16 bytes past `encoded`.
struct Decoded {
  std::size_t size = 0;
  bool non_ascii = false;
};
Decoded decode_escapes(std::string_view encoded, char* out) noexcept;

inline constexpr char upper_hex[] = "0123456789ABCDEF";

}  // namespace schoolgate
