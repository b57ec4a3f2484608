#include "proxy/core/http/h2_request.h"

#include <algorithm>

#include "proxy/core/http/http_scan.h"

namespace schoolgate {

using namespace http_scan;

namespace {

constexpr std::size_t overhead_of_field = 32;

bool is_lower_token(std::string_view name) noexcept {
  const auto good = [](char c) { return is_token_char(c) && !(c >= 'A' && c <= 'Z'); };
  return !name.empty() && std::all_of(name.begin(), name.end(), good);
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

// RFC 9113 8.2.1, and no other control character than a tab within.
bool is_field_value(std::string_view value) noexcept {
  if (!value.empty() && (is_blank(value.front()) || is_blank(value.back()))) return false;
  std::size_t at = find_control(value, 0);
  while (at < value.size() && value[at] == '\t') at = find_control(value, at + 1);
  return at == value.size();
}

bool is_visible(std::string_view text) noexcept {
  return !text.empty() && find_not_visible(text, 0) == text.size();
}

// RFC 9113 8.2.2: they speak of a connection that HTTP/2 does not have.
bool is_connection_field(FieldKind kind, std::string_view name) noexcept {
  switch (kind) {
    case FieldKind::connection:
    case FieldKind::transfer_encoding:
    case FieldKind::upgrade:
      return true;
    case FieldKind::hop_by_hop:
      return name == "keep-alive" || name == "proxy-connection" || name == "http2-settings";
    default:
      return false;
  }
}

// A user agent that sends none all the same says so (RFC 9110 8.6): origins may insist on it.
bool expects_content(std::string_view method) noexcept {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

void H2RequestHead::refuse(std::uint16_t status, std::string_view what) noexcept {
  if (read_.ok()) read_ = HeadError{status, what};
}

void H2RequestHead::add(std::string_view name, std::string_view value) {
  size_ += name.size() + value.size() + overhead_of_field;
  if (size_ > limit_) refuse(431, "head");
  if (read_.failed()) return;
  if (!name.empty() && name.front() == ':') return add_pseudo(name, value);
  in_fields_ = true;
  add_field(name, value);
}

void H2RequestHead::add_pseudo(std::string_view name, std::string_view value) {
  if (in_fields_) return refuse(400, "pseudo_after_field");
  std::string* const to = name == ":method"      ? &method_
                          : name == ":scheme"    ? &scheme_
                          : name == ":authority" ? &authority_
                          : name == ":path"      ? &path_
                                                 : nullptr;
  if (to == nullptr) return refuse(400, name == ":protocol" ? "extended_connect" : "unknown_pseudo");
  if (!to->empty()) return refuse(400, "two_pseudo");
  *to = value;
  if (to == &path_) {
    if (const auto escaped = escape_target_text(path_); escaped.failed())
      return refuse(escaped.error().status, escaped.error().what);
  }
  if (!is_visible(*to)) return refuse(400, "bad_pseudo");
}

void H2RequestHead::add_field(std::string_view name, std::string_view value) {
  if (!is_lower_token(name)) return refuse(400, "bad_name");
  if (!is_field_value(value)) return refuse(400, "bad_value");
  const FieldKind kind = kind_of(name);
  if (is_connection_field(kind, name)) return refuse(400, "connection_field");
  if (name == "te" && !equals(value, "trailers")) return refuse(400, "bad_te");
  if (kind == FieldKind::host) {
    if (have_host_) return refuse(400, "two_hosts");
    have_host_ = true;
    host_ = value;
    return;
  }
  if (kind == FieldKind::content_length) {
    if (length_) return refuse(400, "two_content_lengths");
    length_ = parse_length(value);
    if (!length_) return refuse(400, "bad_content_length");
  }
  if (name == "cookie") {  // RFC 9113 8.2.3: it may come in crumbs
    if (!cookie_.empty() && !value.empty()) cookie_ += "; ";
    cookie_ += value;
    return;
  }
  fields_.append(name).append(": ").append(value).append("\r\n");
}

void H2RequestHead::check_request(bool ends) {
  if (!is_token(method_)) return refuse(400, "bad_method");
  if (method_ == "CONNECT") return refuse(405, "connect");
  if (scheme_ != "https") return refuse(400, "bad_scheme");
  if (path_.empty() || (path_.front() != '/' && path_ != "*")) return refuse(400, "bad_path");
  if (authority_.empty()) authority_ = host_;
  if (!is_visible(authority_)) return refuse(400, "no_authority");
  if (have_host_ && !equals_any_case(host_, authority_)) return refuse(400, "two_hosts");
  if (ends && length_.value_or(0) != 0) return refuse(400, "short_body");
}

Result<void, HeadError> H2RequestHead::finish(bool ends) {
  if (read_.ok()) check_request(ends);
  if (read_.failed()) return read_.error();
  chunked_ = !ends && !length_;
  text_.reserve(method_.size() + path_.size() + authority_.size() + fields_.size() + cookie_.size() + 80);
  text_.append(method_)
      .append(" ")
      .append(path_)
      .append(" HTTP/1.1\r\nhost: ")
      .append(authority_)
      .append("\r\n");
  text_ += fields_;
  if (!cookie_.empty()) text_.append("cookie: ").append(cookie_).append("\r\n");
  if (chunked_) text_ += "transfer-encoding: chunked\r\n";
  if (ends && !length_ && expects_content(method_)) text_ += "content-length: 0\r\n";
  text_ += "\r\n";
  return {};
}

bool valid_trailer(std::string_view name, std::string_view value) noexcept {
  if (!is_lower_token(name) || !is_field_value(value)) return false;
  return kind_of(name) == FieldKind::other && name != "authorization" && name != "cookie";
}

}  // namespace schoolgate
