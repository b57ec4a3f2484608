// Session: a request on its way to its origin, and what becomes of it.
#include "proxy/io/session/session.h"
#include "proxy/io/tls/tls_material.h"

namespace schoolgate {
namespace {

// RFC 9110 9.2.2. Such a request may be sent again when a kept connection turns out to be closed.
bool idempotent(std::string_view method) noexcept {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT" || method == "DELETE";
}

// Under which name a connection waits in the pool. All to the parent are alike; those to `safe`, instead of
// to the host itself, are not for tiers that go to the host.
void name_for_pool(Exchange& x, const Host* safe) {
  if (x.through_parent) {
    x.pool_name = " parent";
    return;
  }
  const std::string_view whole = x.url.forward();  // "https://host:port/path?query"
  x.pool_name.assign(whole.substr(0, whole.size() - x.url.target().size()));
  if (safe != nullptr) x.pool_name.append(" ").append(safe->text);
}

// The origin of a login: by its name and way, for each of those behind a parent proxy too.
std::string origin_of(const Exchange& x) {
  return x.through_parent ? x.pool_name + " " + std::string(x.url.authority()) : x.pool_name;
}

}  // namespace

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
    if (!changed.parse(text)) url = &changed;
  }
  write_request_head(x.head, *url, worker_.shared.via_name, x.out, x.through_parent,
                     safe.header_name.empty() ? nullptr : &instead);
}

Task<Session::Next> Session::forward(Exchange& x) {
  const bool may_repeat = x.request_complete && idempotent(x.head.method);
  // A WebSocket asks a proxy for a tunnel instead (RFC 6455 4.1).
  x.through_parent = x.url.scheme() == Scheme::http && !x.head.upgrade_websocket &&
                     route_to(x.url.host(), x.url.port()) == Route::parent;
  write_head(x);
  name_for_pool(x, safe_host(*x.generation, x.url.host()));
  if (x.head.upgrade_websocket) pinned_.reset();
  upstream_pinned_ = take_pinned(x);
  const bool alone = x.head.upgrade_websocket || authenticates_connection(x.head);
  if (upstream_pinned_ || (may_repeat && !alone)) {
    std::optional<Stream> kept;
    if (!upstream_pinned_) kept = worker_.pool.take(x.pool_name);
    if (kept) {
      upstream_.emplace(std::move(*kept));
      upstream_for_all_ = true;
      answer_.reset();
    }
    if (kept || upstream_pinned_) {
      const Relay relay = co_await send_and_receive(x, true);
      if (relay != Relay::stale || !may_repeat) co_return co_await conclude(x, relay);
      close_upstream(false);
      upstream_pinned_ = false;
      write_head(x);
    }
  }
  Task<std::optional<PageKind>> connecting =
      x.through_parent ? connect_to_parent() : connect_upstream(x.url, x.verdict, x.help);
  const std::optional<PageKind> failed = co_await std::move(connecting);
  if (failed) co_return co_await answer_unconnected(x, *failed);
  if (x.url.scheme() == Scheme::https) {
    const std::optional<PageKind> refused = co_await secure_upstream(x);
    if (refused) co_return co_await answer_insecure(x, *refused);
  }
  const Relay relay = co_await send_and_receive(x, false);
  // With the first response come the tickets of TLS 1.3; later they may have been used elsewhere.
  if (relay == Relay::done && upstream_->tls() != nullptr && worker_.tls() != nullptr &&
      x.generation == worker_.generation())
    worker_.tls()->remember(x.url.host().text, x.url.port(), *upstream_->tls());
  co_return co_await conclude(x, relay);
}

