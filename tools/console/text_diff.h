// Two texts side by side, line by line, for people.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace schoolgate::tools {

struct TextDiff {
  std::string text;  // as `diff -U2` prints it, without the lines that name the files; "" = the same
  std::size_t removed = 0, added = 0;  // lines
};
// The fewest lines that differ; of texts that differ in thousands of lines, all between the first and the
// last.
[[nodiscard]] TextDiff diff_texts(std::string_view before, std::string_view after);

}  // namespace schoolgate::tools
