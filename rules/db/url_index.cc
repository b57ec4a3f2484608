#include "rules/db/url_index.h"

#include <algorithm>
#include <utility>

namespace schoolgate {
namespace {

bool is_border(char c) noexcept {
  return std::string_view("/?&#;=").find(c) != std::string_view::npos;
}

// `count` values of type T, or an empty span and a bad reader.
template <class T>
std::span<const T> array(ByteReader& in, std::size_t count) noexcept {
  if (count > in.left() / sizeof(T)) in.skip(in.left() + 1);
  const auto bytes = in.bytes(count * sizeof(T));
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

}  // namespace

std::string_view without_www(std::string_view host) noexcept {
  if (!host.starts_with("www.")) return host;
  const std::string_view rest = host.substr(4);
  return rest.find('.') == std::string_view::npos ? host : rest;
}

UrlRuleText UrlRuleText::split(std::string_view text, bool open_end) {
  UrlRuleText out;
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  out.host = without_www(text.substr(0, end));
  out.www = out.host.size() != end;
  out.rest = text.substr(end);
  if (out.rest.starts_with('?')) out.rest.insert(0, 1, '/');
  if (!open_end && out.rest.find('?') == std::string::npos) {
    while (out.rest.ends_with('/')) out.rest.pop_back();
  }
  return out;
}

HostRelation host_relation(std::string_view url_host, std::string_view key) noexcept {
  if (key == without_www(url_host)) return HostRelation::same;
  const std::string_view before = url_host.substr(0, url_host.size() - key.size());
  return before.ends_with(".www.") ? HostRelation::below_www : HostRelation::below;
}

bool holds(const UrlItem& item, HostRelation relation) noexcept {
  if (relation == HostRelation::same) return true;
  if ((item.flags & UrlItem::subdomains) == 0) return false;
  return (item.flags & UrlItem::www) == 0 || relation == HostRelation::below_www;
}

bool ends_at_border(std::string_view path_and_query, std::string_view rest) noexcept {
  if (rest.empty() || path_and_query.size() == rest.size()) return true;
  // An escape that the match form keeps ("%00", "%3F") ends a name for some origins: "/secret%00.html" opens
  // "/secret" where file names are C strings; so does a blank where trailing ones are dropped.
  const char next = path_and_query[rest.size()];
  return is_border(next) || next == '%' || next == ' ' || is_border(rest.back());
}

std::uint32_t UrlIndexBuilder::add(std::string rest, const UrlItem& item) {
  rules_.push_back({std::move(rest), item});
  return static_cast<std::uint32_t>(rules_.size() - 1);
}

Bytes UrlIndexBuilder::build(std::span<const std::uint32_t> group_begin,
                             std::span<const std::uint32_t> group_rules, std::uint64_t& count) const {
  std::vector<std::uint32_t> groups;
  std::vector<UrlIndex::Prefix> prefixes;
  std::vector<UrlItem> items;
  std::string texts;
  const auto size32 = [](const auto& container) { return static_cast<std::uint32_t>(container.size()); };

  for (std::size_t g = 1; g < group_begin.size(); ++g) {
    groups.push_back(size32(prefixes));
    const auto range = group_rules.subspan(group_begin[g - 1], group_begin[g] - group_begin[g - 1]);
    std::vector<std::uint32_t> order(range.begin(), range.end());
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      const int compared = rules_[a].rest.compare(rules_[b].rest);
      return compared != 0 ? compared < 0 : a < b;
    });
    std::uint32_t previous = 0;  // number + 1 of the last prefix of the group
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::string& rest = rules_[order[i]].rest;
      if (i == 0 || rest != rules_[order[i - 1]].rest) {
        const auto prefix_text = [&](std::uint32_t at) {
          return std::string_view(texts).substr(prefixes[at].text, prefixes[at].length);
        };
        std::uint32_t parent = previous;
        while (parent != 0 && !rest.starts_with(prefix_text(parent - 1)))
          parent = prefixes[parent - 1].parent;
        prefixes.push_back({size32(texts), size32(rest), parent, size32(items)});
        texts += rest;
        previous = size32(prefixes);
      }
      items.push_back(rules_[order[i]].item);
    }
  }
  count = prefixes.size();
  groups.push_back(size32(prefixes));
  prefixes.push_back({size32(texts), 0, 0, size32(items)});

  Bytes out;
  for (const std::uint32_t n : {size32(groups), size32(prefixes), size32(items), size32(texts)}) put(out, n);
  put_bytes(out, std::as_bytes(std::span(groups)));
  put_bytes(out, std::as_bytes(std::span(prefixes)));
  put_bytes(out, std::as_bytes(std::span(items)));
  put_text(out, texts);
  return out;
}

std::optional<UrlIndex> UrlIndex::open(std::span<const std::byte> bytes) {
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % 4 != 0) return std::nullopt;
  ByteReader in(bytes);
  const auto group_count = in.fixed<std::uint32_t>(), prefix_count = in.fixed<std::uint32_t>();
  const auto item_count = in.fixed<std::uint32_t>(), text_size = in.fixed<std::uint32_t>();
  const auto groups = array<std::uint32_t>(in, group_count);
  const auto prefixes = array<Prefix>(in, prefix_count);
  const auto items = array<UrlItem>(in, item_count);
  const std::string_view texts = in.text(text_size);
  if (!in.ok() || groups.empty() || prefixes.empty()) return std::nullopt;
  for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
    if (groups[g] > groups[g + 1]) return std::nullopt;
  }
  if (groups.back() != prefixes.size() - 1 || prefixes.back().items > items.size()) return std::nullopt;
  for (std::size_t i = 0; i + 1 < prefixes.size(); ++i) {
    const Prefix& p = prefixes[i];
    if (p.text > texts.size() || p.length > texts.size() - p.text) return std::nullopt;
    // A parent comes before: no cycle.
    if (p.parent > i || p.items > prefixes[i + 1].items) return std::nullopt;
  }
  UrlIndex index;
  index.groups_ = groups;
  index.prefixes_ = prefixes;
  index.items_ = items;
  index.texts_ = texts;
  return index;
}

bool UrlIndex::may_hold(std::uint32_t group, HostRelation relation) const noexcept {
  if (!valid(group)) return false;
  const std::uint32_t first = prefixes_[groups_[group - 1]].items, end = prefixes_[groups_[group]].items;
  const auto of_group = items_.subspan(first, end - first);
  return std::any_of(of_group.begin(), of_group.end(),
                     [&](const UrlItem& item) { return holds(item, relation); });
}

std::uint32_t UrlIndex::last_not_after(std::uint32_t group, std::string_view path_and_query) const noexcept {
  if (!valid(group)) return 0;
  std::uint32_t low = groups_[group - 1], high = groups_[group];
  const std::uint32_t first = low;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (text(middle) <= path_and_query)
      low = middle + 1;
    else
      high = middle;
  }
  return low == first ? 0 : low;
}

}  // namespace schoolgate
