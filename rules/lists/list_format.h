// The list formats, and why a line of one may be passed over.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace schoolgate {

enum class ListFormat : std::uint8_t {
  domains,      // one name a line, "*.name" and ".name" too; '#' comments; covers the names below it
  urls,         // UT1/squidGuard `urls`: host/path prefixes
  expressions,  // UT1/squidGuard `expressions`: a regular expression a line, on the whole URL, any case
  hosts,        // hosts(5): address, names
  adblock,  // the domain part of Adblock/AdGuard syntax: ||host^, @@||host^, plain hosts; the rest is ignored
  patterns,  // "[host|path|query|url:] RE2", default url
};
// What the configuration calls them, in that order.
inline constexpr std::array<std::string_view, 6> list_format_names{"domains", "urls",    "expressions",
                                                                   "hosts",   "adblock", "patterns"};
[[nodiscard]] std::optional<ListFormat> parse_list_format(std::string_view name) noexcept;
[[nodiscard]] std::string_view to_string(ListFormat f) noexcept;

enum class Ignored : std::uint8_t {
  comment_or_blank,
  cosmetic_rule,
  path_rule,
  unsupported_option,
  local_name,
  duplicate_in_file,
  other_rule,
};
inline constexpr std::size_t ignored_reasons = 7;
[[nodiscard]] std::string_view to_string(Ignored reason) noexcept;

}  // namespace schoolgate
