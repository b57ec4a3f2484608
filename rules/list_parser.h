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
#include "rules/rule_db.h"

namespace schoolgate {

enum class ListFormat : std::uint8_t {
  domains,      // one name a line, "*.name" and ".name" too; '#' comments; covers the names below it
  urls,         // UT1/squidGuard `urls`: host/path prefixes
  expressions,  // UT1/squidGuard `expressions`: a regular expression a line, on the whole URL, any case
  hosts,        // hosts(5): address, names
  adblock,      // the domain part of Adblock/AdGuard syntax: ||host^, @@||host^, plain hosts; the rest is ignored
  patterns,     // "[host|path|query|url:] RE2", default url
};
[[nodiscard]] std::optional<ListFormat> parse_list_format(std::string_view name) noexcept;
[[nodiscard]] std::string_view to_string(ListFormat f) noexcept;

enum class Ignored : std::uint8_t {
  comment_or_blank, cosmetic_rule, path_rule, unsupported_option, local_name, duplicate_in_file, other_rule,
};
inline constexpr std::size_t ignored_reasons = 7;
[[nodiscard]] std::string_view to_string(Ignored reason) noexcept;

struct ListReport {
  std::uint64_t lines = 0, accepted = 0, invalid = 0;
  std::array<std::uint64_t, ignored_reasons> ignored{};
  Diagnostics first_problems;  // at most 10 of the invalid lines, with line and column
};

// Feeds every accepted entry of `text` (a whole file's bytes) to `sink`. A text that holds NUL or more than 1 %
// invalid UTF-8 lines, or no entry at all, gets an error diagnostic for the whole file in `first_problems`.
ListReport parse_list(std::string_view text, ListFormat format, std::string_view file,
                      const std::function<void(RuleEntry&&)>& sink);

}  // namespace schoolgate
