#include "proxy/core/pages/template.h"

#include <stdexcept>

namespace schoolgate {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

// Length of the well-formed UTF-8 sequence (RFC 3629) at the front of `text`; 0 if there is none. `point` is
// its value.
std::size_t utf8_length(std::string_view text, char32_t& point) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xc2 ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
  if (length == 0 || length > text.size()) return 0;
  point = length == 1 ? first : first & (0xff >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    point = point << 6 | (byte(i) & 0x3f);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  return overlong || (point >= 0xd800 && point < 0xe000) || point > 0x10ffff ? 0 : length;
}

bool deceives(char32_t point) noexcept {
  return (point < 0x20 && point != '\n' && point != '\t') || (point >= 0x7f && point < 0xa0) ||
         point == 0x061c || point == 0x200e || point == 0x200f || (point >= 0x202a && point <= 0x202e) ||
         (point >= 0x2066 && point <= 0x2069);
}

// The tag at the front of `text`, which starts with "{{": its kind ('&', '#', '/' or ' ') and name. Moves
// past it.
std::pair<char, std::string_view> take_tag(std::string_view& text) {
  const std::size_t end = text.find("}}");
  if (end == std::string_view::npos) throw std::logic_error("template: a tag without an end");
  std::string_view name = text.substr(2, end - 2);
  text.remove_prefix(end + 2);
  char kind = ' ';
  if (!name.empty() && (name[0] == '&' || name[0] == '#' || name[0] == '/')) {
    kind = name[0];
    name.remove_prefix(1);
  }
  return {kind, name};
}

}  // namespace

std::string_view Values::get(std::string_view name) const noexcept {
  for (auto at = values_.rbegin(); at != values_.rend(); ++at)
    if (at->first == name) return at->second;
  return {};
}

std::string render_template(std::string_view text, const Values& values) {
  std::string out;
  std::vector<std::pair<std::string_view, bool>>
      open;  // sections around us, and whether what is in them is shown
  while (!text.empty()) {
    const std::size_t tag = text.find("{{");
    const bool shown = open.empty() || open.back().second;
    if (shown) out += text.substr(0, tag);
    if (tag == std::string_view::npos) break;
    text.remove_prefix(tag);
    const auto [kind, name] = take_tag(text);
    if (kind == '#') {
      open.emplace_back(name, shown && !values.get(name).empty());
    } else if (kind == '/') {
      if (open.empty() || open.back().first != name) throw std::logic_error("template: sections cross");
      open.pop_back();
    } else if (shown) {
      out += kind == '&' ? std::string(values.get(name)) : escape_html(values.get(name));
    }
  }
  if (!open.empty()) throw std::logic_error("template: a section without an end");
  return out;
}

std::optional<std::string> expand_text(std::string_view text, const Values& values) {
  std::string out;
  while (!text.empty()) {
    const std::size_t begin = text.find('{');
    const std::size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    if (end == std::string_view::npos) {
      out += text;
      break;
    }
    const std::string_view value = values.get(text.substr(begin + 1, end - begin - 1));
    if (value.empty()) return std::nullopt;
    out.append(text.substr(0, begin)).append(value);
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    char32_t point = 0;
    const std::size_t length = utf8_length(text, point);
    if (length == 0 || deceives(point))
      out += replacement;
    else if (point == '&')
      out += "&amp;";
    else if (point == '<')
      out += "&lt;";
    else if (point == '>')
      out += "&gt;";
    else if (point == '"')
      out += "&quot;";
    else if (point == '\'')
      out += "&#39;";
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace schoolgate
