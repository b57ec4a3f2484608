// Session: an accepted CONNECT. Its first bytes are read and judged before any of them passes.
#include <array>

#include "proxy/core/tls/client_hello.h"
#include "proxy/io/net/wall_clock.h"
#include "proxy/io/session/session.h"

namespace schoolgate {
namespace {

constexpr std::string_view established = "HTTP/1.1 200 Connection established\r\n\r\n";
constexpr char tls_handshake = 0x16;
constexpr std::chrono::seconds cold{0};  // thousands may be opened and say nothing

std::uint32_t ms_since(std::chrono::steady_clock::time_point start) {
  const auto took = std::chrono::steady_clock::now() - start;
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
}

}  // namespace

// The origin is connected to before the 200, so that a failure has an answer; a tunnel to port 80 needs no
// connection yet, its requests are judged one by one.
Task<Session::Next> Session::accept_connect(Exchange& x, bool connect_now) {
  const bool http = x.url.scheme() == Scheme::http;
  if (!http && connect_now) {
    const std::optional<PageKind> failed = co_await connect_upstream(x.url, x.verdict, x.help);
    if (failed) co_return co_await answer_unconnected(x, *failed);
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
  if (http) authority_ = std::make_unique<Url>(x.url);
  record_ = std::make_unique<TunnelRecord>();
  record_->name = x.head.target;  // as spelled: that too is judged
  record_->decision = x.decision;
  record_->started = x.started;
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
    record_->decision = worker_.next_decision();
    record_->started = std::chrono::steady_clock::now();
    co_return Next::tls_tunnel;
  }
  record_.reset();
  const std::unique_ptr<Url> authority = std::move(authority_);
  const Next next = co_await exchange_loop(authority.get());
  co_return next;
}

// Reads until the first bytes are a ClientHello, or certainly none.
Task<Session::Hello> Session::read_hello(TunnelRecord& record) {
  const std::chrono::seconds limit = worker_.config().timeouts.hello;
  if (in_.empty()) {
    const bool there = co_await wait_for_bytes(limit, cold);
    // Who waits for the server to speak first does not speak TLS.
    record.facts.first = TunnelFacts::First::not_tls;
    if (!there) co_return patience_.expired() ? Hello::too_slow : Hello::client_gone;
  }
  patience_.arm(Wait::hello, limit);
  for (;;) {
    ClientHello hello;
    HelloStatus status = parse_client_hello(in_.view(), hello);
    if (status == HelloStatus::need_more && in_.size() >= max_hello_bytes) status = HelloStatus::bad;
    switch (status) {
      case HelloStatus::ok:
        record.facts.first = TunnelFacts::First::tls;
        record.facts.names = hello.names;
        if (hello.duplicate_extension && hello.names < 2) record.facts.names = 2;
        record.facts.ech = hello.ech;
        record.sni = hello.name;
        record.hello_size = static_cast<std::uint32_t>(hello.size);
        co_return Hello::read;
      case HelloStatus::not_tls:
        record.facts.first = TunnelFacts::First::not_tls;
        co_return Hello::read;
      case HelloStatus::bad:
        record.facts.first = TunnelFacts::First::bad_hello;
        co_return Hello::read;
      case HelloStatus::need_more:
        break;
    }
    record.facts.first = TunnelFacts::First::bad_hello;
    if (patience_.expired()) co_return Hello::too_slow;
    const asio::mutable_buffer space = in_.prepare(1, BufferPool::small);
    const auto [failed, got] = co_await client_.async_read_some(space, use_result);
    if (failed && patience_.expired()) co_return Hello::too_slow;
    if (failed) co_return Hello::client_gone;
    in_.commit(got);
  }
}

// The verdict on a tunnel, now: after its hello, after a reload, at an edge of the timetable.
Judged Session::judge_record(const TunnelRecord& record, const Generation& generation, std::int64_t time_ms) {
  Url url, sni;
  std::vector<CategoryId> granted;
  if (!record.parse(url)) return {};  // blocks; cannot be: it was parsed once
  const TierId tier = tier_of_client(generation);
  worker_.shared.grants.categories(info_.address, *generation.snapshot->policy, tier, url.host().text,
                                   time_ms, granted);
  const JudgeRequest request{.url = url,
                             .stage = record.websocket ? Stage::request : Stage::host,
                             .tier = tier,
                             .time = worker_.local_time(time_ms),
                             .granted = granted};
  if (record.websocket) return generation.judge->judge(request);
  TunnelFacts facts = record.facts;
  if (!record.sni.empty()) {
    facts.sni_valid = !sni.parse_authority(record.sni + ":" + std::to_string(url.port()));
    facts.sni_is_address = facts.sni_valid && sni.host().is_address();
    facts.sni = facts.sni_valid ? &sni : nullptr;
  }
  const Judged authority = generation.judge->judge_connect(request);
  return generation.judge->judge_hello(request, authority, facts);
}

// The row of a tunnel at its verdict. Its host is the name that was seen; the path is never known.
LogRecord Session::tunnel_row(const TunnelRecord& record, const Generation& generation, const Judged& judged,
                              std::int64_t time_ms) const {
  LogRecord row;
  row.part = LogRecord::Part::tunnel_open;
  row.decision = record.decision;
  row.time_ms = time_ms;
  row.client = info_.address;
  row.tier = tier_of_client(generation);
  row.revision = generation.snapshot->revision;
  set_verdict(row, judged, judged.verdict.action == Action::help);
  row.status = 200;
  row.method = "CONNECT";
  Url authority;
  if (!authority.parse_authority(record.name)) {
    row.host = authority.host().text;
    row.port = authority.port();
  }
  row.seen = Seen::connect_only;
  Url sni;
  const bool named = record.facts.first == TunnelFacts::First::tls && !record.sni.empty() &&
                     !sni.parse_authority(record.sni + ":" + std::to_string(row.port));
  if (named) {
    const bool outer = record.facts.ech && sni.host().text != row.host;
    row.seen = outer ? Seen::ech_outer : Seen::sni;
    row.host = sni.host().text;
  }
  row.duration_ms = ms_since(record.started);
  return row;
}

// The verdict on the first bytes, and its row. A coroutine of its own, whose large frame is not there before
// the client has spoken, nor while the tunnel idles.
Task<bool> Session::open_tunnel(Hello hello) {
  const bool speaks_tls = hello == Hello::read && record_->facts.first == TunnelFacts::First::tls;
  if (Url named; !named.parse_authority(record_->name) && named.host().text == own_host) {
    if (speaks_tls) co_await serve_own_pages();
    co_return false;
  }
  const std::shared_ptr<const Generation> generation = worker_.generation();
  record_->epoch = worker_.epoch();
  const std::int64_t now = wall_clock_ms();
  Judged judged = judge_record(*record_, *generation, now);
  LogRecord row = tunnel_row(*record_, *generation, judged, now);
  const Tier& tier = generation->snapshot->policy->tiers()[row.tier];
  const TunnelPlan plan = plan_tunnel(judged, tier, speaks_tls && may_open(*record_, *generation, tier));
  bool pass = hello != Hello::client_gone && plan.pass;
  if (plan.inspect) {
    const bool websocket = co_await inspect(std::move(row));
    co_return websocket;
  }
  if (plan.page) {
    co_await show_page_inside(std::move(row));
    co_return false;
  }
  // Not a tunnel: one row is all there is.
  if (!pass) {
    row.ended = Ended::blocked;
    if (hello == Hello::too_slow) row.ended = Ended::timed_out;
    if (hello == Hello::client_gone) row.ended = shut_down_ ? ended_by_us() : Ended::client_gone;
    const bool counts = row.ended == Ended::blocked && row.verdict.action != Action::help;
    worker_.mutable_counters().blocked.add(counts ? 1 : 0);
    if (row.ended == Ended::blocked) note_blocked(row);
  } else if (!worker_.shared.sink.has_room()) {
    row.ended = Ended::refused;
    row.cause = "log_full";
    pass = false;
  } else if (!origin_.has_stream()) {
    Url authority;
    const bool parsed = !authority.parse_authority(record_->name);
    const std::optional<PageKind> failed = co_await connect_upstream(authority, judged.verdict, judged.help);
    if (failed) row.ended = is_block(*failed) ? Ended::blocked : Ended::upstream_failed;
    set_verdict(row, judged, judged.verdict.action == Action::help);
    if (row.ended == Ended::upstream_failed) row.cause = origin_.failure();
    if (row.ended == Ended::blocked) note_blocked(row);
    pass = parsed && !failed;
  }
  if (pass) {
    record_->revision = row.revision;
    record_->verdict = judged.without_help();
    record_->tier = row.tier;
  } else {
    row.part = LogRecord::Part::exchange;
    // Nothing went over it, so no port need wait for what may still be on its way: browsers connect ahead and
    // leave by the thousand.
    origin_.close(true);
  }
  log_row(std::move(row), true);
  co_return pass;
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

// Among the worker's tunnels for as long as it is pumped.
class Session::OpenTunnel {
 public:
  OpenTunnel(Session& session, TunnelPump& tunnel) : session_(session) {
    session.worker_.add_tunnel(session);
    session.tunnel_ = &tunnel;
  }
  ~OpenTunnel() {
    session_.tunnel_ = nullptr;
    session_.patience_.rest();
    session_.worker_.remove_tunnel(session_);
  }
  OpenTunnel(const OpenTunnel&) = delete;
  OpenTunnel& operator=(const OpenTunnel&) = delete;

 private:
  Session& session_;
};

// Everything was judged; from here bytes only pass. What the client has already said goes first.
Task<void> Session::pump() {
  std::unique_ptr<HelloRetry> retry;
  std::string_view first = in_.view(), more;
  Ended early = Ended::done;
  if (!record_->websocket && record_->facts.first == TunnelFacts::First::tls) {
    retry = std::make_unique<HelloRetry>(record_->facts.names, record_->sni);
    first = in_.view().substr(0, record_->hello_size);
    if (!retry->client_said(in_.view().substr(record_->hello_size))) early = Ended::blocked;
    more = retry->passes();
  }
  const std::uint64_t first_bytes = first.size() + more.size();
  if (early == Ended::done && first_bytes != 0) {
    std::array<iovec, 2> parts{io_part(first), io_part(more)};
    std::span<iovec> rest(parts);
    bool sent = write_some(origin_.stream(), rest);
    if (sent && !rest.empty()) sent = co_await patience_.flush(origin_.stream(), rest);
    if (!sent) early = Ended::upstream_failed;
  }
  in_.drop();
  TunnelPump tunnel(client_, origin_.stream(), worker_.scratch, *this, std::move(retry));
  if (early == Ended::done && !shut_down_) {
    const OpenTunnel listed(*this, tunnel);
    patience_.arm(Wait::tunnel, worker_.config().timeouts.tunnel_idle);
    tunnel.start();
    // A reload or an edge while it was being opened: the pass over open tunnels did not see this one.
    if (record_->epoch != worker_.epoch()) judge_or_end_tunnel();
    if (!tunnel.done().is_set()) co_await tunnel.done().wait();
  } else {
    origin_.close(true);
    client_.reset_on_close();
  }
  write_tunnel_end(tunnel, early, first_bytes);
  if (tunnel.failure()) std::rethrow_exception(tunnel.failure());
}

// `early`: why nothing was pumped at all, or done.
void Session::write_tunnel_end(const TunnelPump& tunnel, Ended early, std::uint64_t first_bytes) {
  LogRecord row;
  row.part = LogRecord::Part::tunnel_end;
  row.tier = record_->tier;
  row.revision = record_->revision;
  row.verdict = record_->verdict;
  row.decision = record_->decision;
  row.time_ms = wall_clock_ms();
  row.client = info_.address;
  row.bytes_up = first_bytes + tunnel.bytes_up();
  row.bytes_down = tunnel.bytes_down();
  row.duration_ms = ms_since(record_->started);
  row.ended = early;
  if (tunnel.end() == TunnelPump::End::upstream_failed) row.ended = Ended::upstream_failed;
  if (tunnel.end() == TunnelPump::End::client_failed) row.ended = Ended::client_gone;
  if (tunnel.end() == TunnelPump::End::hello_changed) row.ended = Ended::blocked;
  if (row.ended == Ended::blocked) worker_.mutable_counters().blocked.add();
  if (patience_.expired()) row.ended = Ended::timed_out;
  if (shut_down_) row.ended = ended_by_us();
  if (closed_by_policy_) row.ended = Ended::policy_changed;
  if (!worker_.shared.sink.write(std::move(row))) worker_.mutable_counters().failures.add();
}

// What cannot be judged does not stay open.
void Session::judge_or_end_tunnel() noexcept {
  try {
    judge_tunnel_again();
  } catch (...) {
    worker_.note_failure(std::current_exception());
    if (tunnel_ != nullptr) tunnel_->abort();
  }
}

void Session::judge_tunnel_again() {
  if (!record_ || tunnel_ == nullptr || closed_by_policy_) return;
  const Generation& generation = *worker_.generation();
  Judged judged = judge_record(*record_, generation, wall_clock_ms());
  const TierId tier_id = tier_of_client(generation);
  const Tier& tier = generation.snapshot->policy->tiers()[tier_id];
  const bool passes = plan_tunnel(judged, tier, may_open(*record_, generation, tier)).pass;
  Url url;
  const bool stays = passes && may_stay_open(generation, tier) && record_->parse(url) &&
                     !origin_.way_is_closed(generation, tier_id, url, judged);
  if (stays) return;
  closed_by_policy_ = true;
  record_->verdict = judged.without_help();
  record_->revision = generation.snapshot->revision;
  worker_.mutable_counters().closed_by_policy.add();
  tunnel_->abort();
}

}  // namespace schoolgate
