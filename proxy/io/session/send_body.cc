// Session: the body of a request, streamed to the origin beside receive().
#include "proxy/io/session/body_batch.h"
#include "proxy/io/session/session.h"

namespace schoolgate {

// Ends when the body is sent, the client or the origin stops, or stop_sending() says so. Reads no faster than
// the origin takes.
Task<void> Session::send_body(Exchange& x) {
  const bool chunked = x.head.framing == Framing::chunked;
  patience_.arm(Wait::body, worker_.config().timeouts.body);
  std::string_view head = x.out;
  BodyBatch batch;
  for (;;) {
    batch.collect(x.request_body, in_.view(), head, chunked);
    if (batch.bad()) {
      x.refusal = Exchange::Refusal::bad_body;
      x.detail = "bad_body";
      origin_.close(true);  // ends receive() too
      co_return;
    }
    std::span<iovec> rest = batch.parts();
    if (!rest.empty()) {
      x.bytes_up += total_size(rest);
      bool sent = write_some(origin_.stream(), rest);
      if (sent && !rest.empty()) sent = co_await patience_.flush(origin_.stream(), rest);
      if (!sent) co_return;  // it takes no more, but may have answered: receive() sees
    }
    head = {};
    in_.consume(batch.consumed());
    if (batch.done()) {
      x.request_complete = true;
      in_.drop_if_empty();
      if (!x.response_started) patience_.arm(Wait::response, worker_.config().timeouts.response);
      co_return;
    }
    if (batch.more()) continue;
    if (x.stop_body || patience_.expired()) co_return;
    const asio::mutable_buffer space = in_.prepare(1, BufferPool::large);
    const auto [failed, got] = co_await client_.async_read_some(space, use_result);
    if (failed || x.stop_body) {
      end_body_early(x);
      co_return;
    }
    in_.commit(got);
    if (!moved(got)) {
      origin_.close(true);  // ends receive() too
      co_return;
    }
  }
}

// No more of the body comes from the client. It is gone, unless it was us who ended the waiting.
void Session::end_body_early(const Exchange& x) noexcept {
  if (x.stop_body || patience_.expired()) return;
  if (peer_ == Peer::there) peer_ = Peer::gone;
  origin_.close(true);
}

// The response is over, or will never be: nobody needs the rest of the body.
void Session::stop_sending(Exchange& x) noexcept {
  if (x.request_complete) return;
  x.stop_body = true;
  error_code ignored;
  client_.cancel(ignored);
  if (origin_.is_open()) origin_.stream().cancel(ignored);
}

}  // namespace schoolgate
