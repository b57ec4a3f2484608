#include "proxy/web/form.h"

#include <algorithm>

#include "proxy/core/http/http_scan.h"
#include "rules/bytes/hex.h"

namespace schoolgate::web {
namespace {

// UTF-8 without control characters, but for what a text of several lines has.
bool is_clean(const std::string& text) {
  std::string plain = text;
  std::erase_if(plain, [](char c) { return c == '\r' || c == '\n' || c == '\t'; });
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(plain.begin(), plain.end(), control)) return false;
  // Bidi controls are let through: they are made harmless where they are shown.
  std::size_t i = 0;
  while (i < plain.size()) {
    const auto lead = static_cast<unsigned char>(plain[i]);
    const std::size_t more = lead < 0x80 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || i + more >= plain.size() + (more == 0 ? 1 : 0))
      return false;
    for (std::size_t k = 1; k <= more; ++k)
      if ((static_cast<unsigned char>(plain[i + k]) & 0xc0) != 0x80) return false;
    i += more + 1;
  }
  return true;
}

std::optional<std::string> decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      out += ' ';
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  if (!is_clean(out)) return std::nullopt;
  return out;
}

}  // namespace

std::string_view field(const Fields& fields, std::string_view name) noexcept {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const auto& one) { return one.first == name; });
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

std::size_t most_form_bytes_of(std::string_view path) noexcept {
  return path == "/policy/edit" ? most_text_form_bytes : most_form_bytes;
}

std::optional<Fields> parse_form(std::string_view text, std::size_t most) {
  if (text.size() > most) return std::nullopt;
  Fields out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    if (out.size() == most_form_fields) return std::nullopt;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = decode(pair.substr(0, equals), true);
    auto value = decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) return std::nullopt;
    out.emplace_back(*std::move(name), *std::move(value));
  }
  return out;
}

std::optional<std::string> decode_path(std::string_view text) {
  return decode(text, false);
}

Fields parse_cookies(std::string_view text) {
  Fields out;
  while (!text.empty() && out.size() < most_form_fields) {
    const std::size_t end = std::min(text.find(';'), text.size());
    std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!pair.empty() && http_scan::is_blank(pair.front())) pair.remove_prefix(1);
    while (!pair.empty() && http_scan::is_blank(pair.back())) pair.remove_suffix(1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    out.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return out;
}

std::string encode_value(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

}  // namespace schoolgate::web
