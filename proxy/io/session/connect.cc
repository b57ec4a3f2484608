// Session: an accepted CONNECT, and what is pumped in the end. Its first bytes are read and judged before any
// of them passes.
#include <array>

#include "proxy/core/privacy.h"
#include "proxy/io/net/wall_clock.h"
#include "proxy/io/session/session.h"

namespace schoolgate {
namespace {

constexpr std::string_view established = "HTTP/1.1 200 Connection established\r\n\r\n";
constexpr char tls_handshake = 0x16;
constexpr std::chrono::seconds cold{0};  // thousands may be opened and say nothing

}  // namespace

// The origin is connected to before the 200, so that a failure has an answer; a tunnel to port 80 needs no
// connection yet, its requests are judged one by one.
Task<Session::Next> Session::accept_connect(Exchange& x, bool connect_now) {
  const bool http = x.url.scheme() == Scheme::http;
  if (!http && connect_now) {
    const Origin::Reached reached = co_await connect_upstream(x.url, x.verdict, x.help);
    if (reached.failed()) co_return co_await answer_unconnected(x, reached.error());
  }
  iovec part = io_part(established);
  std::span<iovec> rest(&part, 1);
  bool sent = write_some(client_, rest);
  if (sent && !rest.empty()) sent = co_await patience_.flush(client_, rest);
  if (!sent) {
    x.ended = Ended::client_gone;
    co_return Next::close;
  }
  x.status = 200;
  note_answer(x);
  if (http) authority_ = std::make_unique<Url>(x.url);
  tunnel_ = std::make_unique<OpenTunnel>(x, OpenTunnel::Kind::connect);
  if (http) co_return Next::http_tunnel;
  x.write_row = false;  // its row says what the first bytes were judged to be
  co_return Next::tls_tunnel;
}

// A CONNECT to port 80: browsers send ws:// so. HTTP is judged request by request; TLS as in any tunnel.
Task<Session::Next> Session::run_http_tunnel() {
  if (in_.empty()) {
    const bool there = co_await wait_for_bytes(worker_.config().timeouts.hello, cold);
    if (!there) co_return Next::close;
  }
  if (in_.view().front() == tls_handshake) {
    authority_.reset();
    tunnel_->begin_anew(worker_.next_decision());
    co_return Next::tls_tunnel;
  }
  tunnel_.reset();
  const std::unique_ptr<Url> authority = std::move(authority_);
  const Next next = co_await exchange_loop(authority.get());
  co_return next;
}

// Reads until the first bytes are a ClientHello, or certainly none.
Task<Session::Hello> Session::read_hello() {
  const std::chrono::seconds limit = worker_.config().timeouts.hello;
  if (in_.empty()) {
    const bool there = co_await wait_for_bytes(limit, cold);
    // Who waits for the server to speak first does not speak TLS.
    tunnel_->has_no_hello(TunnelFacts::First::not_tls);
    if (!there) co_return patience_.expired() ? Hello::too_slow : Hello::client_gone;
  }
  patience_.arm(Wait::hello, limit);
  while (!tunnel_->take_hello(in_.view())) {
    if (patience_.expired()) co_return Hello::too_slow;
    const asio::mutable_buffer space = in_.prepare(1, BufferPool::small);
    const auto [failed, got] = co_await client_.async_read_some(space, use_result);
    if (failed && patience_.expired()) co_return Hello::too_slow;
    if (failed) co_return Hello::client_gone;
    in_.commit(got);
  }
  co_return Hello::read;
}

// The verdict on the first bytes, and its row. A coroutine of its own, whose large frame is not there before
// the client has spoken, nor while the tunnel idles.
Task<bool> Session::open_tunnel(Hello hello) {
  const bool speaks_tls = hello == Hello::read && tunnel_->speaks_tls();
  if (Url named; tunnel_->parse(named).ok() && is_own_site(named)) {
    if (speaks_tls) co_await serve_own_pages();
    co_return false;
  }
  const std::shared_ptr<const Generation> generation = worker_.generation();
  tunnel_->begin_judging(worker_.epoch());
  const std::int64_t now = wall_clock_ms();
  const TierId tier_id = tier_of_client(*generation);
  Judged judged = tunnel_->judge(worker_, info_, *generation, tier_id, now);
  if (Url named; speaks_tls && tunnel_->parse(named).ok() &&
                 note_probe(named, judged.verdict, *generation->snapshot->policy, tier_id, now))
    co_return false;
  LogRecord row = tunnel_->row(info_.address, *generation, tier_id, judged, now);
  const Tier& tier = generation->snapshot->policy->tiers()[tier_id];
  const TunnelPlan plan =
      speaks_tls ? tunnel_->plan(*generation, info_, tier, judged) : plan_tunnel(judged, tier, Opening());
  if (speaks_tls && plan != TunnelPlan::close) worker_.mutable_counters().tls.add();
  bool pass = false;
  switch (plan) {
    case TunnelPlan::close:
      break;
    case TunnelPlan::pass:
      pass = hello != Hello::client_gone;
      break;
    case TunnelPlan::page:
      co_await show_page_inside(std::move(row));
      co_return false;
    case TunnelPlan::inspect: {
      const bool websocket = co_await inspect(std::move(row));
      co_return websocket;
    }
  }
  // Not a tunnel: one row is all there is.
  if (!pass) {
    end_unopened(row, hello);
  } else if (!worker_.shared.sink.has_room()) {
    row.ended = Ended::refused;
    row.cause = "no_log_room";
    pass = false;
  } else if (!origin_.has_stream()) {
    Url authority;
    const auto parsed = tunnel_->parse(authority);
    const Origin::Reached reached = co_await connect_upstream(authority, judged.verdict, judged.help);
    if (reached.failed()) row.ended = is_block(reached.error()) ? Ended::blocked : Ended::upstream_failed;
    set_tunnel_verdict(row, judged);
    if (row.ended == Ended::upstream_failed) row.cause = origin_.failure();
    if (reached.ok() && origin_.leads_elsewhere()) row.cause = other_address;
    if (row.ended == Ended::blocked) note_blocked(row);
    pass = parsed.ok() && reached.ok();
  }
  if (pass) {
    tunnel_->open(row, judged);
  } else {
    row.part = LogRecord::Part::exchange;
    // Nothing went over it, so no port need wait for what may still be on its way: browsers connect ahead and
    // leave by the thousand.
    origin_.close(true);
  }
  log_row(std::move(row), true);
  co_return pass;
}

// How a tunnel ended that the verdict or the client kept from being opened.
void Session::end_unopened(LogRecord& row, Hello hello) {
  row.ended = Ended::blocked;
  if (hello == Hello::too_slow) row.ended = Ended::timed_out;
  if (hello == Hello::client_gone) row.ended = is_shut_down() ? ended_by_us() : Ended::client_gone;
  const bool counts = row.ended == Ended::blocked && is_ordinary(row);
  worker_.mutable_counters().blocked.add(counts ? 1 : 0);
  if (row.ended == Ended::blocked) note_blocked(row);
}

void Session::note_blocked(const LogRecord& row) {
  RecentVerdict past{.time_ms = row.time_ms,
                     .decision = row.decision,
                     .revision = row.revision,
                     .verdict = row.verdict,
                     .tier = row.tier,
                     .host = row.host,
                     .url = "https://" + row.host + "/"};
  worker_.shared.recent.add(info_.address, std::move(past));
}

// Everything was judged; from here bytes only pass. What the client has already said goes first.
Task<void> Session::pump_tunnel() {
  std::unique_ptr<HelloRetry> retry;
  std::array<iovec, 2> parts{io_part(in_.view()), iovec()};
  Ended early = Ended::done;
  if (tunnel_->speaks_tls()) {
    retry = std::make_unique<HelloRetry>(tunnel_->names(), tunnel_->sni());
    parts[0] = io_part(in_.view().substr(0, tunnel_->hello_size()));
    if (!retry->client_said(in_.view().substr(tunnel_->hello_size()))) early = Ended::blocked;
    parts[1] = io_part(retry->passes());
  }
  const std::uint64_t first_bytes = total_size(parts);
  if (early == Ended::done && first_bytes != 0) {
    std::span<iovec> rest(parts);
    bool sent = write_some(origin_.stream(), rest);
    if (sent && !rest.empty()) sent = co_await patience_.flush(origin_.stream(), rest);
    if (!sent) early = Ended::upstream_failed;
  }
  in_.drop();
  TunnelPump pump(client_, origin_.stream(), worker_.scratch, worker_.pipes, *this, std::move(retry));
  if (early == Ended::done && !is_shut_down()) {
    const OpenTunnel::Pumping pumping(*tunnel_, pump, worker_, *this);
    patience_.arm(Wait::tunnel, worker_.config().timeouts.tunnel_idle);
    pump.start();
    // A reload or an edge while it was being opened: the pass over open tunnels did not see this one.
    if (tunnel_->epoch() != worker_.epoch()) judge_or_end_tunnel();
    if (!pump.done().is_set()) co_await pump.done().wait();
  } else {
    origin_.close(true);
    client_.reset_on_close();
  }
  write_tunnel_end(pump, early, first_bytes);
  if (pump.failure()) std::rethrow_exception(pump.failure());
}

// `early`: why nothing was pumped at all, or done.
void Session::write_tunnel_end(const TunnelPump& pump, Ended early, std::uint64_t first_bytes) {
  LogRecord row = tunnel_->end_row(info_.address, pump, first_bytes);
  if (row.ended == Ended::done) row.ended = early;
  if (row.ended == Ended::blocked) worker_.mutable_counters().blocked.add();
  if (patience_.expired()) row.ended = Ended::timed_out;
  if (is_shut_down()) row.ended = ended_by_us();
  if (tunnel_->closed_by_policy()) row.ended = Ended::policy_changed;
  if (!worker_.shared.sink.write(std::move(row))) worker_.mutable_counters().failures.add();
}

// What cannot be judged does not stay open.
void Session::judge_or_end_tunnel() noexcept {
  if (!is_pumped() || tunnel_->closed_by_policy()) return;
  try {
    const TierId tier = tier_of_client(*worker_.generation());
    if (tunnel_->judge_again(worker_, info_, tier, origin_, opened_ == Opened::inspect)) return;
    worker_.mutable_counters().closed_by_policy.add();
  } catch (...) {
    worker_.note_failure(std::current_exception());
  }
  tunnel_->abort();
}

}  // namespace schoolgate
