#include "rules/url/idna.h"

#include <idn2.h>
#include <utf8proc.h>

#include <cstdlib>
#include <memory>

#include "rules/url/punycode.h"
#include "rules/url/utf8.h"

namespace schoolgate {
namespace {

constexpr std::string_view ace_prefix = "xn--";

// UTS 46 table, status "ignored".
bool is_ignored(char32_t c) noexcept {
  return c == 0xad || c == 0x34f || (c >= 0x180b && c <= 0x180d) || c == 0x180f || c == 0x200b ||
         c == 0x2060 || c == 0x2064 || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
         (c >= 0x1bca0 && c <= 0x1bca3) || (c >= 0xe0100 && c <= 0xe01ef);
}

bool is_joiner(char32_t c) noexcept {
  return c == 0x200c || c == 0x200d;
}

// UTS 46 table, status "deviation": kept by nontransitional processing.
bool is_deviation(char32_t c) noexcept {
  return c == 0xdf || c == 0x3c2 || is_joiner(c);
}

// Hangul and Khmer fillers show nothing; the replacement characters stand for what was lost.
bool is_blank(char32_t c) noexcept {
  return c == 0x115f || c == 0x1160 || c == 0x17b4 || c == 0x17b5 || c == 0x3164 || c == 0xffa0 ||
         c == 0xfffc || c == 0xfffd;
}

bool is_disallowed(char32_t c, bool allow_unassigned) noexcept {
  if (is_joiner(c)) return false;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_CN:
      return !allow_unassigned;
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return c >= 0x80;  // ASCII is the caller's business
    default:
      return is_blank(c);
  }
}

bool is_combining(char32_t c) noexcept {
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
         category == UTF8PROC_CATEGORY_ME;
}

// Appends the mapping of one code point: the full compatibility decomposition, case folded. False: it has
// none.
bool append_mapped(std::string& out, char32_t c) {
  if (is_ignored(c)) return true;
  if (is_deviation(c)) {
    append_utf8(out, c);
    return true;
  }
  if (c == 0x3002 || c == 0xff61) {  // ideographic full stops are dots
    out.push_back('.');
    return true;
  }
  utf8proc_int32_t parts[32];
  int boundary = 0;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                                      UTF8PROC_DECOMPOSE);
  const utf8proc_ssize_t n =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts, std::size(parts), options, &boundary);
  if (n < 0 || n > static_cast<utf8proc_ssize_t>(std::size(parts))) return false;
  for (utf8proc_ssize_t i = 0; i < n; ++i) append_utf8(out, static_cast<char32_t>(parts[i]));
  return true;
}

// UTS 46 section 4, steps 1 and 2, by NFKC case folding. Nullopt: a code point that no name may hold.
std::optional<std::string> map_name(std::string_view name, bool allow_unassigned) {
  std::string mapped;
  for (std::size_t at = 0; at < name.size();) {
    const Utf8Char c = utf8_at(name, at);
    if (c.bytes == 0 || !append_mapped(mapped, c.value)) return std::nullopt;
    at += c.bytes;
  }
  std::string out;
  append_nfc(out, mapped);
  for (std::size_t at = 0; at < out.size();) {
    const Utf8Char c = utf8_at(out, at);
    if (is_disallowed(c.value, allow_unassigned)) return std::nullopt;
    at += c.bytes;
  }
  return out;
}

std::u32string code_points(std::string_view utf8) {
  std::u32string points;
  for (std::size_t at = 0; at < utf8.size();) {
    const Utf8Char c = utf8_at(utf8, at);
    points.push_back(c.value);
    at += c.bytes;
  }
  return points;
}

bool is_ascii(std::u32string_view points) noexcept {
  for (const char32_t c : points)
    if (c >= 0x80) return false;
  return true;
}

// What browsers open and IDNA 2008 does not know: mapped by map_name(), then label by label.
std::optional<std::string> lenient_to_ascii(std::string_view name) {
  const std::optional<std::string> mapped = map_name(name, false);
  if (!mapped) return std::nullopt;
  const std::string_view text = *mapped;
  std::string out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    const std::u32string label = code_points(text.substr(begin, end - begin));
    if (begin > 0) out.push_back('.');
    if (is_ascii(label)) {
      out += text.substr(begin, end - begin);
    } else {
      // Beside an emoji a joiner is in no place where RFC 5892 appendix A allows one.
      for (const char32_t c : label)
        if (is_joiner(c)) return std::nullopt;
      const std::optional<std::string> encoded = punycode_encode(label);
      if (!encoded) return std::nullopt;
      out += ace_prefix;
      out += *encoded;
    }
    begin = end + 1;
  }
  return out;
}

bool browsers_may_open(int idn2_error) noexcept {
  return idn2_error == IDN2_DISALLOWED || idn2_error == IDN2_2HYPHEN || idn2_error == IDN2_HYPHEN_STARTEND ||
         idn2_error == IDN2_CONTEXTO || idn2_error == IDN2_CONTEXTO_NO_RULE;
}

}  // namespace

std::optional<std::string> idna_to_ascii(std::string_view name) {
  if (!is_utf8(name) || name.find('\0') != std::string_view::npos) return std::nullopt;
  char* ascii = nullptr;
  const int error = idn2_to_ascii_8z(std::string(name).c_str(), &ascii, IDN2_NONTRANSITIONAL);
  if (error != IDN2_OK) return browsers_may_open(error) ? lenient_to_ascii(name) : std::nullopt;
  const std::unique_ptr<char, decltype(&idn2_free)> owner(ascii, &idn2_free);
  return std::string(ascii);
}

bool is_valid_a_label(std::string_view label) {
  if (!label.starts_with(ace_prefix)) return false;
  const std::string_view encoded = label.substr(ace_prefix.size());
  const std::optional<std::u32string> points = punycode_decode(encoded);
  if (!points || is_ascii(*points) || is_combining(points->front()) || punycode_encode(*points) != encoded)
    return false;
  std::string text;
  for (const char32_t c : *points) append_utf8(text, c);
  // An unassigned code point is one that these tables are too old to know: the label stays what it is.
  return map_name(text, true) == text;
}

}  // namespace schoolgate
