// Heads as they go out: canonical, without hop-by-hop fields, framing written from what was parsed.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "proxy/core/http/http_head.h"
#include "proxy/core/http/http_scan.h"

namespace schoolgate {

using namespace http_scan;

namespace {

void add_number(std::uint64_t number, std::string& out) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void add_field(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void add_length(std::uint64_t length, std::string& out) {
  out += "Content-Length: ";
  add_number(length, out);
  out += "\r\n";
}

void add_via(std::string_view received, std::string_view via_name, std::string& out) {
  out.append("Via: ").append(received).append(" ").append(via_name).append("\r\n");
}

// Fields meant for every recipient: a Connection that names one of them is a trick, not a wish (RFC
// 9110 7.6.1).
bool is_end_to_end(std::string_view name) noexcept {
  for (const std::string_view kept :
       {"host", "via", "cookie", "set-cookie", "authorization", "cache-control", "content-type",
        "content-encoding", "date", "location", "forwarded", "x-forwarded-for"})
    if (equals(name, kept)) return true;
  return false;
}

bool named_by_connection(const std::vector<HeaderField>& fields, std::string_view name) noexcept {
  bool named = false;
  for (const HeaderField& field : fields)
    if (field.kind == FieldKind::connection)
      each_member(field.value,
                  [&](std::string_view option) { named = named || equals_any_case(option, name); });
  return named && !is_end_to_end(name);
}

// Sec-WebSocket-* only have a meaning together with an Upgrade, but they are end-to-end fields and stay.
bool passes(const std::vector<HeaderField>& fields, const HeaderField& field,
            bool connection_names_fields) noexcept {
  switch (field.kind) {
    case FieldKind::other:
    case FieldKind::via:
    case FieldKind::date:
    case FieldKind::max_forwards:
    case FieldKind::expect:
    case FieldKind::websocket_key:
      return !connection_names_fields || !named_by_connection(fields, field.name);
    default:
      return false;
  }
}

// "OPTIONS http://a.vn HTTP/1.1": no path at all asks about the server as a whole (RFC 9112 3.2.4).
bool asks_whole_server(const RequestHead& head) noexcept {
  if (head.form == RequestHead::Form::asterisk) return true;
  if (head.method != "OPTIONS" || head.form != RequestHead::Form::absolute) return false;
  const std::size_t authority = head.target.find("://");
  return authority != std::string_view::npos &&
         head.target.find_first_of("/?#\\", authority + 3) == std::string_view::npos;
}

}  // namespace

void write_request_head(const RequestHead& head, const Url& url, std::string_view via_name, std::string& out,
                        bool to_proxy, const HeaderField* instead) {
  out.append(head.method).append(" ");
  const bool whole_server = asks_whole_server(head);
  if (to_proxy && whole_server) {
    out.append("http://").append(url.authority());  // the last proxy makes "*" of it (RFC 9112 3.2.4)
  } else if (to_proxy) {
    out.append(url.forward());
  } else {
    out.append(whole_server ? std::string_view("*") : url.target());
  }
  out += " HTTP/1.1\r\n";
  add_field("Host", url.authority(), out);
  for (const HeaderField& field : head.fields) {
    if (!passes(head.fields, field, head.connection_names_fields)) continue;
    if (field.kind == FieldKind::expect && !head.expect_continue) continue;
    if (instead != nullptr && equals_any_case(field.name, instead->name)) continue;
    if (field.kind == FieldKind::max_forwards && head.max_forwards)
      add_field(field.name, std::to_string(std::max<std::uint64_t>(*head.max_forwards, 1) - 1), out);
    else
      add_field(field.name, field.value, out);
  }
  if (instead != nullptr) add_field(instead->name, instead->value, out);
  add_via(head.over_h2 ? "2.0" : head.minor_version == 0 ? "1.0" : "1.1", via_name, out);
  if (head.framing == Framing::chunked)
    out += "Transfer-Encoding: chunked\r\n";
  else if (head.framing == Framing::length)
    add_length(head.content_length, out);
  if (head.upgrade_websocket) out += "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  out += "\r\n";
}

void write_response_head(const ResponseHead& head, std::string_view via_name, std::string_view date,
                         bool keep_alive, bool chunked_to_client, std::string& out) {
  out += "HTTP/1.1 ";
  add_number(head.status, out);
  out.append(" ").append(head.reason).append("\r\n");
  for (const HeaderField& field : head.fields)
    if (field.kind != FieldKind::expect && passes(head.fields, field, head.connection_names_fields))
      add_field(field.name, field.value, out);
  if (!head.has_date && head.status >= 200) add_field("Date", date, out);
  add_via(head.minor_version == 0 ? "1.0" : "1.1", via_name, out);
  if (head.framing == Framing::length || head.keep_length)
    add_length(head.content_length, out);
  else if (head.framing != Framing::none && chunked_to_client)
    out += "Transfer-Encoding: chunked\r\n";
  if (head.status == 101)
    out += "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  else if (!head.interim)
    out += keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
  out += "\r\n";
}

bool via_names(const RequestHead& head, std::string_view via_name) noexcept {
  bool named = false;
  for (const HeaderField& field : head.fields) {
    if (field.kind != FieldKind::via) continue;
    each_member(field.value, [&](std::string_view member) {  // "1.1 name (comment)"
      const std::size_t space = member.find_first_of(" \t");
      if (space == std::string_view::npos) return;
      std::string_view by = member.substr(member.find_first_not_of(" \t", space));
      by = by.substr(0, by.find_first_of(" \t("));
      named = named || equals_any_case(by, via_name);
    });
  }
  return named;
}

}  // namespace schoolgate
