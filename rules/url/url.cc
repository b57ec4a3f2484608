#include "rules/url/url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "rules/url/host_scan.h"
#include "rules/url/url_path.h"
#include "rules/url/url_scan.h"
#include "rules/url/utf8.h"

namespace schoolgate {
namespace {

constexpr std::string_view http_prefix = "http://", https_prefix = "https://";

std::string_view prefix_of(Scheme s) noexcept {
  return s == Scheme::http ? http_prefix : https_prefix;
}

bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x21 || c == 0x7f;
}
bool is_ascii(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x80;
}

Result<void, UrlError> check_bytes(std::string_view raw) noexcept {
  for (const char c : raw) {
    if (is_control(c)) return UrlError::control_character;
    if (!is_ascii(c)) return UrlError::non_ascii;
  }
  return {};
}

bool starts_with_any_case(std::string_view text, std::string_view lower) noexcept {
  return text.size() >= lower.size() &&
         std::equal(lower.begin(), lower.end(), text.begin(), [](char want, char c) {
           return want == (c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
         });
}

// Digits, 1 to 65535; leading zeros are a spelling that browsers accept.
std::optional<std::uint16_t> parse_port(std::string_view digits) noexcept {
  std::uint32_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
    if (value > 0xffff) return std::nullopt;
  }
  if (value == 0) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

void append_escape(std::string& out, unsigned char c) {
  out += {'%', upper_hex[c >> 4], upper_hex[c & 15]};
}

// What decode_escapes() left to do where bytes outside ASCII came out: those that are no UTF-8, or are
// C1 control characters, are encoded again.
void append_valid_utf8(std::string& out, std::string_view decoded) {
  for (std::size_t at = 0; at < decoded.size();) {
    const Utf8Char c = utf8_at(decoded, at);
    const std::size_t bytes = std::max<std::size_t>(c.bytes, 1);
    const bool encode = c.bytes == 0 || (c.value >= 0x80 && c.value <= 0x9f);
    for (std::size_t i = at; i < at + bytes; ++i)
      if (encode)
        append_escape(out, static_cast<unsigned char>(decoded[i]));
      else
        out.push_back(decoded[i]);
    at += bytes;
  }
}

}  // namespace

std::uint16_t default_port(Scheme s) noexcept {
  return s == Scheme::http ? 80 : 443;
}

std::string_view to_string(Scheme s) noexcept {
  return s == Scheme::http ? "http" : "https";
}

void Url::clear() noexcept {
  scheme_ = Scheme::http;
  has_path_ = false;
  match_is_forward_ = lower_is_match_ = true;
  port_ = 0;
  authority_begin_ = 0;
  forward_parts_ = match_parts_ = lower_parts_ = {};
  host_.kind = Host::Kind::name;
  host_.canonical_spelling = true;
  host_.address = {};
  host_.text.clear();
  forward_.clear();
}

Result<void, UrlError> Url::parse(std::string_view absolute) {
  Result<void, UrlError> parsed;
  if (absolute.empty()) {
    parsed = UrlError::empty;
  } else if (absolute.size() > max_length) {
    parsed = UrlError::too_long;
  } else {
    const std::size_t size = absolute.size();
    forward_.resize(size + ByteBlock::size);  // so that whole blocks may be read
    absolute.copy(forward_.data(), size);
    std::memset(forward_.data() + size, 0, ByteBlock::size);
    if (parse_plain(absolute)) return {};
    forward_.resize(size);
    scratch_.swap(forward_);
    parsed = parse_carefully(scratch_);
  }
  if (parsed.failed()) clear();
  return parsed;
}

// The way of nearly every request. `forward_` holds `absolute` and a padding; true: it is the forward
// form as it stands, and all members are set. False: nothing is promised, parse_carefully() decides.
bool Url::parse_plain(std::string_view absolute) {
  const std::size_t size = absolute.size();
  const char* const text = forward_.data();
  std::size_t host_begin = 0;
  if (std::memcmp(text, http_prefix.data(), http_prefix.size()) == 0) {
    scheme_ = Scheme::http;
    host_begin = http_prefix.size();
  } else if (std::memcmp(text, https_prefix.data(), https_prefix.size()) == 0) {
    scheme_ = Scheme::https;
    host_begin = https_prefix.size();
  } else {
    return false;
  }
  const char* const host = text + host_begin;
  // Where it can be, from where it lay before: what was just written is slow to read.
  const bool long_enough = size >= host_begin + ByteBlock::size;
  const HostScan scan = long_enough ? scan_host(absolute.substr(host_begin)) : scan_host(host);
  const std::size_t path_begin = host_begin + scan.length;
  if (text[path_begin] != '/') return false;
  const TargetScan target = scan_target(text + path_begin, size - path_begin);
  if (target.bad_byte || target.fragment || target.dot_segment) return false;
  if (is_plain_host(scan, host)) {
    host_.kind = Host::Kind::name;
    host_.canonical_spelling = true;
    host_.address = {};
    host_.text.assign(host, scan.length);
  } else {
    const std::string_view raw(host, scan.length);
    if (parse_host(raw, host_).failed() || host_.text != raw) return false;
  }
  has_path_ = true;
  port_ = default_port(scheme_);
  authority_begin_ = static_cast<std::uint32_t>(host_begin);
  forward_parts_ = {static_cast<std::uint32_t>(path_begin),
                    static_cast<std::uint32_t>(path_begin + target.query)};
  fold(size, target);
  forward_.resize(size);
  return true;
}

Result<void, UrlError> Url::parse_carefully(std::string_view raw) {
  if (const auto bytes = check_bytes(raw); bytes.failed()) return bytes.error();
  if (starts_with_any_case(raw, http_prefix))
    scheme_ = Scheme::http;
  else if (starts_with_any_case(raw, https_prefix))
    scheme_ = Scheme::https;
  else
    return UrlError::bad_scheme;
  raw.remove_prefix(prefix_of(scheme_).size());
  const std::size_t authority_end = std::min(raw.find_first_of("/?#"), raw.size());
  const auto host_and_port = parse_host_and_port(raw.substr(0, authority_end), false);
  if (host_and_port.failed()) return host_and_port.error();
  raw.remove_prefix(authority_end);
  has_path_ = true;
  write_origin();
  write_target(raw.substr(0, raw.find('#')));
  return {};
}

// The way of nearly every CONNECT: "plain.host:443". False: nothing is promised.
bool Url::parse_plain_authority(std::string_view authority) {
  constexpr std::string_view port = ":443";
  const std::size_t begin = https_prefix.size();
  if (authority.size() >= HostScan::limit + port.size() || !authority.ends_with(port)) return false;
  const std::string_view host = authority.substr(0, authority.size() - port.size());
  char padded[ByteBlock::size] = {};
  const bool is_short = authority.size() < sizeof padded;
  if (is_short) authority.copy(padded, sizeof padded);
  const HostScan scan = scan_host(is_short ? std::string_view(padded, sizeof padded) : authority);
  if (scan.length != host.size() || !is_plain_host(scan, host.data())) return false;
  host_.kind = Host::Kind::name;
  host_.canonical_spelling = true;
  host_.address = {};
  host_.text.assign(host);
  scheme_ = Scheme::https;
  port_ = default_port(scheme_);
  has_path_ = false;
  match_is_forward_ = lower_is_match_ = true;
  authority_begin_ = static_cast<std::uint32_t>(begin);
  const std::size_t path = begin + host.size();
  forward_.resize(path + 1);
  https_prefix.copy(forward_.data(), begin);
  host.copy(forward_.data() + begin, host.size());
  forward_[path] = '/';
  forward_parts_ = {static_cast<std::uint32_t>(path), static_cast<std::uint32_t>(path + 1)};
  match_parts_ = lower_parts_ = forward_parts_;
  return true;
}

Result<void, UrlError> Url::parse_authority(std::string_view authority) {
  if (parse_plain_authority(authority)) return {};
  Result<void, UrlError> parsed;
  if (authority.empty())
    parsed = UrlError::empty;
  else if (authority.size() > max_length)
    parsed = UrlError::too_long;
  else
    parsed = check_bytes(authority);
  scheme_ = Scheme::https;
  if (parsed.ok()) parsed = parse_host_and_port(authority, true);
  if (parsed.failed()) {
    clear();
    return parsed;
  }
  has_path_ = false;
  if (port_ == default_port(Scheme::http)) scheme_ = Scheme::http;
  write_origin();
  write_target("/");
  return {};
}

// RFC 3986 3.2, user-info apart. An empty port is the default one, where a port is not required.
Result<void, UrlError> Url::parse_host_and_port(std::string_view authority, bool port_required) {
  if (authority.find('@') != std::string_view::npos) return UrlError::user_info;
  std::size_t host_end = std::min(authority.find(':'), authority.size());
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return UrlError::bad_address;
    host_end = bracket + 1;
  }
  if (const auto host = parse_host(authority.substr(0, host_end), host_); host.failed()) return host.error();
  std::string_view port = authority.substr(host_end);
  if (!port.empty() && port.front() != ':') return UrlError::bad_host;
  if (!port.empty()) port.remove_prefix(1);
  if (port.empty()) {
    if (port_required) return UrlError::no_port;
    port_ = default_port(scheme_);
    return {};
  }
  const std::optional<std::uint16_t> value = parse_port(port);
  if (!value) return UrlError::bad_port;
  port_ = *value;
  return {};
}

