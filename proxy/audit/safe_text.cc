#include "proxy/audit/safe_text.h"

#include <cstdint>

namespace schoolgate::audit {
namespace {

void escape_byte(unsigned char byte, std::string& out) {
  constexpr char digits[] = "0123456789ABCDEF";
  out += "\\x";
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

// Length of the UTF-8 sequence at the start of `text` (RFC 3629: no overlong forms, surrogates or values past
// U+10FFFF), 0 if there is none.
std::size_t sequence(std::string_view text, std::uint32_t& code) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return code = first, 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  code = first & (0xffu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3f);
  }
  if (size == 3 && (code < 0x800 || (code >= 0xd800 && code <= 0xdfff))) return 0;
  if (size == 4 && (code < 0x10000 || code > 0x10ffff)) return 0;
  return size;
}

// Characters that move, hide or end what is shown (Unicode Cc, Cf, Zl, Zp as far as terminals act on them).
bool harmful(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
         (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
         c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

// Calls `plain` with each character that is good as it is, `escape` with the bytes and the code of the
// others; the code of a byte that is not UTF-8 is `no_code`.
constexpr std::uint32_t no_code = 0xffffffff;
template <class Plain, class Escape>
void walk(std::string_view text, Plain&& plain, Escape&& escape) {
  while (!text.empty()) {
    std::uint32_t code = 0;
    const std::size_t size = sequence(text, code);
    if (size == 0) {
      escape(text.substr(0, 1), no_code);
    } else if (harmful(code)) {
      escape(text.substr(0, size), code);
    } else {
      plain(text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
}

void unicode_escape(std::uint32_t code, std::string& out) {
  if (code > 0xffff) {  // a surrogate pair
    unicode_escape(0xd800 + ((code - 0x10000) >> 10), out);
    code = 0xdc00 + ((code - 0x10000) & 0x3ff);
  }
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += "0123456789abcdef"[code >> shift & 15];
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const auto escape = [&](std::string_view bytes, std::uint32_t) {
    for (const char c : bytes) escape_byte(static_cast<unsigned char>(c), out);
  };
  walk(
      text,
      [&](std::string_view c) {
        if (c == "\\") return escape(c, '\\');
        out += c;
      },
      escape);
  return out;
}

std::string csv_cell(std::string_view text) {
  std::string cell = printable(text);
  const bool formula = !cell.empty() && std::string_view("=+-@").find(cell[0]) != std::string_view::npos;
  if (formula) cell.insert(cell.begin(), '\'');
  if (!formula && cell.find_first_of("\",;\t ") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted += '"';
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  walk(
      text,
      [&](std::string_view c) {
        if (c == "\"" || c == "\\") out += '\\';
        out += c;
      },
      [&](std::string_view, std::uint32_t code) {
        if (code == no_code) {
          out += "\xef\xbf\xbd";
        } else {
          unicode_escape(code, out);
        }
      });
  return out += '"';
}

}  // namespace schoolgate::audit
