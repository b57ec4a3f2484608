// A list's text parsed, and what came of it in a form that tests can write down.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/lists/list_parser.h"

namespace schoolgate::test {

// "bad.com" (with all below), "=bad.com" (alone), ".bad.com" (below alone), "bad.com/ad" and "bad.com/ad*"
// (open end), "=bad.com/ad" (no host below), "host:^ad", "url:..."; in front "@@" of an exception and "!" of
// what is important.
inline std::string described(const RuleEntry& entry) {
  std::string out = entry.exception ? "@@" : "";
  if (entry.important) out += '!';
  if (entry.kind == RuleKind::pattern) {
    constexpr std::string_view targets[] = {"host:", "path:", "query:", "url:"};
    return out.append(targets[static_cast<std::size_t>(entry.target)]) + entry.text;
  }
  if (!entry.subdomains) out += '=';
  if (!entry.itself) out += '.';
  return out + entry.text + (entry.open_end ? "*" : "");
}

struct Parsed {
  ListReport report;
  std::vector<std::string> entries;
  std::vector<std::uint32_t> lines;  // beside entries

  [[nodiscard]] std::uint64_t ignored(Ignored reason) const {
    return report.ignored[static_cast<std::size_t>(reason)];
  }
};

inline Parsed parsed(std::string_view text, ListFormat format) {
  Parsed out;
  out.report = parse_list(text, format, "list", [&](RuleEntry&& entry) {
    out.entries.push_back(described(entry));
    out.lines.push_back(entry.line);
  });
  return out;
}

// One line, and what must come of it.
struct LineRow {
  const char* line;
  std::vector<std::string> want;  // empty: ignored or invalid
  int ignored = -1;               // the reason; -1 with no entry: invalid
  std::uint32_t column = 0;       // of an invalid part
};

}  // namespace schoolgate::test
