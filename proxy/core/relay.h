// What an exchange with an origin comes to: which response is handed on how, which loss is tried again, which
// has a page, which is a cut. No I/O: who moves the bytes asks, and obeys. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/core/http/http_head.h"
#include "proxy/core/log_record.h"
#include "proxy/core/plan.h"

namespace schoolgate {

// How far it came.
enum class Relay : std::uint8_t {
  done,
  stale,         // a kept connection ended before the first byte of a response
  bad_response,  // what the origin sent cannot be passed on; nothing was
  timed_out,     // nothing was sent to the client yet
  client_gone,
  cut,  // the response had begun and cannot be ended properly: reset
  websocket,
};

// The detail of an origin that speaks HTTP/2 and nothing else.
inline constexpr std::string_view speaks_h2_only = "http2_only";

// Whether the request may be sent again when a kept connection turns out to be closed: nothing of it is lost,
// and twice is as good as once (RFC 9110 9.2.2).
[[nodiscard]] bool may_repeat(const RequestHead& head, bool request_complete) noexcept;

// When the origin ends before the end of its response head.
struct LostHead {
  bool client_gone = false;  // or the connection is ended by us
  bool expired = false;      // our patience
  bool reused = false;       // the connection was kept from an earlier exchange
  bool any_byte = false;     // of the response
};
[[nodiscard]] Relay relay_of(const LostHead& lost) noexcept;

// How a final response is handed on.
struct Delivery {
  bool chunked = false;
  bool keep_alive = false;  // the client's connection
  // Its end is the end of TLS on both sides, so that it can be the origin's own: with a goodbye, or without.
  bool ends_alike = false;
};
struct DeliveryFacts {
  bool origin_in_tls = false, client_in_tls = false;
  bool request_complete = false;  // else it is an early answer, and nobody reads the rest of the request
  bool leaving = false;           // no further request is taken on the connection
};
[[nodiscard]] Delivery deliver(const RequestHead& request, const ResponseHead& response,
                               const DeliveryFacts& facts) noexcept;

// What is done with the client's connection, and what the row says of it.
struct Conclusion {
  enum class Then : std::uint8_t {
    next,          // the response is over: as Delivery said
    pass_through,  // a WebSocket
    reset,         // the client must not take what it got for whole
    answer,        // with `page`
  };
  Then then = Then::next;
  Ended ended = Ended::done;
  PageKind page = PageKind::bad_gateway;
  bool close = false;  // after the page: the client's request is not read to its end
};
struct ConclusionFacts {
  bool expired = false;
  std::optional<Ended> by_us = {};  // the connection is ended by us, and why
  bool request_complete = true;
  bool bad_body = false;  // the client's body is not framed as announced
  std::string_view detail = {};
};
[[nodiscard]] Conclusion conclude(Relay relay, const ConclusionFacts& facts) noexcept;

// What a relay that failed is called in the log, where nothing more exact is known. A literal.
[[nodiscard]] std::string_view cause_of(Relay relay, bool expired, bool request_complete) noexcept;

}  // namespace schoolgate
