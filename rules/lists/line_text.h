// Lines and words of list files.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace schoolgate {

inline constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
inline constexpr std::string_view blanks = " \t\r\v\f";

[[nodiscard]] constexpr bool is_blank(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n');
}
static_assert(std::all_of(blanks.begin(), blanks.end(), is_blank) && !is_blank('\n'));
// Where the first blank of `text` is; its size: there is none.
[[nodiscard]] inline std::size_t find_blank(std::string_view text) noexcept {
  const auto at = std::find_if(text.begin(), text.end(), [](char c) { return is_blank(c); });
  return static_cast<std::size_t>(at - text.begin());
}
[[nodiscard]] std::string_view line_at(std::string_view text,
                                       std::size_t offset) noexcept;     // without its end
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;  // blanks, tabs, carriage returns
[[nodiscard]] std::string lower_case(std::string_view text);             // ASCII

// The first word of `rest`, taken off it; empty when there is none.
std::string_view take_word(std::string_view& rest) noexcept;

// Without a comment that `mark` begins, at the start or behind a blank.
[[nodiscard]] std::string_view without_comment(std::string_view line, char mark) noexcept;

// Calls take(line) for each line that holds `word`, without blanks at its ends, until it says false.
template <class Take>
void each_line_with(std::string_view text, std::string_view word, Take&& take) {
  for (std::size_t at = text.find(word); at != std::string_view::npos;) {
    const std::size_t before = text.rfind('\n', at);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    std::string_view line = line_at(text, begin);
    at = text.find(word, begin + line.size());
    if (begin == 0 && line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
    if (!take(trimmed(line))) return;
  }
}

// Of "www.example.com": "example.com", "com", "".
[[nodiscard]] std::string_view parent_of(std::string_view name) noexcept;

// Lines of a text, without their ends.
class TextLines {
 public:
  explicit TextLines(std::string_view text) noexcept : text_(text) {
    if (text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
  }
  bool next(std::string_view& line) noexcept {
    if (at_ >= text_.size()) return false;
    line = line_at(text_, at_);
    at_ += line.size() + 1;
    return true;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace schoolgate
