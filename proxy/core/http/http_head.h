// The strict gate for HTTP/1 heads (RFC 9112): what is ambiguous is refused, what passes is re-serialised
// from what was parsed. proxy/core/http/README.md holds the table of what each oddity gets. No I/O; nothing
// here throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"
#include "rules/url/url.h"

namespace schoolgate {

// The names that framing, routing or the removal of hop-by-hop fields (RFC 9110 7.6.1) care about; found
// once, when parsed.
enum class FieldKind : std::uint8_t {
  other,
  host,
  content_length,
  transfer_encoding,
  connection,
  expect,
  upgrade,
  via,
  date,
  max_forwards,
  websocket_key,
  hop_by_hop,  // never passed on: Proxy-*, Keep-Alive, TE, Trailer, HTTP2-Settings
  other_url,   // never passed on: some origins serve what these name instead of the target
  alt_svc,     // responses: never passed on, else browsers would go around the proxy by QUIC
};

struct HeaderField {
  std::string_view name, value;  // value without surrounding white space
  FieldKind kind = FieldKind::other;
};

enum class Framing : std::uint8_t {
  none,    // no body
  length,  // Content-Length
  chunked,
  until_close,  // responses only
};

// Why a head is refused: the status to answer with and a word for log and tests.
struct HeadError {
  std::uint16_t status = 400;
  std::string_view what;
};

// Bytes of `buffer` up to and including the empty line that ends a head; 0 = not complete yet. Leading empty
// lines before a request line are part of it (RFC 9112 2.2; at most two). Restartable: `from` = buffer.size()
// at the last call. Ends at lines that end in bare LF too, so that they are refused at once instead of waited
// for.
[[nodiscard]] std::size_t find_head_end(std::string_view buffer, std::size_t from) noexcept;

// True if no byte that may still come makes the incomplete `buffer` a request: a TLS hello, HTTP/0.9, noise.
// Ask after find_head_end() said 0, to answer 400 now instead of 408 after the deadline.
[[nodiscard]] bool hopeless_request(std::string_view buffer);

inline constexpr std::size_t max_fields = 200;  // of a request (431) and of a response (502)
// Of a response as write_response_head() makes it: Date, Via, the body's framing and Connection may be added.
inline constexpr std::size_t max_written_fields = max_fields + 4;

struct RequestHead {
  enum class Form : std::uint8_t { absolute, authority, origin, asterisk };
  std::string_view method;
  std::string_view target;  // as sent
  Form form = Form::absolute;
  std::uint8_t minor_version = 1;
  bool over_h2 = false;             // set by whoever knows: it came as HTTP/2, and Via says so
  std::vector<HeaderField> fields;  // views into the head; capacity is reused
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;
  bool keep_alive = true;
  bool expect_continue = false;
  // GET, HTTP/1.1, Connection: Upgrade, Upgrade: websocket, Sec-WebSocket-Key
  bool upgrade_websocket = false;
  std::optional<std::uint64_t> max_forwards{};  // of OPTIONS: 0 = this proxy is asked (RFC 9110 7.6.2)
  bool connection_names_fields = false;         // Connection holds more than close, keep-alive and upgrade
  [[nodiscard]] std::string_view field(std::string_view name) const noexcept;  // any case; "" if absent
};

// `head` is what find_head_end() delimited. Method, target form and the Host rules are checked here; the
// target itself is parsed with Url by the caller. Status 400, 405 (TRACE), 417 (Expect), 431 (too many
// fields) or 505. `Expect: 100-continue` is forwarded: the 100 comes from the origin (RFC 9110 10.1.1).
[[nodiscard]] Result<void, HeadError> parse_request_head(std::string_view head, RequestHead& out);

struct ResponseHead {
  std::uint16_t status = 0;
  std::string_view reason;
  std::uint8_t minor_version = 1;
  std::vector<HeaderField> fields;
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;
  bool keep_alive = true;    // the origin's connection may be used again
  bool interim = false;      // 1xx other than 101; never sent to an HTTP/1.0 client
  bool keep_length = false;  // HEAD, 304: Content-Length is passed on though no body follows
  bool connection_names_fields = false;
  bool has_date = false;
  [[nodiscard]] std::string_view field(std::string_view name) const noexcept;
};

// `method` is the request's: a response to HEAD has no body, a 2xx to CONNECT is refused here. A 101 is
// refused unless `asked_websocket` (RequestHead::upgrade_websocket). obs-fold is tolerated and joined by
// rewriting `head` in place (spaces), as the table says. Every error has status 502.
[[nodiscard]] Result<void, HeadError> parse_response_head(std::string& head, std::string_view method,
                                                          ResponseHead& out, bool asked_websocket = false,
                                                          std::size_t most_fields = max_fields);

// An HTTP/2 server has spoken first (RFC 9113 3.4: a SETTINGS frame), or answers so: it will say nothing
// else.
[[nodiscard]] bool is_http2_preface(std::string_view bytes) noexcept;

// The head to send on, appended to `out`: request line in origin form from `url`, Host from `url`, hop-by-hop
// fields and those that Connection names removed, Via added, Max-Forwards one less, framing fields written
// from what was parsed. `via_name` is our pseudonym. `to_proxy`: in absolute form, for a parent proxy.
// `instead`, if given, is written in place of every field of its name.
void write_request_head(const RequestHead& head, const Url& url, std::string_view via_name, std::string& out,
                        bool to_proxy = false, const HeaderField* instead = nullptr);
// `date`: for a response that has none of its own (RFC 9110 6.6.1). `keep_alive`: of the client's connection.
// `chunked_to_client`: the body is sent in chunks; false for HTTP/1.0 clients, whose connection then ends the
// body (keep_alive must be false). A known length is always written as Content-Length.
void write_response_head(const ResponseHead& head, std::string_view via_name, std::string_view date,
                         bool keep_alive, bool chunked_to_client, std::string& out);

// Percent-encodes what is no ASCII in a request target (curl and old programs send letters as they are):
// valid UTF-8 of path and query. To be called before parse_request_head(), so that what is judged is what is
// sent. Errors: bytes that are no UTF-8, or outside path and query, status 400; then `head` stays as it is.
[[nodiscard]] Result<void, HeadError> escape_target(std::string& head);
// The same for a target alone.
[[nodiscard]] Result<void, HeadError> escape_target_text(std::string& target);

// The host that a head asks for which is refused, as far as it can be read: of its target, else of its Host
// field; canonical, "" = none. For the log alone: nothing is judged or sent by it.
[[nodiscard]] std::string host_of_refused(std::string_view head);

// NTLM and Negotiate, in any spelling, authenticate the connection instead of the request (RFC 4559 6):
// nobody else may use it.
[[nodiscard]] bool authenticates_connection(const RequestHead& head) noexcept;
// The origin asks for such a login: what comes next on this connection belongs to it.
[[nodiscard]] bool authenticates_connection(const ResponseHead& head) noexcept;

// True if Via names us already: a loop.
[[nodiscard]] bool via_names(const RequestHead& head, std::string_view via_name) noexcept;

}  // namespace schoolgate
