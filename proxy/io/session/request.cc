// Session: from the bytes of a request head to a plan, and its one row in the log.
#include <algorithm>

#include "proxy/core/alert_span.h"
#include "proxy/core/privacy.h"
#include "proxy/io/net/wall_clock.h"
#include "proxy/io/session/points_at.h"
#include "proxy/io/session/session.h"

namespace schoolgate {
namespace {

// How long a request waits that came too early.
constexpr std::chrono::seconds turn_patience{2};

}  // namespace

void Session::begin(Exchange& x) {
  x.started = std::chrono::steady_clock::now();
  x.time_ms = wall_clock_ms();
  x.decision = worker_.next_decision();
  x.generation = worker_.generation();
  if (x.generation) x.tier = tier_of_client(*x.generation);
  x.verdict = Verdict::refused(x.generation ? Reason::unfinished_request : Reason::no_snapshot);
  if (peer_ == Peer::gone) peer_ = Peer::there;  // as far as is known of this one
}

// One request, one answer, one row.
Task<Session::Next> Session::exchange(Exchange& x, const Url* authority) {
  begin(x);
  const Finish finish{*this, x};

  HeadRead read;
  read.end = find_head_end(in_.view(), 0);
  if (read.end == 0 || read.end > worker_.config().limits.head_bytes) read = co_await read_head(x);
  if (read.end == 0) {
    x.ended = is_shut_down() ? ended_by_us() : Ended::client_gone;
    if (!read.page) co_return Next::close;
    static_cast<void>(take_turn(x));  // it counts, and ends the connection anyway
    const std::string_view said = in_.view();
    read_refused_host(x, said.substr(0, worker_.config().limits.head_bytes), authority);
    co_return co_await refuse(x, *read.page, 0, x.detail);
  }
  x.head_text.assign(in_.view().substr(0, read.end));
  in_.consume(read.end);
  in_.drop_if_empty();
  worker_.mutable_counters().requests.add();
  const std::chrono::nanoseconds turn = take_turn(x);
  if (turn.count() > 0) co_await wait_for_turn(x, turn);
  const Plan plan = decide(x, authority);
  co_return co_await obey(x, plan);
}

// What is wrong with a request before any rule is asked: it is answered and the connection closed.
Task<Session::Next> Session::refuse(Exchange& x, PageKind page, std::uint16_t status, std::string_view what) {
  x.ended = page == PageKind::request_timeout ? Ended::timed_out : Ended::refused;
  if (x.generation) x.verdict = Verdict::refused(refusal_of(status != 0 ? status : status_of(page)));
  if (x.help) x.help->without = x.verdict;
  co_return co_await answer(x, page, status, what, true);
}

// The host of a request that has no URL, for its row.
void Session::read_refused_host(Exchange& x, std::string_view head, const Url* authority) {
  if (authority == nullptr) {
    x.refused_host = host_of_refused(head);
  } else {
    x.refused_host = authority->host().text;
  }
}

// Takes this request out of its client's bucket: how long it has to wait. When too many wait already it is
// refused, and gets its answer at once.
std::chrono::nanoseconds Session::take_turn(Exchange& x) noexcept {
  const Limits& limits = worker_.config().limits;
  const RequestRate rate{info_.shared ? 0 : limits.requests_per_second_per_client, limits.request_burst()};
  const auto turn = info_.entry->take_request(x.started, rate, turn_patience);
  if (turn) turned_away_ = 0;
  if (!turn) x.refusal = Exchange::Refusal::too_many;
  return turn.value_or(std::chrono::nanoseconds(0));
}

// A timer of its own: those who ask too much are few, and a tick would be far too long for them. What is held
// meanwhile is one head; the client's next request is not read.
Task<void> Session::wait_for_turn(Exchange& x, std::chrono::nanoseconds turn) {
  patience_.rest();
  Timer timer(worker_.executor(), turn);
  {
    const PointsAt waiting(turn_, timer);
    const auto [cut_short] = co_await timer.async_wait(use_result);
    static_cast<void>(cut_short);
  }
  x.generation = worker_.generation();  // by which it is judged now
  if (x.generation) x.tier = tier_of_client(*x.generation);
  x.time_ms = wall_clock_ms();
}

// Reads until a whole head is in in_.
Task<Session::HeadRead> Session::read_head(Exchange& x) {
  const Limits& limits = worker_.config().limits;
  const auto page = [&x](PageKind kind, std::string_view detail) {
    x.detail = detail;
    HeadRead read;
    read.page = kind;
    return read;
  };
  patience_.arm(Wait::head, worker_.config().timeouts.head);
  std::size_t scanned = 0;
  for (;;) {
    const std::string_view text = in_.view();
    const std::size_t end = find_head_end(text, scanned);
    if (end > 0 && end <= limits.head_bytes) {
      HeadRead read;
      read.end = end;
      co_return read;
    }
    if (text.size() >= limits.head_bytes) {
      const bool in_first_line = text.find('\n') == std::string_view::npos;
      co_return page(in_first_line ? PageKind::uri_too_long : PageKind::head_too_large, "head");
    }
    if (hopeless_request(text)) co_return page(PageKind::bad_request, "not_http");
    scanned = text.size();
    if (patience_.expired()) co_return page(PageKind::request_timeout, "head");
    const asio::mutable_buffer space = in_.prepare(1, BufferPool::small);
    const auto [failed, got] = co_await client_.async_read_some(space, use_result);
    if (failed && patience_.expired()) co_return page(PageKind::request_timeout, "head");
    if (failed) co_return HeadRead();
    in_.commit(got);
  }
}

// The URL that is asked for; nullopt if it is none. In a tunnel the authority of the CONNECT is the host, and
// Host must agree with it. Who was redirected did not ask a proxy, but the host and port that Host names.
std::optional<Session::Addressed> Session::parse_target(Exchange& x, const Url* authority) {
  const RequestHead& head = x.head;
  Addressed asked;
  asked.as_of_origin = authority != nullptr || info_.destination;
  const auto good = [&x](const Result<void, UrlError>& parsed) {
    if (parsed.failed()) x.detail = to_string(parsed.error());
    return parsed.ok();
  };
  switch (head.form) {
    case RequestHead::Form::authority:
      return good(x.url.parse_authority(head.target)) ? std::optional(asked) : std::nullopt;
    case RequestHead::Form::absolute:
      return good(x.url.parse(head.target)) ? std::optional(asked) : std::nullopt;
    case RequestHead::Form::origin:
    case RequestHead::Form::asterisk:
      break;
  }
  std::string_view host = head.field("Host");
  if (host.empty() && authority != nullptr) host = authority->authority();
  std::string text = opened_ == Opened::no ? "http://" : "https://";
  text += host;
  text += head.form == RequestHead::Form::asterisk ? std::string_view("/") : head.target;
  if (!good(x.url.parse(text))) return std::nullopt;
  if (authority != nullptr) {
    const bool same = x.url.host().text == authority->host().text && x.url.port() == authority->port();
    return same ? std::optional(asked) : std::nullopt;
  }
  if (info_.destination) {
    // The port that is judged is the one that was gone to.
    const bool same_port = x.url.port() == info_.destination->port;
    if (!same_port) x.detail = "other_port";
    asked.to_our_address = is_this_machine(x.url.host());
    return same_port ? std::optional(asked) : std::nullopt;
  }
  if (x.url.host().is_address() && x.generation)
    asked.to_our_address = x.generation->addresses.check(x.url.host().address, x.url.port(),
                                                         worker_.local_addresses()) == AddressCheck::own;
  return asked;
}

Plan Session::decide(Exchange& x, const Url* authority) {
  const auto reject = [&x](PageKind kind, std::string_view detail) {
    x.detail = detail;
    return Plan(Reject{kind});
  };
  Result<void, HeadError> parsed = escape_target(x.head_text);
  if (parsed.ok()) parsed = parse_request_head(x.head_text, x.head);
  if (parsed.failed()) {
    const HeadError& error = parsed.error();
    x.reject_status = error.status;
    read_refused_host(x, x.head_text, authority);
    return reject(page_of(error), error.what);
  }
  x.stage = Exchange::Stage::head;
  x.head.over_h2 = client_.pipe() != nullptr;
  x.request_body.start(x.head.framing, x.head.content_length);
  x.request_complete = x.request_body.done();
  const Limits& limits = worker_.config().limits;
  if (x.head.target.size() > limits.url_bytes) {
    read_refused_host(x, x.head_text, authority);
    return reject(PageKind::uri_too_long, "url");
  }
  const std::optional<Addressed> asked = parse_target(x, authority);
  if (!asked) {
    const bool other_name = opened_ != Opened::no && !x.url.host().text.empty();
    x.refused_host = other_name ? x.url.host().text : host_of_refused(x.head_text);
    if (!other_name) return Plan(Reject{PageKind::bad_request});
    x.reject_status = 421;  // RFC 9110 15.5.20: this connection was verified for another name
    return reject(PageKind::name_mismatch, "host");
  }
  x.stage = Exchange::Stage::url;
  if (opened_ != Opened::no) ++requests_inside_;
  if (!x.generation) return reject(PageKind::not_ready, "no_policy");
  if (x.is_too_many()) return reject(PageKind::proxy_busy, "too_many");
  const Tier& tier = x.generation->snapshot->policy->tiers()[x.tier];
  if (opened_ == Opened::page) {
    const Judged judged = tunnel_->judge(worker_, info_, *x.generation, x.tier, x.time_ms);
    x.verdict = judged.verdict;
    x.help = judged.help;
  } else {
    judge(x);
  }
  const PlanRequest request{.head = x.head,
                            .url = x.url,
                            .verdict = x.verdict,
                            .tier = tier,
                            .as_of_origin = asked->as_of_origin,
                            .to_our_address = asked->to_our_address,
                            .via_name = worker_.shared.via_name,
                            .has_authority = x.generation->tls != nullptr,
                            .trusts_ca = trusts_ca(*x.generation),
                            .judge = x.generation->judge.get(),
                            .in_page_tunnel = opened_ == Opened::page,
                            .help = x.help ? &*x.help : nullptr,
                            .help_page_due = x.help && help_page_due(x)};
  return plan(request);
}

bool Session::help_page_due(const Exchange& x) {
  const std::string rule = help_rule(*x.generation->snapshot, x.help->help);
  return worker_.shared.help.page_due(info_.address, rule, x.time_ms);
}

void Session::judge(Exchange& x) {
  x.epoch = worker_.epoch();
  const Generation& generation = *x.generation;
  const bool connect = x.head.form == RequestHead::Form::authority;
  worker_.shared.grants.categories(info_.address, *generation.snapshot->policy, x.tier, x.url.host().text,
                                   x.time_ms, x.granted);
  const JudgeRequest request{.url = x.url,
                             .stage = connect ? Stage::host : Stage::request,
                             .tier = x.tier,
                             .time = worker_.local_time(x.time_ms),
                             .granted = x.granted,
                             .client = &info_.address,
                             .trusts_ca = trusts_ca(generation)};
  const Judged judged = connect ? generation.judge->judge_connect(request) : generation.judge->judge(request);
  x.verdict = judged.verdict;
  x.help = judged.help;
  if (connect) {
    x.seen = Seen::connect_only;
  } else if (generation.snapshot->policy->engines().is_search(x.url)) {
    x.seen = Seen::search_words;
  }
}

// What is within a connection that we opened is seen, whoever it is from.
bool Session::trusts_ca(const Generation& generation) const noexcept {
  return opened_ == Opened::inspect || generation.snapshot->policy->trusts_ca(info_.address);
}

TierId Session::tier_of_client(const Generation& generation) const noexcept {
  if (info_.listener < generation.listener_tiers.size())
    if (const auto fixed = generation.listener_tiers[info_.listener]) return *fixed;
  return generation.snapshot->policy->tier_of(info_.address);
}

Task<Session::Next> Session::obey(Exchange& x, const Plan& plan) {
  if (x.is_too_many()) co_return co_await answer_too_many(x);
  if (const auto* reject = std::get_if<Reject>(&plan)) {
    if (x.detail.empty()) x.detail = reject->what;
    co_return co_await refuse(x, reject->page, x.reject_status, x.detail);
  }
  if (const auto probe = note_probe(x.url, x.verdict, *x.generation->snapshot->policy, x.tier, x.time_ms))
    co_return co_await answer_probe(x, *probe);
  if (const auto* blocked = std::get_if<Block>(&plan)) {
    x.way_on = blocked->way_on;
    co_return co_await block(x, blocked->page);
  }
  if (const auto* forwarded = std::get_if<Forward>(&plan)) x.by_help = forwarded->by_help;
  if (std::holds_alternative<Own>(plan)) co_return co_await answer_own_page(x);
  if (std::holds_alternative<Again>(plan)) co_return co_await answer_again(x);
  if (std::holds_alternative<LastHop>(plan)) co_return co_await answer_options(x);
  if (std::holds_alternative<Inspect>(plan)) co_return co_await accept_connect(x, false);
  // What is allowed must be recorded: without room for its row it is refused (README.md, "Never fails open").
  if (!worker_.shared.sink.has_room()) {
    x.ended = Ended::refused;
    x.detail = "no_log_room";
    co_return co_await answer(x, PageKind::proxy_busy, 0, "no_log_room", false);
  }
  if (std::holds_alternative<Tunnel>(plan)) co_return co_await accept_connect(x, true);
  if (peer_ == Peer::took_back) {
    x.ended = Ended::client_gone;
    co_return Next::close;
  }
  co_return co_await forward(x);
}

Task<Session::Next> Session::block(Exchange& x, PageKind page) {
  const std::string_view detail = x.detail;
  x.ended = Ended::blocked;
  if (page == PageKind::help) {  // nobody's block: it is neither counted nor listed
    x.by_help = true;
    if (x.help)
      note_help_page(x.help->help, info_.address, *x.generation->snapshot, x.time_ms, worker_.shared.help);
    co_return co_await answer(x, page, 0, detail, opened_ == Opened::page);
  }
  if (x.help) x.verdict = x.help->without;
  worker_.mutable_counters().blocked.add();
  RecentVerdict past{.time_ms = x.time_ms,
                     .decision = x.decision,
                     .revision = x.generation->snapshot->revision,
                     .verdict = x.verdict,
                     .tier = x.tier,
                     .host = x.url.host().text,
                     .url = std::string(x.url.forward())};
  worker_.shared.recent.add(info_.address, std::move(past));
  co_return co_await answer(x, page, 0, detail, opened_ == Opened::page);
}

void Session::write_record(Exchange& x) noexcept {
  if (!x.write_row) return;
  try {
    write_row(x);
  } catch (...) {  // no memory
    worker_.mutable_counters().failures.add();
    worker_.shared.sink.row_lost();
  }
}

void Session::write_row(Exchange& x) {
  if (peer_ == Peer::took_back && (x.ended == Ended::upstream_failed || x.ended == Ended::timed_out))
    x.ended = Ended::client_gone;
  if (is_shut_down() && x.ended == Ended::client_gone) x.ended = ended_by_us();
  LogRecord record;
  record.part = x.part;
  record.decision = x.decision;
  record.time_ms = x.time_ms;
  record.client = info_.address;
  record.tier = x.tier;
  record.revision = x.generation ? x.generation->snapshot->revision : 0;
  const Judged judged{x.verdict, x.help};
  set_verdict(record, judged, x.by_help);
  record.seen = x.has_url() ? x.seen : Seen::nothing;
  record.ended = x.ended;
  record.status = x.status;
  if (x.has_head()) record.method = x.head.method;
  if (x.has_head() && !record.verdict.was_refused()) record.visit = visit_of(x.head);
  if (x.has_url()) {
    record.host = x.url.host().text;
    record.port = x.url.port();
    if (x.url.has_path() && keeps_path(record)) record.path = x.url.path();
  }
  if (!x.has_url()) record.host = x.refused_host;
  // What the page told the technician; where all went well it told nothing.
  if (x.ended != Ended::blocked) record.cause = x.detail;
  if (x.ended != Ended::blocked && x.elsewhere && record.cause.empty()) record.cause = other_address;
  record.bytes_up = x.bytes_up;
  record.bytes_down = x.bytes_down;
  const auto took = std::chrono::steady_clock::now() - x.started;
  record.duration_ms =
      static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
  if (!is_ordinary(record)) worker_.mutable_counters().requests.subtract();
  if (!record.verdict.was_refused())
    return log_row(std::move(record), x.help && x.has_head() && rings(*x.help, x.head));
  Shared& shared = worker_.shared;
  if (!shared.refusals.note(std::move(record), wall_clock_ms(), shared.sink))
    worker_.mutable_counters().failures.add();
}

void Session::log_row(LogRecord&& row, bool rings) {
  const Generation* const generation = worker_.generation().get();
  if (generation != nullptr && is_private(row)) {
    const Snapshot& snapshot = *generation->snapshot;
    row.alert_until_ms = alert_until_ms(snapshot.policy->spec().clock, worker_.local_time(row.time_ms),
                                        row.time_ms, snapshot.config.people_change(row.client));
    note_alert(row, rings, *snapshot.policy, worker_.shared.help);
  }
  constexpr std::uint16_t no_answer_in_time = 504;
  const bool failed = row.ended == Ended::upstream_failed ||
                      (row.ended == Ended::timed_out && row.status == no_answer_in_time);
  if (failed && is_ordinary(row)) worker_.mutable_counters().upstream_failures.add();
  if (!worker_.shared.sink.write(std::move(row))) worker_.mutable_counters().failures.add();
}

}  // namespace schoolgate
