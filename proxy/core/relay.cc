#include "proxy/core/relay.h"

namespace schoolgate {
namespace {

bool idempotent(std::string_view method) noexcept {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT" || method == "DELETE";
}

}  // namespace

bool may_repeat(const RequestHead& head, bool request_complete) noexcept {
  return request_complete && idempotent(head.method);
}

Relay relay_of(const LostHead& lost) noexcept {
  if (lost.client_gone) return Relay::client_gone;
  if (lost.expired) return Relay::timed_out;
  return lost.reused && !lost.any_byte ? Relay::stale : Relay::bad_response;
}

Delivery deliver(const RequestHead& request, const ResponseHead& response,
                 const DeliveryFacts& facts) noexcept {
  const bool known_end = response.framing == Framing::none || response.framing == Framing::length;
  Delivery out;
  out.ends_alike = response.framing == Framing::until_close && facts.origin_in_tls && facts.client_in_tls;
  out.chunked = !known_end && !out.ends_alike && request.minor_version > 0;
  out.keep_alive =
      request.keep_alive && facts.request_complete && (known_end || out.chunked) && !facts.leaving;
  return out;
}

Conclusion conclude(Relay relay, const ConclusionFacts& facts) noexcept {
  using Then = Conclusion::Then;
  switch (relay) {
    case Relay::done:
      return {};
    case Relay::websocket:
      return {.then = Then::pass_through};
    case Relay::client_gone:
    case Relay::cut:
      if (facts.expired) return {Then::reset, Ended::timed_out};
      if (facts.by_us) return {Then::reset, *facts.by_us};
      return {Then::reset, relay == Relay::cut ? Ended::upstream_failed : Ended::client_gone};
    case Relay::timed_out:
      if (!facts.request_complete) return {Then::answer, Ended::timed_out, PageKind::request_timeout, true};
      return {Then::answer, Ended::timed_out, PageKind::upstream_timeout};
    case Relay::stale:
    case Relay::bad_response:
      break;
  }
  if (facts.bad_body) return {Then::answer, Ended::refused, PageKind::bad_request, true};
  return {Then::answer, Ended::upstream_failed,
          facts.detail == speaks_h2_only ? PageKind::h2_only : PageKind::bad_gateway};
}

std::string_view cause_of(Relay relay, bool expired, bool request_complete) noexcept {
  switch (relay) {
    case Relay::done:
    case Relay::websocket:
      return {};
    case Relay::timed_out:
      return request_complete ? "timeout: no response" : "timeout: request body";
    case Relay::client_gone:
    case Relay::cut:
      if (expired) return "timeout: body";
      return relay == Relay::cut ? "closed: response cut" : "";
    case Relay::stale:
    case Relay::bad_response:
      break;
  }
  return "closed: no response";
}

}  // namespace schoolgate
