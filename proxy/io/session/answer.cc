// Session: answers that the proxy gives itself.
#include "proxy/core/json_text.h"
#include "proxy/core/pages/own_site.h"
#include "proxy/core/pages/page_http.h"
#include "proxy/core/pages/pages.h"
#include "proxy/io/session/session.h"
#include "proxy/io/tls/tls_material.h"

namespace schoolgate {
namespace {

constexpr std::string_view too_many_answer =
    "HTTP/1.1 429 Too Many Requests\r\n"
    "Retry-After: 1\r\n"
    "Cache-Control: no-store\r\n"
    "Content-Length: 0\r\n";

// On one connection, in a row: who goes on asking then has to connect anew.
constexpr int most_turned_away = 5;

std::string address_text(const tcp::endpoint& endpoint) {
  const IpAddress ip = to_ip(endpoint.address());
  const std::string port = std::to_string(endpoint.port());
  return ip.is_v4() ? ip.to_string() + ":" + port : "[" + ip.to_string() + "]:" + port;
}

// Not the client, as above; what a device says twice is told once.
void note_wish(const OwnAnswer::Wished& wished, LogSink& sink) {
  if (wished.reply.outcome != WishOutcome::taken && wished.reply.outcome != WishOutcome::merged) return;
  JsonObject json;
  json.add("wish", wished.reply.code).add("tier", wished.ask.tier).add("host", wished.ask.host);
  json.add("category", wished.ask.category).add("reason", to_string(wished.ask.reason));
  sink.event("client", "wish", json.text());
}

}  // namespace

// A page for `kind`. The connection goes on only if the request is read to its end.
Task<Session::Next> Session::answer(Exchange& x, PageKind kind, std::uint16_t status, std::string_view detail,
                                    bool close) {
  const bool keep = !close && x.has_head() && x.head.keep_alive && x.request_complete && !leaving();
  PageRequest page;
  page.kind = kind;
  page.status = status;
  page.head = x.has_head() ? &x.head : nullptr;
  page.verdict = &x.verdict;
  page.tier = x.tier;
  page.decision = x.decision;
  page.time_ms = x.time_ms;
  page.detail = detail;
  page.secure = client_.is_secure();
  if (x.has_url()) {
    page.url = x.url.forward();
    page.host = x.url.host().text;
    page.port = x.url.port();
  }
  std::string token, wish;
  if (x.generation) {
    page.snapshot = x.generation->snapshot.get();
    if (kind == PageKind::warn)
      token = continue_token(worker_.shared.grants, *page.snapshot->policy, info_.address, x.tier, page.host,
                             x.verdict, x.time_ms);
    if (kind == PageKind::help && x.way_on)
      token = help_token(worker_.shared.grants, *page.snapshot, info_.address, x.tier, page.host, *x.help,
                         x.time_ms);
    page.continue_token = token;
    if (is_block(kind) && worker_.shared.wishes != nullptr)
      wish = wish_token(worker_.shared.grants, *page.snapshot->policy, info_.address, x.tier, page.host,
                        x.verdict, x.time_ms);
    page.wish_token = wish;
  }
  std::string only, until;
  if (kind == PageKind::block_room_off || kind == PageKind::block_room_only)
    if (const Closing* const room = x.generation ? x.generation->judge->closing(x.verdict.rule) : nullptr) {
      only = room->opens;
      until = room->until;
    }
  page.room_only = only;
  page.room_until = until;
  x.status = status != 0 ? status : status_of(kind);
  std::string text = render_page(page, keep);
  co_return co_await send_page(x, std::move(text), keep);
}

Task<Session::Next> Session::answer_too_many(Exchange& x) {
  const bool last = ++turned_away_ >= most_turned_away;
  const bool keep = x.has_head() && x.head.keep_alive && x.request_complete && !last && !leaving();
  x.ended = Ended::refused;
  x.verdict = Verdict::refused(Reason::too_many_requests);
  x.status = 429;
  x.detail = "too_many";
  std::string text(too_many_answer);
  text += keep ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  co_return co_await send_page(x, std::move(text), keep);
}

// OPTIONS with Max-Forwards: 0 (RFC 9110 9.3.7).
Task<Session::Next> Session::answer_options(Exchange& x) {
  const bool keep = x.head.keep_alive && x.request_complete && !leaving();
  PageAnswer answer;
  answer.status = x.status = 200;
  answer.time_ms = x.time_ms;
  answer.methods = true;
  answer.keep_alive = keep;
  std::string text = page_response(answer, {});
  co_return co_await send_page(x, std::move(text), keep);
}

// The same URL again, over a new connection.
Task<Session::Next> Session::answer_again(Exchange& x) {
  PageAnswer answer;
  answer.status = x.status = 307;
  answer.time_ms = x.time_ms;
  answer.location = x.url.forward();
  answer.keep_alive = false;
  std::string text = page_response(answer, {});
  co_return co_await send_page(x, std::move(text), false);
}

void Session::note_answer(const Exchange& x) noexcept {
  worker_.mutable_counters().latency.note(x.started, std::chrono::steady_clock::now());
}

Task<Session::Next> Session::send_page(Exchange& x, std::string page, bool keep) {
  note_answer(x);
  iovec part = io_part(page);
  std::span<iovec> rest(&part, 1);
  bool sent = write_some(client_, rest);
  if (sent && !rest.empty()) sent = co_await patience_.flush(client_, rest);
  if (!sent) {
    if (x.ended == Ended::done) x.ended = Ended::client_gone;
    co_return Next::close;
  }
  x.bytes_down += page.size();
  if (keep) co_return Next::again;
  if (!x.request_complete || !in_.empty()) co_await linger();
  co_return Next::close;
}

// Where browsers are told to find the proxy: here. A listener to which the firewall sends is none for them,
// but another one of this machine is.
std::string Session::proxy_address() {
  error_code ignored;
  tcp::endpoint here = client_.socket().local_endpoint(ignored);
  if (info_.tproxy)  // that is where it was going
    if (const auto own = address_towards(info_.address)) here = to_endpoint(*own, here.port());
  if (info_.entrance != Entrance::proxy)
    for (const Listener& listener : worker_.config().listen) {
      if (listener.entrance != Entrance::proxy || listener.tier) continue;
      here.port(listener.port);
      break;
    }
  return address_text(here);
}

// Of another address than the one that is asked for: by the name of an https site first, as its tunnel is.
Judged Session::judge_again(const Exchange& x, const Url& url) const {
  const Generation& generation = *x.generation;
  const JudgeRequest request{.url = url,
                             .stage = Stage::request,
                             .tier = x.tier,
                             .time = worker_.local_time(x.time_ms),
                             .granted = {},
                             .client = &info_.address,
                             .trusts_ca = trusts_ca(generation)};
  Url authority;
  std::string name(url.authority());
  if (url.port() == 443) name += ":443";
  if (url.scheme() != Scheme::https || authority.parse_authority(name).failed())
    return generation.judge->judge(request);
  const JudgeRequest by_name{.url = authority,
                             .stage = Stage::host,
                             .tier = x.tier,
                             .time = request.time,
                             .granted = {},
                             .client = &info_.address,
                             .trusts_ca = request.trusts_ca};
  const Judged judged = generation.judge->judge_connect(by_name);
  return judged.verdict.path_may_change_it ? generation.judge->judge(request) : judged;
}

// http://schoolgate.internal/ and our own address.
Task<Session::Next> Session::answer_own_page(Exchange& x) {
  std::string body;
  patience_.arm(Wait::body, worker_.config().timeouts.body);
  while (!x.request_body.done() && body.size() <= max_own_body) {
    const BodyReader::Parsed parsed = x.request_body.next(in_.view());
    body += parsed.payload;
    in_.consume(parsed.consumed);
    if (parsed.status == BodyReader::Status::bad) break;
    if (parsed.status != BodyReader::Status::need_more) continue;
    const asio::mutable_buffer space = in_.prepare(1, BufferPool::small);
    const auto [failed, got] = co_await client_.async_read_some(space, use_result);
    if (failed || !moved(got)) {
      x.ended = patience_.expired() ? Ended::timed_out : Ended::client_gone;
      co_return Next::close;
    }
    in_.commit(got);
  }
  x.request_complete = x.request_body.done() && body.size() <= max_own_body;
  x.help.reset();
  x.verdict = own_verdict();
  const std::string_view detail = "body";
  if (!x.request_complete) {
    x.ended = Ended::refused;
    x.detail = detail;
    co_return co_await answer(x, PageKind::bad_request, 0, detail, true);
  }

  const bool keep = x.head.keep_alive && !leaving();
  PageRequest page;
  page.snapshot = x.generation->snapshot.get();
  page.head = &x.head;
  page.verdict = &x.verdict;
  page.tier = x.tier;
  page.time_ms = x.time_ms;
  page.secure = client_.is_secure();
  const std::string here = proxy_address();
  const OwnRequest request{.page = page,
                           .client = info_.address,
                           .target = x.url.target(),
                           .body = body,
                           .proxy_address = here,
                           .ca = x.generation->tls ? &x.generation->tls->facts : nullptr,
                           .wishes = worker_.shared.wishes,
                           .judge = [this, &x](const Url& url) { return judge_again(x, url); },
                           .tests = &worker_.shared.tests};
  OwnAnswer own = answer_own(request, worker_.shared.recent, worker_.shared.grants, keep);
  x.verdict = own.verdict;
  if (own.granted && own.granted->of_help()) {
    worker_.shared.help.page_shown(info_.address, own.granted->category, x.time_ms);
  } else if (own.granted) {
    JsonObject json;  // not the client: the log knows clients by pseudonym only
    json.add("tier", own.granted->tier).add("host", own.granted->host);
    json.add("category", own.granted->category);
    worker_.shared.sink.event("client", "grant", json.text());
  } else if (own.wished) {
    note_wish(*own.wished, worker_.shared.sink);
  }
  if (!own.tested.empty()) worker_.shared.sink.event("client", "device_test", own.tested);
  x.status = own.page.status;
  co_return co_await send_page(x, std::move(own.page.text), keep);
}

// What the page /test asks for is answered here, whoever asks: nobody is connected to, and the event of that
// page stands for all of it, so it has no row and is counted nowhere.
std::optional<Probe> Session::note_probe(const Url& url, const Verdict& verdict, const Policy& policy,
                                         TierId tier, std::int64_t now_ms) {
  const std::optional<ProbeAsked> asked = probe_of(url);
  if (!asked) return std::nullopt;
  DeviceTests& tests = worker_.shared.tests;
  // These are real names: only in a run of this client are they anything but ordinary.
  if (is_canary(asked->probe) && !tests.knows(info_.address, asked->nonce, now_ms)) return std::nullopt;
  const ProbeWay way = info_.entrance == Entrance::proxy ? ProbeWay::setting : ProbeWay::gateway;
  tests.note(info_.address, *asked, way, probe_is_blocked(verdict, policy, tier), now_ms);
  worker_.mutable_counters().requests.subtract();
  return asked->probe;
}

Task<Session::Next> Session::answer_probe(Exchange& x, Probe probe) {
  x.write_row = false;
  const bool tunnel = x.head.form == RequestHead::Form::authority;
  const bool keep = !tunnel && x.head.keep_alive && x.request_complete && !leaving();
  PageAnswer answer;
  const bool fine = probe == Probe::allowed_page || probe == Probe::by_address;
  answer.status = x.status = fine && !tunnel ? 200 : 403;
  answer.time_ms = x.time_ms;
  answer.content_type = "image/svg+xml";
  answer.keep_alive = keep;
  answer.head_only = x.head.method == "HEAD";
  std::string text = page_response(answer, {});
  co_return co_await send_page(x, std::move(text), keep);
}

}  // namespace schoolgate
