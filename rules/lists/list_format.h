// The list formats, and why a line of one may be passed over.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "rules/message.h"

namespace schoolgate {

enum class ListFormat : std::uint8_t {
  domains,      // one name a line, "*.name" and ".name" too; '#' comments; covers the names below it
  urls,         // UT1/squidGuard `urls`: host/path prefixes
  expressions,  // UT1/squidGuard `expressions`: a regular expression a line, on the whole URL, any case
  hosts,        // hosts(5): address, names; any address, and "0"
  adblock,    // Adblock/AdGuard syntax about hosts and what lies below them: ||host^, ||host/path, @@||host^,
              // ||ads*.host^, /expression/, plain hosts; what narrows a rule makes it ignored
  patterns,   // "[host|path|query|url:] RE2", default url
  dnsmasq,    // address=/name/ with an empty or null address, local=/name/
  rpz,        // a response policy zone: "name CNAME .", "*.name CNAME .", rpz-passthru. as an exception
  dstdomain,  // Squid: ".name" with all below it, "name" alone
  e2guardian,  // lists of sites and of URLs; each file that .Include names is a list of its own
  surge,       // Surge's DOMAIN-SET: ".name" with all below it, "name" alone
  clash,       // Clash's domain sets: "+.name" with all below it, ".name" below alone, "name" alone
};
// What the configuration calls them, in that order.
inline constexpr std::array<std::string_view, 12> list_format_names{
    "domains", "urls", "expressions", "hosts",      "adblock", "patterns",
    "dnsmasq", "rpz",  "dstdomain",   "e2guardian", "surge",   "clash"};
[[nodiscard]] std::optional<ListFormat> parse_list_format(std::string_view name) noexcept;
[[nodiscard]] std::string_view to_string(ListFormat f) noexcept;

// In the order of the records of compiled lists: new ones at the end.
enum class Ignored : std::uint8_t {
  comment_or_blank,
  cosmetic_rule,
  path_rule,
  unsupported_option,
  local_name,
  duplicate_in_file,
  other_rule,
  takes_back,      // "$badfilter"
  taken_back,      // by such a rule of the same file
  too_broad,       // would hold nearly every site
  names_a_server,  // says where to ask for a name, or what else to answer: no block
  included_list,   // another file, read as a list of its own
};
inline constexpr std::size_t ignored_reasons = 12;
[[nodiscard]] Message message_of(Ignored reason);
[[nodiscard]] std::string_view to_string(Ignored reason) noexcept;  // in English

}  // namespace schoolgate
