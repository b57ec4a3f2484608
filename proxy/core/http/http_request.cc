// Request heads: RFC 9112 2, 3 and 6, with every choice towards refusal. proxy/core/http/README.md holds the
// table.
#include <algorithm>

#include "proxy/core/http/http_head.h"
#include "proxy/core/http/http_scan.h"
#include "rules/url/utf8.h"

namespace schoolgate {

using namespace http_scan;

namespace {

constexpr std::size_t max_leading_lines = 2;
constexpr std::size_t max_refused_authority = 300;

// Bytes of the empty lines a client may send before a request (RFC 9112 2.2), at most `limit` lines.
std::size_t leading_lines(std::string_view buffer, std::size_t limit) noexcept {
  std::size_t at = 0;
  for (std::size_t lines = 0; lines < limit; ++lines) {
    if (buffer.substr(at, 2) == "\r\n")
      at += 2;
    else if (buffer.substr(at, 1) == "\n")
      at += 1;
    else
      break;
  }
  return at;
}

// Digits after the last colon: a port of 0 to 65535, possibly empty ("host:" is legal).
bool valid_port(std::string_view port) noexcept {
  if (port.size() > 5) return false;
  std::uint32_t value = 0;
  for (const char c : port) {
    if (!is_digit(c)) return false;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return value <= 65535;
}

// unreserved and "%", RFC 3986 2.3
constexpr auto host_table = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~%"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

// uri-host [":" port] without lists, user-info and sub-delims. What it says is not used for routing (the
// target wins) unless the target has no authority; there Url checks it in full.
bool valid_host_value(std::string_view value) noexcept {
  if (value.empty() || value.size() > 300) return false;
  if (value.front() == '[') {
    const std::size_t close = value.find(']');
    if (close == std::string_view::npos || close < 3) return false;
    for (const char c : value.substr(1, close - 1)) {
      const char lower = static_cast<char>(c | 0x20);
      if (!is_digit(c) && !(lower >= 'a' && lower <= 'f') && c != ':' && c != '.') return false;
    }
    value.remove_prefix(close + 1);
    return value.empty() || (value.front() == ':' && valid_port(value.substr(1)));
  }
  const std::size_t colon = value.find(':');
  if (colon == 0 || (colon != std::string_view::npos && !valid_port(value.substr(colon + 1)))) return false;
  for (const char c : value.substr(0, colon))
    if (!host_table[static_cast<unsigned char>(c)]) return false;
  return true;
}

HeadError bad_request(std::string_view what) {
  return {400, what};
}

// "GET http://a.vn/ HTTP/1.1" CRLF. `at` moves past it.
Result<void, HeadError> scan_request_line(std::string_view head, std::size_t& at, RequestHead& out) {
  std::size_t i = at;
  while (i < head.size() && is_token_char(head[i])) ++i;
  out.method = head.substr(at, i - at);
  if (out.method.empty() || i >= head.size() || head[i] != ' ') return bad_request("bad_method");
  const std::size_t target = ++i;
  i = find_not_visible(head, i);
  out.target = head.substr(target, i - target);
  if (out.target.empty()) return bad_request("bad_target");
  if (i >= head.size() || head[i] != ' ') {
    const char c = i < head.size() ? head[i] : '\0';
    return bad_request(c == '\r' || c == '\n' ? "no_version" : "bad_target");
  }
  const std::string_view version = head.substr(++i, 8);
  if (version.substr(0, 5) != "HTTP/" || version.size() < 8 || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7]))
    return bad_request("bad_version");
  if (version[5] != '1' || version[7] > '1')
    return HeadError{505, out.method == "PRI" ? "http2_preface" : "version"};
  out.minor_version = static_cast<std::uint8_t>(version[7] - '0');
  i += 8;
  std::string_view what;
  if (!line_ends(head, i, what)) return bad_request(what == "control_character" ? "bad_version" : what);
  at = i + 2;
  return {};
}

Result<void, HeadError> check_method_and_target(RequestHead& out) {
  // In any case: some origins do not care, and IIS has a name of its own for it.
  if (equals(out.method, "trace") || equals(out.method, "track")) return HeadError{405, "trace"};
  if (out.method == "CONNECT")
    out.form = RequestHead::Form::authority;
  else if (out.target.front() == '/')
    out.form = RequestHead::Form::origin;
  else if (out.target != "*")
    out.form = RequestHead::Form::absolute;
  else if (out.method == "OPTIONS")
    out.form = RequestHead::Form::asterisk;
  else
    return bad_request("bad_target");
  return {};
}

// What the fields say together, gathered in one pass over them.
struct RequestFields {
  ConnectionOptions connection;
  std::uint8_t hosts = 0, lengths = 0, codings = 0, upgrades = 0, keys = 0;  // 2 = more than one
  bool websocket = false;
};

void count(std::uint8_t& counter) noexcept {
  counter = counter == 0 ? 1 : 2;
}

Result<void, HeadError> note_field(const HeaderField& field, RequestHead& out, RequestFields& seen) {
  switch (field.kind) {
    case FieldKind::host:
      count(seen.hosts);
      if (!valid_host_value(field.value)) return bad_request("bad_host");
      break;
    case FieldKind::content_length:
      count(seen.lengths);
      if (const auto length = parse_length(field.value))
        out.content_length = *length;
      else
        return bad_request("bad_content_length");
      break;
    case FieldKind::transfer_encoding:
      count(seen.codings);
      if (!equals(field.value, "chunked")) return bad_request("bad_transfer_encoding");
      break;
    case FieldKind::connection:
      add_connection_options(field.value, seen.connection);
      break;
    case FieldKind::expect:
      if (!equals(field.value, "100-continue")) return HeadError{417, "expect"};
      out.expect_continue = out.minor_version == 1;
      break;
    case FieldKind::upgrade:
      count(seen.upgrades);
      seen.websocket = equals(field.value, "websocket");
      break;
    case FieldKind::max_forwards:
      if (out.method == "OPTIONS")
        if (const auto left = parse_length(field.value)) out.max_forwards = left;
      break;
    case FieldKind::websocket_key:
      if (!field.value.empty()) count(seen.keys);
      break;
    default:
      break;
  }
  return {};
}

Result<void, HeadError> conclude(RequestHead& out, const RequestFields& seen) {
  if (seen.hosts > 1) return bad_request("two_hosts");
  if (seen.hosts == 0 && out.minor_version == 1) return bad_request("no_host");
  if (seen.lengths > 1) return bad_request("two_content_lengths");
  if (seen.codings > 1) return bad_request("bad_transfer_encoding");
  if (seen.codings != 0 && seen.lengths != 0) return bad_request("length_and_coding");
  if (seen.codings != 0 && out.minor_version == 0) return bad_request("coding_in_1_0");
  out.framing = seen.codings != 0 ? Framing::chunked : seen.lengths != 0 ? Framing::length : Framing::none;
  if (out.form == RequestHead::Form::authority) {
    if (out.framing == Framing::chunked || out.content_length != 0) return bad_request("connect_body");
    out.framing = Framing::none;
  }
  const bool body = out.framing == Framing::chunked || out.content_length != 0;
  if (!body) out.expect_continue = false;
  out.keep_alive = !seen.connection.close && out.minor_version == 1;  // RFC 9112 9.3: a proxy's 1.0 ends
  out.connection_names_fields = seen.connection.names_fields;
  out.upgrade_websocket = seen.connection.upgrade && seen.websocket && seen.upgrades == 1 && seen.keys == 1 &&
                          out.method == "GET" && out.minor_version == 1 && !body;
  return {};
}

}  // namespace

