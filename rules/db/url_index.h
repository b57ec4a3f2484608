// The URL rules of each host: path prefixes in sorted order, each with its longest proper prefix among them,
// so that one binary search and a walk up find all that hold a path. The bytes are drawn in
// rules/db/README.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/bytes/byte_io.h"

namespace schoolgate {

// "host/path?query" taken apart. A leading "www." is not part of the key, as squidGuard has it, unless a
// top-level domain would be left; a trailing slash of the path means nothing.
struct UrlRuleText {
  std::string_view host;  // without "www."
  bool www = false;       // it had one
  std::string rest;       // "" or "/path?query"

  // Of an open end a trailing slash is a part like any other.
  [[nodiscard]] static UrlRuleText split(std::string_view text, bool open_end = false);
};
// The host without a leading "www.".
[[nodiscard]] std::string_view without_www(std::string_view host) noexcept;

// One rule of a prefix.
struct UrlItem {
  std::uint32_t tag = 0, line = 0;
  std::uint32_t flags = 0;
  static constexpr std::uint32_t exception = 1, subdomains = 2, www = 4, important = 8, open_end = 16;
};

// What lies between the host a rule names and the host of a URL.
enum class HostRelation : std::uint8_t {
  same,       // equal, a leading "www." of either apart
  below_www,  // below the key with "www." before it
  below,      // below it elsewhere
};
[[nodiscard]] HostRelation host_relation(std::string_view url_host, std::string_view key) noexcept;
[[nodiscard]] bool holds(const UrlItem& item, HostRelation relation) noexcept;

// The rest of a rule ends at a border of the path that begins with it.
[[nodiscard]] bool ends_at_border(std::string_view path_and_query, std::string_view rest) noexcept;

class UrlIndexBuilder {
 public:
  std::uint32_t add(std::string rest, const UrlItem& item);  // the number of the rule
  // Groups as DomainSections gives them. `count`: of distinct prefixes.
  [[nodiscard]] Bytes build(std::span<const std::uint32_t> group_begin,
                            std::span<const std::uint32_t> group_rules, std::uint64_t& count) const;
  [[nodiscard]] bool empty() const noexcept { return rules_.empty(); }

 private:
  struct Rule {
    std::string rest;
    UrlItem item;
  };
  std::vector<Rule> rules_;
};

// Threads: immutable. A view on bytes that outlive it.
class UrlIndex {
 public:
  struct Prefix {
    std::uint32_t text, length;  // in the texts
    std::uint32_t parent;        // number + 1 of the longest proper prefix in the group, 0 = none
    std::uint32_t items;         // the first; the next prefix's first ends them
  };

  // Nullopt: the bytes are no URL section. Checks every number in it, so that nothing below has to.
  [[nodiscard]] static std::optional<UrlIndex> open(std::span<const std::byte> bytes);

  // Calls take(rest, items, at_border) for each prefix of `group` with which `path_and_query` begins, longest
  // first. Where it does not end at a border only items with an open end hold.
  template <class Take>
  void match(std::uint32_t group, std::string_view path_and_query, Take&& take) const {
    for (std::uint32_t at = last_not_after(group, path_and_query); at != 0; at = prefixes_[at - 1].parent) {
      const std::string_view rest = text(at - 1);
      if (path_and_query.starts_with(rest)) take(rest, items(at - 1), ends_at_border(path_and_query, rest));
    }
  }
  template <class Take>
  void all(std::uint32_t group, Take&& take) const {
    if (!valid(group)) return;
    for (std::uint32_t at = groups_[group - 1]; at < groups_[group]; ++at) take(text(at), items(at));
  }
  // Some rule of the group holds some URL of such a host.
  [[nodiscard]] bool may_hold(std::uint32_t group, HostRelation relation) const noexcept;
  [[nodiscard]] bool valid(std::uint32_t group) const noexcept { return group > 0 && group < groups_.size(); }

 private:
  // Number + 1 of the last prefix in the group that does not sort after `path_and_query`; 0 = none. All
  // prefixes of a text sort before it, and each is a prefix of every other one between them and the text.
  [[nodiscard]] std::uint32_t last_not_after(std::uint32_t group,
                                             std::string_view path_and_query) const noexcept;
  [[nodiscard]] std::string_view text(std::uint32_t at) const noexcept {
    return texts_.substr(prefixes_[at].text, prefixes_[at].length);
  }
  [[nodiscard]] std::span<const UrlItem> items(std::uint32_t at) const noexcept {
    return items_.subspan(prefixes_[at].items, prefixes_[at + 1].items - prefixes_[at].items);
  }

  std::span<const std::uint32_t> groups_;  // first prefix of each group, and the end of the last
  std::span<const Prefix> prefixes_;       // and one more, the end of the items
  std::span<const UrlItem> items_;
  std::string_view texts_;
};

}  // namespace schoolgate
