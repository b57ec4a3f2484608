#include "rules/lists/line_text.h"

#include <algorithm>

namespace schoolgate {

std::string_view line_at(std::string_view text, std::size_t offset) noexcept {
  return text.substr(offset, std::min(text.find('\n', offset), text.size()) - offset);
}

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string_view take_word(std::string_view& rest) noexcept {
  const std::size_t begin = std::min(rest.find_first_not_of(blanks), rest.size());
  const std::size_t end = std::min(rest.find_first_of(blanks, begin), rest.size());
  const std::string_view word = rest.substr(begin, end - begin);
  rest.remove_prefix(end);
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