std::size_t find_head_end(std::string_view buffer, std::size_t from) noexcept {
  const std::size_t start = leading_lines(buffer, max_leading_lines);
  if (start > 0 && leading_lines(buffer, max_leading_lines + 1) > start)
    return leading_lines(buffer, max_leading_lines + 1);  // one empty line too many: the parser refuses it
  // The empty line may have begun up to two bytes before what is new.
  std::size_t at = from > start + 2 ? from - 2 : start;
  while (at < buffer.size()) {
    const void* found = std::memchr(buffer.data() + at, '\n', buffer.size() - at);
    if (found == nullptr) return 0;
    at = static_cast<std::size_t>(static_cast<const char*>(found) - buffer.data()) + 1;
    if (at < buffer.size() && buffer[at] == '\n') return at + 1;
    if (at + 1 < buffer.size() && buffer[at] == '\r' && buffer[at + 1] == '\n') return at + 2;
  }
  return 0;
}

bool hopeless_request(std::string_view buffer) {
  buffer.remove_prefix(leading_lines(buffer, max_leading_lines));
  if (buffer.empty() || buffer == "\r") return false;
  RequestHead head;
  std::size_t at = 0;
  const std::size_t line = buffer.find('\n');
  if (line != std::string_view::npos) {
    std::string first(buffer.substr(0, line + 1));
    return escape_target(first).failed() || scan_request_line(first, at, head).failed();
  }
  while (at < buffer.size() && is_token_char(buffer[at])) ++at;
  return at < buffer.size() && (at == 0 || buffer[at] != ' ');
}

