// The list formats that schools have, one line at a time, with nothing skipped silently.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/diagnostic.h"
#include "rules/lists/line_look.h"
#include "rules/lists/list_format.h"
#include "rules/rule.h"

namespace schoolgate {

// Diagnostic codes of list files. A line's problem is a warning (the rest of the list works), a file's an
// error.
namespace list_code {
inline constexpr int bad_line = 2101, bad_utf8_line = 2102;
inline constexpr int binary = 2110, not_text = 2111, nothing_in_it = 2112, too_big = 2113, utf16 = 2114;
}  // namespace list_code

struct ListReport {
  std::uint64_t lines = 0;     // of the file
  std::uint64_t accepted = 0;  // entries; a line of a hosts file may hold several
  std::uint64_t invalid = 0;   // lines and, in hosts files, names
  std::array<std::uint64_t, ignored_reasons> ignored{};
  Diagnostics first_problems;  // the file's own error first, then at most 10 of the invalid lines, with line
                               // and column
  std::optional<OtherFormat> other_format;  // most lines are of it
};

// Feeds every accepted entry of `text` (a whole file's bytes, at most 4 GiB) to `sink`, each once. A text
// that holds NUL, or invalid UTF-8 in more than 1 % of its lines, comments apart, feeds nothing and gets an
// error for the whole file in `first_problems`; so does one without any entry. What the entries of the
// formats mean:
//   domains, hosts, adblock, dnsmasq: the host and all names below it, where the line says no less; an
//   address
//     itself. Of rpz, dstdomain, surge and clash the line says which.
//   urls: scheme and port do not matter; not the hosts below. adblock, e2guardian: those too.
//   expressions: any case, on the whole URL. They were written for squidGuard, which asks about the URL
//   without
//     scheme and "www.", so that each anchor "^" which no "http" follows means "after those" here.
ListReport parse_list(std::string_view text, ListFormat format, std::string_view file,
                      const std::function<void(RuleEntry&&)>& sink);

}  // namespace schoolgate
