// A rule of a list or of a policy, as its author wrote it: the word that parsers, database, patterns and
// wrappers share.
//
// A rule carries a tag: a number its builder gave it (for lists the index of the list; for the lines of a
// policy the index of the line). A look-up yields the tags of every rule that holds a URL; what a tag
// means is the caller's business.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace schoolgate {

using Tag = std::uint32_t;

enum class RuleKind : std::uint8_t { domain, url, pattern, network };
enum class PatternTarget : std::uint8_t { host, path, query, url };  // url = whole match form

// One rule as its author wrote it. Made by the list parser and by the policy reader.
struct RuleEntry {
  RuleKind kind = RuleKind::domain;
  bool exception = false;  // "@@": lifts the tag's rules for what it holds
  bool important = false;  // only an important exception lifts it
  bool subdomains = true;  // domain, url: hosts below the named one too (`urls` lists: no, as squidGuard)
  bool itself = true;      // domain: the named host too; false: only those below it
  bool open_end = false;   // url: its text may end within a name of the path: "/ad" holds "/adverts"
  bool case_sensitive = false;  // patterns
  PatternTarget target = PatternTarget::url;
  std::string text;        // domain: canonical host; url: "host/path?query" in match form, lower case;
                           // pattern: RE2 source; network: Network::cidr()
  std::uint32_t line = 0;  // in its source
};

// The host that an entry holds as a whole: that of a domain, or of a URL without a path. "" for every other.
[[nodiscard]] std::string_view whole_host(const RuleEntry& entry) noexcept;

enum class Stage : std::uint8_t {
  host,     // only the host is known (CONNECT, SNI): domain rules and host patterns
  request,  // the whole URL
};

}  // namespace schoolgate
