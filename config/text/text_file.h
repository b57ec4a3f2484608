// Reading the files that people write, and remembering their text so that a diagnostic can show its line.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rules/diagnostic.h"
#include "rules/result.h"

namespace schoolgate {

// A whole regular file. Errors name the reason ("no such file", "permission denied", "larger than 4 MiB",
// "a folder, not a file"), without the path.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::uint64_t max_bytes);

// The same of a file in a folder where others than root and this process's user may write, as teachers may in
// tiers.d: a link that belongs to neither is not followed, for it could lead to what they may not read.
[[nodiscard]] Result<std::string> read_trusted_file(const std::string& path, std::uint64_t max_bytes);

// Offset of the first byte that is not well-formed UTF-8 (RFC 3629), or npos.
[[nodiscard]] std::size_t first_bad_utf8(std::string_view text) noexcept;

// Line and column (bytes, from 1) of an offset.
[[nodiscard]] SourcePos place_of(std::string_view text, std::size_t offset) noexcept;

// The lines of a text that hold something, without blanks at their ends: `take(line, number)`, from 1.
template <class Take>
void for_each_line(std::string_view text, Take&& take) {
  constexpr std::string_view blanks = " \t\r";
  std::uint32_t number = 0;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::string_view line = text.substr(start, end - start);
    start = end + 1;
    ++number;
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    line = line.substr(0, line.find_last_not_of(blanks) + 1);
    if (!line.empty()) take(line, number);
  }
}

// "/etc/schoolgate" + "lists/x" -> "/etc/schoolgate/lists/x"; an absolute path stays. "." parts are dropped.
[[nodiscard]] std::string join_path(std::string_view folder, std::string_view path);
[[nodiscard]] std::string folder_of(std::string_view path);  // "" for a bare name
[[nodiscard]] std::string base_name(std::string_view path);

// The texts of the files that were read, by the name that diagnostics use.
class SourceTexts {
 public:
  void add(const std::string& file, std::string text);
  [[nodiscard]] std::string line(const std::string& file, std::uint32_t number) const;  // "" if unknown

 private:
  struct Text {
    std::string bytes;
    std::vector<std::size_t> lines;  // where each begins
  };
  std::map<std::string, Text> texts_;
};

// All diagnostics as text, each with its source line.
[[nodiscard]] std::string render(const Diagnostics& diagnostics, const SourceTexts& texts,
                                 Catalogue catalogue, bool colour);
// By file, place, code; errors before warnings at one place.
void sort_by_place(Diagnostics& diagnostics);

}  // namespace schoolgate
