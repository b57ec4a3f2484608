#include "proxy/core/http/http_scan.h"

namespace schoolgate::http_scan {

std::string_view find_field(const std::vector<HeaderField>& fields, std::string_view name) noexcept {
  for (const HeaderField& field : fields)
    if (equals_any_case(field.name, name)) return field.value;
  return {};
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): a table, each line counts as nested
FieldKind kind_of(std::string_view name) noexcept {
  switch (name.size()) {
    case 2:
      return equals(name, "te") ? FieldKind::hop_by_hop : FieldKind::other;
    case 3:
      return equals(name, "via") ? FieldKind::via : FieldKind::other;
    case 4:
      if (equals(name, "date")) return FieldKind::date;
      return equals(name, "host") ? FieldKind::host : FieldKind::other;
    case 6:
      return equals(name, "expect") ? FieldKind::expect : FieldKind::other;
    case 7:
      if (equals(name, "upgrade")) return FieldKind::upgrade;
      if (equals(name, "trailer")) return FieldKind::hop_by_hop;
      return equals(name, "alt-svc") ? FieldKind::alt_svc : FieldKind::other;
    case 10:
      if (equals(name, "connection")) return FieldKind::connection;
      return equals(name, "keep-alive") ? FieldKind::hop_by_hop : FieldKind::other;
    case 12:
      return equals(name, "max-forwards") ? FieldKind::max_forwards : FieldKind::other;
    case 13:
      return equals(name, "x-rewrite-url") ? FieldKind::other_url : FieldKind::other;
    case 14:
      if (equals(name, "content-length")) return FieldKind::content_length;
      if (equals(name, "x-original-url") || equals(name, "x-override-url")) return FieldKind::other_url;
      return equals(name, "http2-settings") ? FieldKind::hop_by_hop : FieldKind::other;
    case 16:
      return equals(name, "proxy-connection") ? FieldKind::hop_by_hop : FieldKind::other;
    case 17:
      if (equals(name, "transfer-encoding")) return FieldKind::transfer_encoding;
      return equals(name, "sec-websocket-key") ? FieldKind::websocket_key : FieldKind::other;
    case 18:
      if (equals(name, "proxy-authenticate")) return FieldKind::hop_by_hop;
      return equals(name, "alternate-protocol") ? FieldKind::alt_svc : FieldKind::other;
    case 19:
      return equals(name, "proxy-authorization") ? FieldKind::hop_by_hop : FieldKind::other;
    case 25:
      return equals(name, "proxy-authentication-info") ? FieldKind::hop_by_hop : FieldKind::other;
    default:
      return FieldKind::other;
  }
}

bool line_ends(std::string_view head, std::size_t at, std::string_view& what) noexcept {
  if (at + 1 < head.size() && head[at] == '\r' && head[at + 1] == '\n') return true;
  if (at >= head.size())
    what = "cut_head";
  else if (head[at] == '\r')
    what = "bare_cr";
  else if (head[at] == '\n')
    what = "bare_lf";
  else
    what = "control_character";
  return false;
}

bool scan_field(std::string_view head, std::size_t& at, bool space_before_colon, HeaderField& field,
                std::string_view& what) noexcept {
  const std::size_t begin = at;
  std::size_t i = begin;
  while (i < head.size() && is_token_char(head[i])) ++i;
  field.name = head.substr(begin, i - begin);
  const std::size_t name_end = i;
  if (space_before_colon)
    while (i < head.size() && is_blank(head[i])) ++i;
  if (i >= head.size() || head[i] != ':') {
    if (i < head.size() && is_blank(head[i]))
      what = i == begin ? "obs_fold" : "space_in_name";
    else if (i < head.size() && (head[i] == '\r' || head[i] == '\n'))
      what = line_ends(head, i, what) ? "no_colon" : what;
    else
      what = "bad_name";
    return false;
  }
  if (name_end == begin) {
    what = "empty_name";
    return false;
  }
  ++i;
  while (i < head.size() && is_blank(head[i])) ++i;
  const std::size_t value = i;
  i = find_control(head, i);
  while (i < head.size() && head[i] == '\t') i = find_control(head, i + 1);
  if (!line_ends(head, i, what)) return false;
  at = i + 2;
  while (i > value && is_blank(head[i - 1])) --i;
  field.value = head.substr(value, i - value);
  field.kind = kind_of(field.name);
  if (name_end != begin && space_before_colon && head[name_end] != ':' &&
      (field.kind == FieldKind::content_length || field.kind == FieldKind::transfer_encoding)) {
    what = "space_in_name";  // harmless elsewhere, but not where it decides what the body is
    return false;
  }
  return true;
}

std::optional<std::uint64_t> parse_length(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  constexpr std::uint64_t limit = 0x7fffffffffffffff;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (limit - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

void add_connection_options(std::string_view value, ConnectionOptions& out) noexcept {
  each_member(value, [&out](std::string_view option) {
    if (equals(option, "close"))
      out.close = true;
    else if (equals(option, "keep-alive"))
      out.keep_alive = true;
    else if (equals(option, "upgrade"))
      out.upgrade = true;
    else
      out.names_fields = true;
  });
}

}  // namespace schoolgate::http_scan
