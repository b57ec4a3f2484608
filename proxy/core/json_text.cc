#include "proxy/core/json_text.h"

#include "rules/url/utf8.h"

namespace schoolgate {
namespace {

// Characters that move, hide or end what is shown (Unicode Cc, Cf, Zl, Zp as far as terminals act on them).
bool harmful(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
         (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
         c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

void unicode_escape(char32_t c, std::string& out) {
  if (c > 0xffff) {  // a surrogate pair
    unicode_escape(0xd800 + ((c - 0x10000) >> 10), out);
    c = 0xdc00 + ((c - 0x10000) & 0x3ff);
  }
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += "0123456789abcdef"[c >> shift & 15];
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char c = utf8_at(text, at);
    if (c.bytes == 0) {
      out += "\xef\xbf\xbd";
      ++at;
      continue;
    }
    if (harmful(c.value)) {
      unicode_escape(c.value, out);
    } else {
      if (c.value == '"' || c.value == '\\') out += '\\';
      out += text.substr(at, c.bytes);
    }
    at += c.bytes;
  }
  return out += '"';
}

JsonObject& JsonObject::raw(std::string_view key, std::string_view json) {
  if (!body_.empty()) body_ += ',';
  body_ += json_string(key);
  body_ += ':';
  body_ += json;
  return *this;
}

JsonObject& JsonObject::add(std::string_view key, std::string_view text) {
  return raw(key, json_string(text));
}

JsonObject& JsonObject::add(std::string_view key, const JsonArray& value) {
  return raw(key, value.text());
}

JsonObject& JsonObject::add_or_null(std::string_view key, std::string_view text) {
  return text.empty() ? raw(key, "null") : add(key, text);
}

JsonArray& JsonArray::raw(std::string_view json) {
  if (!body_.empty()) body_ += ',';
  body_ += json;
  return *this;
}

JsonArray& JsonArray::add(std::string_view text) {
  return raw(json_string(text));
}

}  // namespace schoolgate
