// Session: a request on its way to its origin, and what becomes of it.
#include "proxy/io/session/session.h"

namespace schoolgate {

void Session::write_head(Exchange& x) {
  x.out.clear();
  const Policy& policy = *x.generation->snapshot->policy;
  const Tier& tier = policy.tiers()[x.tier];
  const SearchEngines::SafeRequest safe =
      policy.engines().safe_request(x.url.host(), x.url.target(), tier.safesearch, tier.youtube);
  const HeaderField instead{safe.header_name, safe.header_value, FieldKind::other};
  const Url* url = &x.url;
  Url changed;
  if (safe.target) {
    std::string text(to_string(x.url.scheme()));
    text.append("://").append(x.url.authority()).append(*safe.target);
    if (changed.parse(text).ok()) url = &changed;
  }
  write_request_head(x.head, *url, worker_.shared.via_name, x.out, x.through_parent,
                     safe.header_name.empty() ? nullptr : &instead);
}

Task<Session::Next> Session::forward(Exchange& x) {
  const bool may_repeat = schoolgate::may_repeat(x.head, x.request_complete);
  // A WebSocket asks a proxy for a tunnel instead (RFC 6455 4.1).
  x.through_parent = x.url.scheme() == Scheme::http && !x.head.upgrade_websocket &&
                     origin_.route_to(x.url.host(), x.url.port()) == Route::parent;
  write_head(x);
  if (x.head.upgrade_websocket) origin_.forget_login();
  const bool alone = x.head.upgrade_websocket || authenticates_connection(x.head);
  if (origin_.take_kept(x, may_repeat && !alone)) {
    const Relay relay = co_await send_and_receive(x, true);
    if (relay != Relay::stale || !may_repeat) co_return co_await end_relay(x, relay);
    origin_.close(false);
    write_head(x);
  }
  Task<Origin::Reached> connecting =
      x.through_parent ? origin_.connect_to_parent() : connect_upstream(x.url, x.verdict, x.help);
  const Origin::Reached reached = co_await std::move(connecting);
  if (reached.failed()) co_return co_await answer_unconnected(x, reached.error());
  if (x.url.scheme() == Scheme::https) {
    const Origin::Reached secured = co_await origin_.secure(x);
    if (secured.failed()) co_return co_await answer_insecure(x, secured.error());
  }
  const Relay relay = co_await send_and_receive(x, false);
  if (relay == Relay::done) origin_.remember_tickets(x);
  co_return co_await end_relay(x, relay);
}

// Straight or through a tunnel of the parent. Not a coroutine: it costs no frame.
Task<Origin::Reached> Session::connect_upstream(const Url& url, Verdict& verdict,
                                                std::optional<HelpMatch>& help) {
  return origin_.connect(Origin::Asked{url, tier_of_client(*worker_.generation()), verdict, help});
}

// The answer when connect_upstream() failed.
Task<Session::Next> Session::answer_unconnected(Exchange& x, PageKind failed) {
  if (is_block(failed)) co_return co_await block(x, failed);
  const bool refused = failed == PageKind::loop || failed == PageKind::address_refused;
  x.ended = refused ? Ended::refused : patience_.expired() ? Ended::timed_out : Ended::upstream_failed;
  x.detail = origin_.failure();
  co_return co_await answer(x, failed, 0, x.detail, false);
}

Task<Session::Next> Session::answer_insecure(Exchange& x, PageKind failed) {
  x.ended = patience_.expired() ? Ended::timed_out : Ended::upstream_failed;
  const std::string_view detail = x.detail;
  co_return co_await answer(x, failed, 0, detail, false);
}

Task<Relay> Session::send_and_receive(Exchange& x, bool reused) {
  if (x.request_complete) {
    iovec part = io_part(x.out);
    std::span<iovec> rest(&part, 1);
    x.bytes_up += x.out.size();
    bool sent = write_some(origin_.stream(), rest);
    if (sent && !rest.empty()) sent = co_await patience_.flush(origin_.stream(), rest);
    if (!sent) co_return relay_of(LostHead{.expired = patience_.expired() && !reused, .reused = reused});
    co_return co_await receive(x, reused);
  }
  // Both directions at once: an origin may answer, and stop reading, before the body is over.
  using asio::experimental::awaitable_operators::operator&&;
  Task<void> up = send_body(x);
  Task<Relay> down = receive(x, reused);
  Task<Relay> both = std::move(up) && std::move(down);
  const Relay relay = co_await std::move(both);
  co_return relay;
}

Task<Session::Next> Session::end_relay(Exchange& x, Relay relay) {
  x.elsewhere = origin_.leads_elsewhere();
  if (x.detail.empty()) x.detail = cause_of(relay, patience_.expired(), x.request_complete);
  const Conclusion end =
      conclude(relay, {.expired = patience_.expired(),
                       .by_us = is_shut_down() ? std::optional(ended_by_us()) : std::nullopt,
                       .request_complete = x.request_complete,
                       .bad_body = x.refusal == Exchange::Refusal::bad_body,
                       .detail = x.detail});
  x.ended = end.ended;
  switch (end.then) {
    case Conclusion::Then::next:
      origin_.keep(x);
      if (x.client_keep_alive) co_return Next::again;
      if (!x.request_complete || !in_.empty()) co_await linger();
      co_return Next::close;
    case Conclusion::Then::pass_through:
      x.part = LogRecord::Part::tunnel_open;
      tunnel_ = std::make_unique<OpenTunnel>(x, OpenTunnel::Kind::websocket);
      co_return Next::pass_through;
    case Conclusion::Then::reset:
      origin_.close(true);
      client_.reset_on_close();
      co_return Next::close;
    case Conclusion::Then::answer:
      break;
  }
  origin_.close(true);
  const std::string_view detail = x.detail;
  co_return co_await answer(x, end.page, 0, detail, end.close);
}

}  // namespace schoolgate