Task<Session::Relay> Session::send_and_receive(Exchange& x, bool reused) {
  if (x.request_complete) {
    iovec part = io_part(x.out);
    std::span<iovec> rest(&part, 1);
    x.bytes_up += x.out.size();
    bool sent = write_some(*upstream_, rest);
    if (sent && !rest.empty()) sent = co_await patience_.flush(*upstream_, rest);
    if (!sent) co_return reused ? Relay::stale : patience_.expired() ? Relay::timed_out : Relay::bad_response;
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

// The connection on which this client has logged in there, if it is still that. Another origin's goes: one
// place holds one.
bool Session::take_pinned(Exchange& x) {
  const std::unique_ptr<PinnedUpstream> pinned = std::move(pinned_);
  if (!pinned || pinned->origin != origin_of(x) || pinned->revision != x.generation->snapshot->revision ||
      !pinned->stream.is_open() || !pinned->stream.is_quiet())
    return false;
  if (answer_) {  // a rule may hold its addresses at this hour
    const JudgeRequest request{
        .url = x.url, .stage = Stage::host, .tier = x.tier, .time = worker_.local_time(x.time_ms)};
    const Judge::AnswerVerdict judged =
        x.generation->judge->evaluate_answer(request, x.verdict, answer_->aliases, answer_->addresses);
    if (judged.blocked) return false;  // connecting anew says so
    x.verdict = judged.verdict;
  }
  upstream_.emplace(std::move(pinned->stream));
  return true;
}

// After a response that is complete: for this client's next request, for anybody's, or for nobody's.
void Session::keep_upstream(Exchange& x) {
  // Not after a reload: what may be connected to may have changed. Nor where an exception stood in for the
  // certificate: each request asks whether it still does.
  const bool verified = upstream_->tls() == nullptr || upstream_->tls()->verifies_peer();
  const bool reusable = x.response.keep_alive && x.request_complete && verified &&
                        x.generation == worker_.generation() && upstream_->is_open();
  const bool own =
      upstream_pinned_ || authenticates_connection(x.head) || authenticates_connection(x.response);
  if (reusable && own && x.client_keep_alive) {
    pinned_ = std::make_unique<PinnedUpstream>(
        PinnedUpstream{origin_of(x), x.generation->snapshot->revision, std::move(*upstream_)});
  } else if (reusable && !own && upstream_for_all_) {
    worker_.pool.give(x.pool_name, std::move(*upstream_));
  } else {
    // An origin that answers before it has read the whole body must not take what it got for whole.
    close_upstream(!x.request_complete);
  }
  upstream_.reset();
}

// What a relay that failed is called, where nothing more exact is known.
std::string_view Session::cause_of(const Exchange& x, Relay relay) const noexcept {
  switch (relay) {
    case Relay::done:
    case Relay::websocket:
      return {};
    case Relay::timed_out:
      return x.request_complete ? "timeout: no response" : "timeout: request body";
    case Relay::client_gone:
    case Relay::cut:
      if (patience_.expired()) return "timeout: body";
      return relay == Relay::cut ? "closed: response cut" : "";
    case Relay::stale:
    case Relay::bad_response:
      break;
  }
  return "closed: no response";
}

Task<Session::Next> Session::conclude(Exchange& x, Relay relay) {
  if (x.detail.empty()) x.detail = cause_of(x, relay);
  const std::string_view detail = x.detail;
  switch (relay) {
    case Relay::done: {
      keep_upstream(x);
      if (x.client_keep_alive) co_return Next::again;
      if (!x.request_complete || !in_.empty()) co_await linger();
      co_return Next::close;
    }
    case Relay::websocket:
      x.part = LogRecord::Part::tunnel_open;
      record_ = std::make_unique<TunnelRecord>();
      record_->name = x.url.forward();
      record_->websocket = true;
      record_->decision = x.decision;
      record_->started = x.started;
      record_->tier = x.tier;
      record_->revision = x.generation->snapshot->revision;
      record_->verdict = x.help && !x.by_help ? x.help->without : x.verdict;
      record_->epoch = x.epoch;
      co_return Next::pass_through;
    case Relay::client_gone:
    case Relay::cut:
      close_upstream(true);
      client_.reset_on_close();
      x.ended = patience_.expired()   ? Ended::timed_out
                : shut_down_          ? ended_by_us()
                : relay == Relay::cut ? Ended::upstream_failed
                                      : Ended::client_gone;
      co_return Next::close;
    case Relay::timed_out:
      close_upstream(true);
      x.ended = Ended::timed_out;
      if (!x.request_complete) co_return co_await answer(x, PageKind::request_timeout, 0, detail, true);
      co_return co_await answer(x, PageKind::upstream_timeout, 0, detail, false);
    case Relay::stale:
    case Relay::bad_response:
      break;
  }
  close_upstream(true);
  if (x.bad_body) {
    x.ended = Ended::refused;
    co_return co_await answer(x, PageKind::bad_request, 0, detail, true);
  }
  x.ended = Ended::upstream_failed;
  const PageKind page = detail == speaks_h2_only ? PageKind::h2_only : PageKind::bad_gateway;
  co_return co_await answer(x, page, 0, detail, false);
}

}  // namespace schoolgate
