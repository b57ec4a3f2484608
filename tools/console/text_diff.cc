#include "tools/console/text_diff.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace schoolgate::tools {
namespace {

constexpr std::size_t most_cells = 4'000'000;
constexpr std::size_t around = 2;  // lines that are the same, for people to find the place

using DiffLines = std::vector<std::string_view>;

DiffLines lines_of(std::string_view text) {
  DiffLines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

struct DiffStep {
  char kind;  // ' ', '-', '+'
  std::string_view line;
};

// By the longest common subsequence of what stands between the first and the last difference.
void add_middle(const DiffLines& a, const DiffLines& b, std::vector<DiffStep>& out) {
  if (a.size() * b.size() > most_cells) {
    for (const std::string_view line : a) out.push_back({'-', line});
    for (const std::string_view line : b) out.push_back({'+', line});
    return;
  }
  const std::size_t width = b.size() + 1;
  std::vector<std::uint32_t> longest((a.size() + 1) * width, 0);
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      longest[i * width + j] = a[i] == b[j]
                                   ? longest[(i + 1) * width + j + 1] + 1
                                   : std::max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      out.push_back({' ', a[i]});
      ++i, ++j;
    } else if (j == b.size() ||
               (i < a.size() && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
      out.push_back({'-', a[i++]});
    } else {
      out.push_back({'+', b[j++]});
    }
  }
}

std::vector<DiffStep> steps_between(const DiffLines& a, const DiffLines& b) {
  std::size_t head = 0, tail = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  while (tail < a.size() - head && tail < b.size() - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
    ++tail;
  const auto middle = [&](const DiffLines& lines) {
    return DiffLines(lines.begin() + static_cast<std::ptrdiff_t>(head),
                     lines.end() - static_cast<std::ptrdiff_t>(tail));
  };
  std::vector<DiffStep> steps;
  for (std::size_t i = 0; i < head; ++i) steps.push_back({' ', a[i]});
  add_middle(middle(a), middle(b), steps);
  for (std::size_t i = a.size() - tail; i < a.size(); ++i) steps.push_back({' ', a[i]});
  return steps;
}

std::string hunk_head(std::size_t a, std::size_t a_count, std::size_t b, std::size_t b_count) {
  return "@@ -" + std::to_string(a) + "," + std::to_string(a_count) + " +" + std::to_string(b) + "," +
         std::to_string(b_count) + " @@\n";
}

}  // namespace

TextDiff diff_texts(std::string_view before, std::string_view after) {
  TextDiff out;
  const std::vector<DiffStep> steps = steps_between(lines_of(before), lines_of(after));
  std::size_t a = 1, b = 1;  // the next line of each
  for (std::size_t i = 0; i < steps.size();) {
    if (steps[i].kind == ' ') {
      ++a, ++b, ++i;
      continue;
    }
    const std::size_t begin = i - std::min(i, around), before_hunk = i - begin;
    std::size_t end = i + 1, same = 0;  // behind the last difference of this hunk
    for (std::size_t at = i + 1; at < steps.size() && same <= 2 * around; ++at) {
      same = steps[at].kind == ' ' ? same + 1 : 0;
      if (same == 0) end = at + 1;
    }
    const std::size_t stop = std::min(end + around, steps.size());
    std::size_t a_count = 0, b_count = 0;
    std::string body;
    for (std::size_t at = begin; at < stop; ++at) {
      const char kind = steps[at].kind;
      a_count += kind != '+' ? 1 : 0;
      b_count += kind != '-' ? 1 : 0;
      out.removed += kind == '-' ? 1 : 0;
      out.added += kind == '+' ? 1 : 0;
      body.append(1, kind).append(steps[at].line).append("\n");
    }
    out.text += hunk_head(a - before_hunk, a_count, b - before_hunk, b_count) + body;
    a += a_count - before_hunk;
    b += b_count - before_hunk;
    i = stop;
  }
  return out;
}

}  // namespace schoolgate::tools