Result<void, HeadError> parse_request_head(std::string_view head, RequestHead& out) {
  out.fields.clear();
  out.framing = Framing::none;
  out.content_length = 0;
  out.max_forwards.reset();
  out.keep_alive = out.expect_continue = out.upgrade_websocket = out.connection_names_fields = out.over_h2 =
      false;

  std::size_t at = leading_lines(head, max_leading_lines);
  const std::string_view leading = head.substr(0, at);
  if (!leading.empty() && leading != "\r\n" && leading != "\r\n\r\n") return bad_request("bare_lf");
  if (head.substr(at, 1) == "\r" || head.substr(at, 1) == "\n") return bad_request("empty_line");
  if (const auto line = scan_request_line(head, at, out); line.failed()) return line.error();
  if (const auto checked = check_method_and_target(out); checked.failed()) return checked.error();
  if (at < head.size() && is_blank(head[at])) return bad_request("leading_space");

  RequestFields seen;
  std::string_view what;
  while (at < head.size() && head[at] != '\r' && head[at] != '\n') {
    if (out.fields.size() == max_fields) return HeadError{431, "too_many_fields"};
    HeaderField& field = out.fields.emplace_back();
    if (!scan_field(head, at, false, field, what)) return bad_request(what);
    if (field.kind != FieldKind::other)
      if (const auto noted = note_field(field, out, seen); noted.failed()) return noted.error();
  }
  if (!line_ends(head, at, what)) return bad_request(what);
  if (at + 2 != head.size()) return bad_request("cut_head");
  return conclude(out, seen);
}

Result<void, HeadError> escape_target_text(std::string& target) {
  const auto is_ascii = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  };
  if (is_ascii(target)) return {};
  if (!is_utf8(target)) return bad_request("target_not_utf8");
  const std::size_t scheme = target.find("://");
  const bool absolute = target.front() != '/' && scheme != std::string::npos;
  const std::size_t path = absolute ? std::min(target.find_first_of("/?#\\", scheme + 3), target.size()) : 0;
  const bool has_path = absolute || target.front() == '/';
  if (!has_path || !is_ascii(std::string_view(target).substr(0, path))) return bad_request("host_not_ascii");
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string escaped;
  escaped.reserve(target.size() * 2);
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      escaped += c;
    } else {
      escaped.append("%").append(1, hex[byte >> 4]).append(1, hex[byte & 15]);
    }
  }
  target = std::move(escaped);
  return {};
}

Result<void, HeadError> escape_target(std::string& head) {
  const std::size_t start = leading_lines(head, max_leading_lines);
  const std::size_t end = std::min(head.find_first_of("\r\n", start), head.size());
  const auto first = head.begin() + static_cast<std::ptrdiff_t>(start);
  const auto last = head.begin() + static_cast<std::ptrdiff_t>(end);
  if (std::all_of(first, last, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return {};
  const std::size_t blank = std::min(head.find(' ', start), end);
  const std::size_t next = std::min(head.find(' ', std::min(blank + 1, end)), end);
  if (blank == end) return {};  // no target: the parser says so
  std::string target = head.substr(blank + 1, next - blank - 1);
  if (const auto escaped = escape_target_text(target); escaped.failed()) return escaped.error();
  head.replace(blank + 1, next - blank - 1, target);
  return {};
}

std::string host_of_refused(std::string_view head) {
  const auto host_of = [](std::string_view authority) {
    Url url;
    const bool good =
        authority.size() <= max_refused_authority && url.parse("http://" + std::string(authority) + "/").ok();
    return good ? url.host().text : std::string();
  };
  std::size_t end = std::min(head.find_first_of("\r\n"), head.size());
  std::string_view line = head.substr(0, end);
  const std::size_t blank = line.find(' ');
  if (blank != std::string_view::npos) {
    std::string_view target = line.substr(blank + 1);
    target = target.substr(0, target.find(' '));
    const std::size_t scheme = target.find("://");
    if (scheme != std::string_view::npos && target.find_first_of("/?#\\") == scheme + 1)
      target.remove_prefix(scheme + 3);
    if (target.empty() || target.front() != '/')
      if (std::string host = host_of(target.substr(0, target.find_first_of("/?#\\"))); !host.empty())
        return host;
  }
  while (end < head.size()) {
    const std::size_t begin = end + 1;
    end = std::min(head.find('\n', begin), head.size());
    line = head.substr(begin, end - begin);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !equals_any_case(line.substr(0, colon), "host")) continue;
    line.remove_prefix(colon + 1);
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    while (!line.empty() && (is_blank(line.back()) || line.back() == '\r')) line.remove_suffix(1);
    return host_of(line);
  }
  return {};
}

bool authenticates_connection(const RequestHead& head) noexcept {
  const std::string_view credentials = head.field("Authorization");
  const std::string_view scheme = credentials.substr(0, credentials.find(' '));
  return equals(scheme, "ntlm") || equals(scheme, "negotiate");
}

bool authenticates_connection(const ResponseHead& head) noexcept {
  bool asks = false;
  for (const HeaderField& field : head.fields) {
    if (!equals_any_case(field.name, "www-authenticate") &&
        !equals_any_case(field.name, "proxy-authenticate"))
      continue;
    each_member(field.value, [&asks](std::string_view challenge) {
      const std::string_view scheme = challenge.substr(0, challenge.find(' '));
      asks = asks || equals_any_case(scheme, "ntlm") || equals_any_case(scheme, "negotiate");
    });
  }
  return asks;
}

std::string_view RequestHead::field(std::string_view name) const noexcept {
  return find_field(fields, name);
}

}  // namespace schoolgate
