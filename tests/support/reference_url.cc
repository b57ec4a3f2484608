#include "tests/support/reference_url.h"

#include <utf8proc.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "rules/url/utf8.h"

namespace schoolgate::reference {
namespace {

// A text cut into what counts as one thing: a byte, or an escape that stays one ("%3F", three characters).
using Units = std::vector<std::string>;

std::string escape(unsigned char byte) {
  char text[4];
  std::snprintf(text, sizeof text, "%%%02X", byte);
  return text;
}

Units decode(std::string_view text) {
  Units units;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string hex(text.substr(i + 1 < text.size() ? i + 1 : text.size(), 2));
    const bool is_escape = text[i] == '%' && hex.size() == 2 &&
                           std::isxdigit(static_cast<unsigned char>(hex[0])) &&
                           std::isxdigit(static_cast<unsigned char>(hex[1]));
    if (!is_escape) {
      units.emplace_back(1, text[i]);
      continue;
    }
    const auto byte = static_cast<unsigned char>(std::strtoul(hex.c_str(), nullptr, 16));
    const bool kept = byte < 0x20 || byte == 0x7f || byte == '?' || byte == '#';
    units.push_back(kept ? escape(byte) : std::string(1, static_cast<char>(byte)));
    i += 2;
  }
  return units;
}

std::vector<Units> split_at_slashes(const Units& units, bool back_slashes_too) {
  std::vector<Units> segments(1);
  for (const std::string& unit : units)
    if (unit == "/" || (back_slashes_too && unit == "\\"))
      segments.emplace_back();
    else
      segments.back().push_back(unit);
  return segments;
}

std::string joined(const Units& units) {
  std::string text;
  for (const std::string& unit : units) text += unit;
  return text;
}

// `segments` of a path that begins with a slash: the first is empty.
std::string without_dots(const std::vector<std::string>& segments) {
  std::vector<std::string> kept;
  for (std::size_t i = 1; i < segments.size(); ++i) {
    const bool last = i + 1 == segments.size();
    if (segments[i] == "..") {
      if (!kept.empty()) kept.pop_back();
      if (last) kept.emplace_back();
    } else if (segments[i] == ".") {
      if (last) kept.emplace_back();
    } else {
      kept.push_back(segments[i]);
    }
  }
  std::string path;
  for (const std::string& segment : kept) path += "/" + segment;
  return path;
}

// Length of the UTF-8 sequence at `at` by Table 3-7 of the Unicode Standard; 0 if there is none.
std::size_t sequence_length(std::string_view s, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < s.size() ? static_cast<unsigned char>(s[at + i]) : 0;
  };
  const auto tail = [&](std::size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xbf; };
  const unsigned a = byte(0), b = byte(1);
  if (a < 0x80) return 1;
  if (a >= 0xc2 && a <= 0xdf) return tail(1) ? 2 : 0;
  if (a == 0xe0) return b >= 0xa0 && b <= 0xbf && tail(2) ? 3 : 0;
  if (a == 0xed) return b >= 0x80 && b <= 0x9f && tail(2) ? 3 : 0;
  if (a >= 0xe1 && a <= 0xef) return tail(1) && tail(2) ? 3 : 0;
  if (a == 0xf0) return b >= 0x90 && b <= 0xbf && tail(2) && tail(3) ? 4 : 0;
  if (a >= 0xf1 && a <= 0xf3) return tail(1) && tail(2) && tail(3) ? 4 : 0;
  if (a == 0xf4) return b >= 0x80 && b <= 0x8f && tail(2) && tail(3) ? 4 : 0;
  return 0;
}

std::string nfc_with_bad_bytes_escaped(std::string_view bytes) {
  std::string good;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t n = sequence_length(bytes, at);
    const bool c1 = n == 2 && bytes[at] == '\xc2' && static_cast<unsigned char>(bytes[at + 1]) < 0xa0;
    if (n == 0) {
      good += escape(static_cast<unsigned char>(bytes[at++]));
    } else {
      for (const std::size_t end = at + n; at < end; ++at)
        good += c1 ? escape(static_cast<unsigned char>(bytes[at])) : std::string(1, bytes[at]);
    }
  }
  utf8proc_uint8_t* const composed = utf8proc_NFC(reinterpret_cast<const utf8proc_uint8_t*>(good.c_str()));
  std::string text(reinterpret_cast<const char*>(composed));
  std::free(composed);
  return text;
}

}  // namespace

std::string forward_target(std::string_view target) {
  const std::size_t question = target.find('?');
  std::string path(target.substr(0, question));
  if (path.empty()) path = "/";
  std::vector<std::string> segments(1);
  for (const char c : path)
    if (c == '/')
      segments.emplace_back();
    else
      segments.back() += c;
  for (std::string& segment : segments) {
    std::string dots = segment;
    for (const char* spelling : {"%2e", "%2E"})
      for (std::size_t at; (at = dots.find(spelling)) != std::string::npos;) dots.replace(at, 3, ".");
    if (dots == "." || dots == "..") segment = dots;
  }
  path = without_dots(segments);
  return question == std::string_view::npos ? path : path + std::string(target.substr(question));
}

std::string match_target(std::string_view target) {
  const std::size_t question = target.find('?');
  std::vector<Units> parts = split_at_slashes(decode(target.substr(0, question)), true);
  std::vector<std::string> segments{""};
  for (std::size_t i = 1; i < parts.size(); ++i)
    if (!parts[i].empty() || i + 1 == parts.size()) segments.push_back(joined(parts[i]));
  std::string text = nfc_with_bad_bytes_escaped(without_dots(segments));
  if (question != std::string_view::npos)
    text += "?" + nfc_with_bad_bytes_escaped(joined(decode(target.substr(question + 1))));
  return text;
}

std::string lower(std::string_view match) {
  std::string text;
  for (std::size_t at = 0; at < match.size();) {
    const Utf8Char c = utf8_at(match, at);
    append_utf8(text, fold_case(c.value));
    at += c.bytes;
  }
  return text;
}

}  // namespace schoolgate::reference
