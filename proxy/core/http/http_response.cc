// Response heads: strict where the end of the body depends on it, lenient where old origins are merely
// untidy.
#include "proxy/core/http/http_head.h"
#include "proxy/core/http/http_scan.h"

namespace schoolgate {

using namespace http_scan;

namespace {

HeadError bad_response(std::string_view what) {
  return {502, what};
}

// obs-fold (RFC 9112 5.2): CRLF before a blank becomes two spaces, in place, from `at` to the end.
void join_folds(std::string& head, std::size_t at) noexcept {
  for (at = head.find("\r\n", at); at != std::string::npos && at + 2 < head.size();
       at = head.find("\r\n", at + 2))
    if (is_blank(head[at + 2])) head[at] = head[at + 1] = ' ';
}

// "HTTP/1.1 200 OK" CRLF; the reason and the space before it may be missing. `at` moves past it.
Result<void, HeadError> scan_status_line(std::string_view head, std::size_t& at, ResponseHead& out) {
  if (head.substr(0, 7) != "HTTP/1." || head.size() < 14 || (head[7] != '0' && head[7] != '1') ||
      head[8] != ' ')
    return bad_response("bad_version");
  out.minor_version = static_cast<std::uint8_t>(head[7] - '0');
  const std::optional<std::uint64_t> status = parse_length(head.substr(9, 3));
  if (!status || *status < 100) return bad_response("bad_status");
  out.status = static_cast<std::uint16_t>(*status);
  std::size_t i = 12;
  if (head[i] != ' ' && head[i] != '\r' && head[i] != '\n') return bad_response("bad_status");
  if (head[i] == ' ') ++i;
  const std::size_t reason = i;
  i = find_control(head, i);
  while (i < head.size() && head[i] == '\t') i = find_control(head, i + 1);
  out.reason = head.substr(reason, i - reason);
  std::string_view what;
  if (!line_ends(head, i, what)) return bad_response(what);
  at = i + 2;
  return {};
}

struct ResponseFields {
  ConnectionOptions connection;
  bool length = false, coding = false, websocket = false;
};

Result<void, HeadError> note_length(std::string_view value, ResponseHead& out, ResponseFields& seen) {
  bool good = !value.empty(), any = false;
  each_member(value, [&](std::string_view member) {  // "5, 5" is tolerated, as equal lines are (RFC 9110 8.6)
    const std::optional<std::uint64_t> length = parse_length(member);
    good = good && length && (!seen.length || *length == out.content_length);
    out.content_length = length.value_or(0);
    seen.length = any = true;
  });
  if (!good || !any) return bad_response("bad_content_length");
  return {};
}

Result<void, HeadError> note_field(const HeaderField& field, ResponseHead& out, ResponseFields& seen) {
  switch (field.kind) {
    case FieldKind::content_length:
      return note_length(field.value, out, seen);
    case FieldKind::transfer_encoding:
      if (seen.coding || !equals(field.value, "chunked")) return bad_response("bad_transfer_encoding");
      seen.coding = true;
      return {};
    case FieldKind::connection:
      add_connection_options(field.value, seen.connection);
      return {};
    case FieldKind::date:
      out.has_date = true;
      return {};
    case FieldKind::upgrade:
      seen.websocket = equals(field.value, "websocket");
      return {};
    default:
      return {};
  }
}

// RFC 9112 6.3.
Result<void, HeadError> conclude(std::string_view method, bool asked_websocket, ResponseHead& out,
                                 const ResponseFields& seen) {
  if (seen.coding && seen.length) return bad_response("length_and_coding");
  if (seen.coding && out.minor_version == 0) return bad_response("coding_in_1_0");
  const bool switching = out.status == 101;
  if (switching && !(asked_websocket && seen.websocket && seen.connection.upgrade && out.minor_version == 1))
    return bad_response("unasked_upgrade");
  if (method == "CONNECT" && out.status >= 200 && out.status < 300) return bad_response("connect_answer");
  out.interim = out.status < 200 && !switching;
  out.keep_alive =
      !seen.connection.close && (out.minor_version == 1 || seen.connection.keep_alive) && !switching;
  out.connection_names_fields = seen.connection.names_fields;

  const bool never_a_body = out.status < 200 || out.status == 204;
  if (never_a_body || out.status == 304 || method == "HEAD") {
    out.framing = Framing::none;
    out.keep_length = seen.length && !never_a_body;
    // Such an origin may send a body all the same: what follows on its connection is not to be trusted.
    if (never_a_body && (seen.coding || out.content_length != 0)) out.keep_alive = false;
  } else if (seen.coding) {
    out.framing = Framing::chunked;
  } else if (seen.length) {
    out.framing = Framing::length;
  } else {
    out.framing = Framing::until_close;
    out.keep_alive = false;
  }
  return {};
}

}  // namespace

Result<void, HeadError> parse_response_head(std::string& head, std::string_view method, ResponseHead& out,
                                            bool asked_websocket, std::size_t most_fields) {
  out.fields.clear();
  out.framing = Framing::none;
  out.content_length = 0;
  out.keep_alive = out.interim = out.keep_length = out.connection_names_fields = out.has_date = false;

  std::size_t at = 0;
  if (const auto line = scan_status_line(head, at, out); line.failed()) return line.error();
  if (is_blank(at < head.size() ? head[at] : '\0')) return bad_response("leading_space");
  const std::string_view text = head;
  ResponseFields seen;
  std::string_view what;
  while (at < text.size() && text[at] != '\r' && text[at] != '\n') {
    if (out.fields.size() == most_fields) return bad_response("too_many_fields");
    HeaderField& field = out.fields.emplace_back();
    const std::size_t line = at;
    if (!scan_field(text, at, true, field, what)) return bad_response(what);
    if (at < text.size() && is_blank(text[at])) {  // rare: join all that follow, and read this one again
      join_folds(head, line);
      at = line;
      out.fields.pop_back();
      continue;
    }
    if (field.kind != FieldKind::other)
      if (const auto noted = note_field(field, out, seen); noted.failed()) return noted.error();
  }
  if (!line_ends(text, at, what)) return bad_response(what);
  if (at + 2 != text.size()) return bad_response("cut_head");
  return conclude(method, asked_websocket, out, seen);
}

std::string_view ResponseHead::field(std::string_view name) const noexcept {
  return find_field(fields, name);
}

bool is_http2_preface(std::string_view bytes) noexcept {
  constexpr std::size_t frame_head = 9;
  constexpr std::size_t setting = 6;
  if (bytes.size() < frame_head) return false;
  const auto byte = [bytes](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  const std::size_t length = std::size_t{byte(1)} << 8 | byte(2);
  return byte(0) == 0 && length % setting == 0 && byte(3) == 4 && byte(4) == 0 &&
         bytes.substr(5, 4) == std::string_view("\0\0\0\0", 4);
}

}  // namespace schoolgate