void Url::write_origin() {
  forward_.assign(prefix_of(scheme_));
  authority_begin_ = static_cast<std::uint32_t>(forward_.size());
  const bool brackets = host_.kind == Host::Kind::ipv6;
  if (brackets) forward_ += '[';
  forward_ += host_.text;
  if (brackets) forward_ += ']';
  if (port_ == default_port(scheme_)) return;
  std::array<char, 8> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), port_).ptr;
  forward_ += ':';
  forward_.append(digits.data(), end);
}

// Path and query, the path perhaps empty, without a fragment.
void Url::write_target(std::string_view target) {
  const std::size_t begin = forward_.size();
  const std::size_t query = std::min(target.find('?'), target.size());
  const std::string_view path = query == 0 ? std::string_view("/") : target.substr(0, query);
  forward_.resize(begin + path.size());
  forward_.resize(begin + remove_dot_segments(path, PathStyle::forward, forward_.data() + begin));
  const std::size_t query_begin = forward_.size();
  forward_ += target.substr(query);
  const std::size_t size = forward_.size();
  forward_.append(ByteBlock::size, '\0');
  const TargetScan scan = scan_target(forward_.data() + begin, size - begin);
  forward_parts_ = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(query_begin)};
  fold(size, scan);
  forward_.resize(size);
}

