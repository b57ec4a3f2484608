#include "proxy/core/relay.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

namespace {

RequestHead request(std::string_view method, std::uint8_t minor_version = 1) {
  RequestHead head;
  head.method = method;
  head.minor_version = minor_version;
  return head;
}

ResponseHead response(Framing framing) {
  ResponseHead head;
  head.status = 200;
  head.framing = framing;
  return head;
}

}  // namespace

TEST_CASE("relay: only what can be asked twice is asked twice", "[core][relay]") {
  for (const char* method : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}) {
    CAPTURE(method);
    CHECK(may_repeat(request(method), true));
    CHECK_FALSE(may_repeat(request(method), false));  // its body is gone
  }
  for (const char* method : {"POST", "PATCH", "CONNECT", "PROPFIND", "get"}) {
    CAPTURE(method);
    CHECK_FALSE(may_repeat(request(method), true));
  }
}

TEST_CASE("relay: an origin that ends before its head does", "[core][relay]") {
  CHECK(relay_of({.reused = true}) == Relay::stale);
  CHECK(relay_of({.reused = true, .any_byte = true}) == Relay::bad_response);  // it has begun to answer
  CHECK(relay_of({}) == Relay::bad_response);
  CHECK(relay_of({.expired = true}) == Relay::timed_out);
  CHECK(relay_of({.expired = true, .reused = true}) == Relay::timed_out);  // no second wait as long
  CHECK(relay_of({.client_gone = true, .expired = true, .reused = true}) == Relay::client_gone);
}

TEST_CASE("relay: how a response is handed on", "[core][relay]") {
  const DeliveryFacts plain{.request_complete = true};
  struct Row {
    Framing framing;
    std::uint8_t minor_version;
    bool chunked, keep_alive;
  };
  const Row rows[] = {
      {Framing::none, 1, false, true},     {Framing::length, 1, false, true},
      {Framing::chunked, 1, true, true},   {Framing::until_close, 1, true, true},
      {Framing::chunked, 0, false, false}, {Framing::until_close, 0, false, false},
      {Framing::length, 0, false, true},
  };
  for (const Row& row : rows) {
    CAPTURE(static_cast<int>(row.framing), static_cast<int>(row.minor_version));
    const Delivery how = deliver(request("GET", row.minor_version), response(row.framing), plain);
    CHECK(how.chunked == row.chunked);
    CHECK(how.keep_alive == row.keep_alive);
    CHECK_FALSE(how.ends_alike);
  }
}

TEST_CASE("relay: after an early answer the connection ends", "[core][relay]") {
  const Delivery how = deliver(request("POST"), response(Framing::length), {.request_complete = false});
  CHECK_FALSE(how.keep_alive);
  RequestHead last = request("GET");
  last.keep_alive = false;
  CHECK_FALSE(deliver(last, response(Framing::length), {.request_complete = true}).keep_alive);
  CHECK_FALSE(deliver(request("GET"), response(Framing::length), {.request_complete = true, .leaving = true})
                  .keep_alive);
}

TEST_CASE("relay: what ends with TLS ends as the origin's does", "[core][relay]") {
  const auto how = [](Framing framing, bool origin, bool client) {
    return deliver(request("GET"), response(framing),
                   {.origin_in_tls = origin, .client_in_tls = client, .request_complete = true});
  };
  const Delivery both = how(Framing::until_close, true, true);
  CHECK(both.ends_alike);
  CHECK_FALSE(both.chunked);
  CHECK_FALSE(both.keep_alive);
  CHECK_FALSE(how(Framing::until_close, true, false).ends_alike);
  CHECK_FALSE(how(Framing::until_close, false, true).ends_alike);
  CHECK_FALSE(how(Framing::chunked, true, true).ends_alike);
}

TEST_CASE("relay: what the client gets at the end, and what the row says", "[core][relay]") {
  using Then = Conclusion::Then;
  struct Row {
    const char* what;
    Relay relay;
    ConclusionFacts facts;
    Then then;
    Ended ended;
    PageKind page = PageKind::bad_gateway;
    bool close = false;
  };
  const Row rows[] = {
      {"done", Relay::done, {}, Then::next, Ended::done},
      {"an early answer is done too", Relay::done, {.request_complete = false}, Then::next, Ended::done},
      {"websocket", Relay::websocket, {}, Then::pass_through, Ended::done},
      {"cut", Relay::cut, {}, Then::reset, Ended::upstream_failed},
      {"cut by our patience", Relay::cut, {.expired = true}, Then::reset, Ended::timed_out},
      {"cut by us", Relay::cut, {.by_us = Ended::shut_down}, Then::reset, Ended::shut_down},
      {"client gone", Relay::client_gone, {}, Then::reset, Ended::client_gone},
      {"client gone, gave way", Relay::client_gone, {.by_us = Ended::gave_way}, Then::reset, Ended::gave_way},
      {"no response in time",
       Relay::timed_out,
       {},
       Then::answer,
       Ended::timed_out,
       PageKind::upstream_timeout},
      {"no body in time",
       Relay::timed_out,
       {.request_complete = false},
       Then::answer,
       Ended::timed_out,
       PageKind::request_timeout,
       true},
      {"stale, not repeated", Relay::stale, {}, Then::answer, Ended::upstream_failed},
      {"bad response",
       Relay::bad_response,
       {.detail = "response_head"},
       Then::answer,
       Ended::upstream_failed},
      {"http/2",
       Relay::bad_response,
       {.detail = speaks_h2_only},
       Then::answer,
       Ended::upstream_failed,
       PageKind::h2_only},
      {"bad body",
       Relay::bad_response,
       {.request_complete = false, .bad_body = true},
       Then::answer,
       Ended::refused,
       PageKind::bad_request,
       true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Conclusion end = conclude(row.relay, row.facts);
    CHECK(end.then == row.then);
    CHECK(end.ended == row.ended);
    if (row.then != Then::answer) continue;
    CHECK(end.page == row.page);
    CHECK(end.close == row.close);
  }
}

TEST_CASE("relay: every failure has a cause", "[core][relay]") {
  CHECK(cause_of(Relay::done, false, true).empty());
  CHECK(cause_of(Relay::timed_out, true, true) == "timeout: no response");
  CHECK(cause_of(Relay::timed_out, true, false) == "timeout: request body");
  CHECK(cause_of(Relay::cut, true, true) == "timeout: body");
  CHECK(cause_of(Relay::cut, false, true) == "closed: response cut");
  CHECK(cause_of(Relay::client_gone, false, true).empty());  // the client's own wish
  CHECK(cause_of(Relay::stale, false, true) == "closed: no response");
  CHECK(cause_of(Relay::bad_response, false, true) == "closed: no response");
}
