// Session: the origin's response, head and body, streamed to the client.
#include "proxy/io/session/body_batch.h"
#include "proxy/io/session/session.h"

namespace schoolgate {
namespace {

constexpr int max_interim_responses = 32;

}  // namespace

Task<Relay> Session::receive(Exchange& x, bool reused) {
  Buffer down(worker_.buffers);
  Relay relay = co_await receive_head(x, down, reused);
  if (relay == Relay::done && x.response.status == 101) {
    relay = co_await switch_protocols(x, down);
  } else if (relay == Relay::done) {
    relay = co_await relay_body(x, down);
  }
  stop_sending(x);
  co_return relay;
}

void Session::write_response(Exchange& x, bool keep_alive, bool chunked) {
  const std::string_view date = x.response.has_date ? std::string_view() : worker_.date();
  x.response_out.clear();
  write_response_head(x.response, worker_.shared.via_name, date, keep_alive, chunked, x.response_out);
}

// Through the head of the final response (or 101); interim ones are passed on as they come.
Task<Relay> Session::receive_head(Exchange& x, Buffer& down, bool reused) {
  if (x.request_complete) patience_.arm(Wait::response, worker_.config().timeouts.response);
  const std::size_t limit = worker_.config().limits.head_bytes;
  std::size_t scanned = 0;
  bool any = false, any_head = false;
  for (int interim = 0; interim <= max_interim_responses;) {
    const std::size_t end = find_head_end(down.view(), scanned);
    if (end == 0) {
      if (down.size() >= limit) break;
      if (const auto why = no_more_head(x, down.view(), !any_head)) co_return *why;
      scanned = down.size();
      const asio::mutable_buffer space = down.prepare(1, BufferPool::large);
      const auto [failed, got] = co_await origin_.stream().async_read_some(space, use_result);
      if (failed) {
        co_return relay_of({client_is_gone() || is_shut_down(), patience_.expired(), reused, any});
      }
      down.commit(got);
      any = true;
      continue;
    }
    if (end > limit) break;
    any_head = true;
    x.response_text.assign(down.view().substr(0, end));
    down.consume(end);
    scanned = 0;
    const auto parsed =
        parse_response_head(x.response_text, x.head.method, x.response, x.head.upgrade_websocket);
    if (parsed.failed()) {
      x.detail = parsed.error().what;
      co_return Relay::bad_response;
    }
    if (!x.response.interim) co_return Relay::done;
    ++interim;
    if (x.head.minor_version == 0) continue;
    write_response(x, true, false);
    iovec part = io_part(x.response_out);
    std::span<iovec> rest(&part, 1);
    bool sent = write_some(client_, rest);
    if (sent && !rest.empty()) sent = co_await patience_.flush(client_, rest);
    if (!sent) co_return Relay::client_gone;
  }
  x.detail = "response_head";
  co_return Relay::bad_response;
}

// Why no more is read of a head that has no end yet; nullopt: its rest may come.
std::optional<Relay> Session::no_more_head(Exchange& x, std::string_view begun, bool first_head) {
  if (first_head && is_http2_preface(begun)) {
    x.detail = speaks_h2_only;
    return Relay::bad_response;
  }
  if (!origin_.is_open()) return patience_.expired() ? Relay::timed_out : Relay::bad_response;
  return std::nullopt;
}

// Head and body. Bytes after the end of the body never pass: that connection is not used again.
Task<Relay> Session::relay_body(Exchange& x, Buffer& down) {
  const Delivery how = deliver(x.head, x.response,
                               {.origin_in_tls = origin_.stream().tls() != nullptr,
                                .client_in_tls = client_.tls() != nullptr,
                                .request_complete = x.request_complete,
                                .leaving = leaving()});
  std::string* const trailers = client_.pipe() != nullptr ? &x.trailers : nullptr;
  x.response_body.start(x.response.framing, x.response.content_length, true, trailers);
  x.client_keep_alive = how.keep_alive;
  x.status = x.response.status;
  note_answer(x);
  write_response(x, how.keep_alive, how.chunked);
  std::string_view head = x.response_out;
  if (x.request_complete) patience_.arm(Wait::body, worker_.config().timeouts.body);
  BodyBatch batch;
  if (trailers != nullptr) batch.end_with(*trailers);
  batch.collect(x.response_body, down.view(), head, how.chunked);
  for (;;) {
    if (batch.bad()) co_return bad_body(x);
    std::span<iovec> rest = batch.parts();
    if (!rest.empty()) {
      x.response_started = true;
      x.bytes_down += total_size(rest);
      bool sent = write_some(client_, rest);
      if (sent && !rest.empty()) sent = co_await patience_.flush(client_, rest);
      if (!sent) co_return Relay::client_gone;
    }
    head = {};
    down.consume(batch.consumed());
    if (batch.done()) {
      if (!down.empty()) x.response.keep_alive = false;
      co_return Relay::done;
    }
    if (batch.more()) {
      batch.collect(x.response_body, down.view(), head, how.chunked);
      continue;
    }
    if (!origin_.is_open()) co_return Relay::cut;
    touch();
    const asio::mutable_buffer space = down.prepare(1, BufferPool::large);
    const auto [failed, got] = co_await origin_.stream().async_read_some(space, use_result);
    if (failed) {
      const Relay end = end_of_origin(x, failed, how.ends_alike);
      if (end != Relay::done) co_return end;
      batch.collect_end(head, how.chunked);
      continue;
    }
    down.commit(got);
    batch.collect(x.response_body, down.view(), head, how.chunked);
  }
}

Relay Session::bad_body(Exchange& x) {
  if (x.response_started) return Relay::cut;
  x.detail = "response_body";
  return Relay::bad_response;
}

// The origin ended or failed before the body had ended by itself. done: that is the body's end.
Relay Session::end_of_origin(Exchange& x, error_code failed, bool ends_alike) {
  const bool cut = ends_alike && failed != asio::error::eof && origin_.stream().was_cut();
  if (cut) client_.end_as_cut();
  if (cut) x.detail = "closed: no close_notify";
  const bool ended = (cut || failed == asio::error::eof) && x.response_body.finish_at_eof();
  if (ended) return Relay::done;
  return client_is_gone() ? Relay::client_gone : Relay::cut;
}

// 101: its head, and what the origin has already said in the new protocol.
Task<Relay> Session::switch_protocols(Exchange& x, Buffer& down) {
  x.status = x.response.status;
  note_answer(x);
  write_response(x, true, false);
  std::array<iovec, 2> parts{io_part(x.response_out), io_part(down.view())};
  std::span<iovec> rest(parts);
  x.response_started = true;
  x.bytes_down += total_size(rest);
  bool sent = write_some(client_, rest);
  if (sent && !rest.empty()) sent = co_await patience_.flush(client_, rest);
  co_return sent ? Relay::websocket : Relay::client_gone;
}

}  // namespace schoolgate