// `forward_` is longer than its text by a padding, which the caller takes off.
void Url::fold(std::size_t size, const TargetScan& scan) {
  const Parts& parts = forward_parts_;
  match_is_forward_ = !scan.path_folds && !scan.query_folds;
  match_parts_ = parts;
  lower_is_match_ = match_is_forward_ && !scan.upper;
  if (!match_is_forward_) {
    const std::string_view forward(forward_.data(), size);
    match_.assign(forward.substr(0, scan.path_folds ? parts.path : parts.query));
    if (scan.path_folds) append_match(forward.substr(parts.path, parts.query - parts.path), true);
    match_parts_.query = static_cast<std::uint32_t>(match_.size());
    append_match(forward.substr(parts.query), false);
  }
  lower_parts_ = match_parts_;
  if (lower_is_match_) return;
  const std::string_view match =
      match_is_forward_ ? std::string_view(forward_.data(), size) : std::string_view(match_);
  match_lower_.clear();
  append_folded(match_lower_, match);
  // A "?" of the path is "%3F" in the match form, so the first one is the border again.
  lower_parts_.query = static_cast<std::uint32_t>(std::min(match_lower_.find('?'), match_lower_.size()));
}

// ByteBlock::size bytes past `encoded` can be read.
void Url::append_match(std::string_view encoded, bool is_path) {
  const std::size_t begin = match_.size();
  match_.resize(begin + encoded.size() + ByteBlock::size);
  char* const out = match_.data() + begin;
  const Decoded decoded = decode_escapes(encoded, out);
  const std::size_t size =
      is_path ? remove_dot_segments({out, decoded.size}, PathStyle::match, out) : decoded.size;
  match_.resize(begin + size);
  if (!decoded.non_ascii) return;
  scratch_.clear();
  append_valid_utf8(scratch_, std::string_view(match_).substr(begin));
  match_.resize(begin);
  append_nfc(match_, scratch_);
}

std::string_view Url::authority() const noexcept {
  return std::string_view(forward_).substr(authority_begin_, forward_parts_.path - authority_begin_);
}

std::string_view Url::target() const noexcept {
  return std::string_view(forward_).substr(forward_parts_.path);
}

std::string_view Url::path() const noexcept {
  return std::string_view(forward_).substr(forward_parts_.path, forward_parts_.query - forward_parts_.path);
}

std::string_view Url::match_path(bool lower) const noexcept {
  const Parts& parts = lower ? lower_parts_ : match_parts_;
  return (lower ? match_lower() : match()).substr(parts.path, parts.query - parts.path);
}

std::string_view Url::match_query(bool lower) const noexcept {
  const Parts& parts = lower ? lower_parts_ : match_parts_;
  std::string_view query = (lower ? match_lower() : match()).substr(parts.query);
  if (!query.empty()) query.remove_prefix(1);
  return query;
}

std::string escape_typed_url(std::string_view typed) {
  std::string out;
  out.reserve(typed.size());
  for (const char c : typed)
    if (is_control(c) || !is_ascii(c))
      append_escape(out, static_cast<unsigned char>(c));
    else
      out.push_back(c);
  return out;
}

}  // namespace schoolgate
