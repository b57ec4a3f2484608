#include "rules/lists/line_text.h"

#include <algorithm>

namespace schoolgate {

std::string_view line_at(std::string_view text, std::size_t offset) noexcept {
  return text.substr(offset, std::min(text.find('\n', offset), text.size()) - offset);
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string_view take_word(std::string_view& rest) noexcept {
  while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
  const std::string_view word = rest.substr(0, find_blank(rest));
  rest.remove_prefix(word.size());
  return word;
}

std::string_view without_comment(std::string_view line, char mark) noexcept {
  for (std::size_t at = line.find(mark); at != std::string_view::npos; at = line.find(mark, at + 1)) {
    if (at == 0 || is_blank(line[at - 1])) return trimmed(line.substr(0, at));
  }
  return line;
}

std::string_view parent_of(std::string_view name) noexcept {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

}  // namespace schoolgate
