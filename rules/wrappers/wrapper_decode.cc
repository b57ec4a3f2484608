#include "rules/wrappers/wrapper_decode.h"

#include <algorithm>
#include <cstdint>

#include "rules/bytes/hex.h"

namespace schoolgate::wrapper {
namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool take_prefix(std::string_view& text, std::string_view prefix) noexcept {
  if (text.size() < prefix.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (lower(text[i]) != prefix[i]) return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

int base64_digit(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-' || c == ' ') return 62;  // a '+' that somebody took for a blank
  return c == '/' || c == '_' ? 63 : -1;
}

// Base64 in either alphabet (RFC 4648 4 and 5), padded or not; false if it is none.
bool base64_decode(std::string_view text, std::string& out) {
  out.clear();
  while (text.ends_with('=')) text.remove_suffix(1);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<char>(bits >> count & 0xff));
  }
  return true;
}

bool hex_decode(std::string_view text, std::string& out) {
  out.clear();
  if (text.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return false;
    out.push_back(static_cast<char>(16 * high + low));
  }
  return true;
}

}  // namespace

void percent_decode(std::string_view raw, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const int high = raw[i] == '%' && i + 2 < raw.size() ? hex_value(raw[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_value(raw[i + 2]);
    const char c = low < 0 ? raw[i] : static_cast<char>(16 * high + low);
    if (c != '\t' && c != '\n' && c != '\r') out.push_back(c);
    if (low >= 0) i += 2;
  }
}

bool has_dot(std::string_view text) noexcept {
  for (const std::string_view dot : {".", "\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1"}) {
    if (text.find(dot) != std::string_view::npos) return true;
  }
  return false;
}

void append_escaped(std::string_view decoded, std::string& out) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : decoded) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 15]);
    }
  }
}

bool take_scheme(std::string_view& text) noexcept {
  bool any = false;
  for (bool taken = true; taken; any = any || taken) {
    taken = take_prefix(text, "http:") || take_prefix(text, "https:") || take_prefix(text, "ssl:");
    text.remove_prefix(std::min(text.find_first_not_of("/\\"), text.size()));
  }
  return any;
}

bool is_scheme_word(std::string_view segment) noexcept {
  return (take_prefix(segment, "https") || take_prefix(segment, "http")) && segment.empty();
}

bool decode_url(std::string_view text, std::string& out) {
  constexpr std::size_t fewest = 8;
  if (text.size() < fewest) return false;
  const auto is_url = [&out] {
    std::string_view start = out;
    return take_prefix(start, "http:") || take_prefix(start, "https:") || take_prefix(start, "://");
  };
  return (hex_decode(text, out) && is_url()) || (base64_decode(text, out) && is_url());
}

bool take_cache_prefix(std::string_view& value) noexcept {
  if (take_prefix(value, "url:") || !take_prefix(value, "cache:")) return false;
  const std::size_t colon = value.find(':');
  std::string_view after = colon == std::string_view::npos ? std::string_view{} : value.substr(colon + 1);
  if (after.starts_with("//")) return true;  // no ID: the colon is the scheme's
  if (colon != std::string_view::npos && value.substr(0, colon).find_first_of("./") == std::string_view::npos)
    value = after;
  return true;
}

bool is_named(std::string_view name, std::string_view names) {
  for (std::size_t at = 0; (at = names.find(',', at)) + 1 < names.size(); ++at) {
    std::string_view rest = name;
    const std::string_view one = names.substr(at + 1, names.find(',', at + 1) - at - 1);
    if (name.size() == one.size() && take_prefix(rest, one)) return true;
  }
  return false;
}

}  // namespace schoolgate::wrapper
