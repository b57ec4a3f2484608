// Two texts side by side: held against a way that can only be slow and right.
#include "tools/console/text_diff.h"

#include <catch2/catch.hpp>
#include <random>
#include <sstream>
#include <vector>

namespace schoolgate::tools {
namespace {

std::vector<std::string> lines_in(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// What `patch` would make of `before`; a line of context or removal that does not fit there fails the test.
std::string patched(const std::string& before, const std::string& diff) {
  const std::vector<std::string> old = lines_in(before);
  std::string out;
  std::size_t at = 0;
  for (const std::string& line : lines_in(diff)) {
    if (line.starts_with("@@ -")) {
      const std::size_t begin = std::stoul(line.substr(4)) - 1;
      for (; at < begin; ++at) out += old.at(at) + "\n";
      continue;
    }
    if (line[0] != '+') {
      REQUIRE(at < old.size());
      CHECK(old[at++] == line.substr(1));
    }
    if (line[0] != '-') out += line.substr(1) + "\n";
  }
  for (; at < old.size(); ++at) out += old[at] + "\n";
  return out;
}

TEST_CASE("differences are told as diff -U2 tells them", "[tools][text_diff]") {
  struct Row {
    const char *before, *after, *want;
  };
  const Row rows[] = {
      {"a\nb\n", "a\nb\n", ""},
      {"", "", ""},
      {"a\n", "b\n", "@@ -1,1 +1,1 @@\n-a\n+b\n"},
      {"1\n2\n3\n4\n5\n6\n7\n", "1\n2\n3\nx\n5\n6\n7\n", "@@ -2,5 +2,5 @@\n 2\n 3\n-4\n+x\n 5\n 6\n"},
      {"", "a\nb\n", "@@ -1,0 +1,2 @@\n+a\n+b\n"},
      {"a\nb\n", "b\n", "@@ -1,2 +1,1 @@\n-a\n b\n"},
      {"a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
       "@@ -1,3 +1,3 @@\n-a\n+A\n 1\n 2\n@@ -6,3 +6,3 @@\n 5\n 6\n-b\n+B\n"},
  };
  for (const Row& row : rows) CHECK(diff_texts(row.before, row.after).text == row.want);
  CHECK(diff_texts("a\nb\n", "b\nc\nd\n").removed == 1);
  CHECK(diff_texts("a\nb\n", "b\nc\nd\n").added == 2);
}

TEST_CASE("what differs makes the one text out of the other", "[tools][text_diff]") {
  std::mt19937 random(20261129);
  const auto text = [&] {
    std::string out;
    for (std::size_t n = random() % 30; n > 0; --n)
      out += std::string(1, static_cast<char>('a' + random() % 4)) + "\n";
    return out;
  };
  for (int i = 0; i < 2000; ++i) {
    const std::string before = text(), after = text();
    const TextDiff diff = diff_texts(before, after);
    CAPTURE(before, after, diff.text);
    REQUIRE(patched(before, diff.text) == after);
  }
  std::string much, other;
  for (int i = 0; i < 5000; ++i) much += std::to_string(i) + "\n", other += std::to_string(-i) + "\n";
  CHECK(patched(much, diff_texts(much, other).text) == other);
}

}  // namespace
}  // namespace schoolgate::tools
