#include "proxy/io/session/session.h"

#include <sys/socket.h>

#include <algorithm>

#include "proxy/io/h2/h2_connection.h"

namespace schoolgate {
namespace {

// How long an idle connection keeps its read buffer, in the hope of the next request.
constexpr std::chrono::seconds warm_time{2};
constexpr std::chrono::seconds linger_time{2};
constexpr std::size_t linger_bytes = 1 << 20;
// Steps of a body or a tunnel, 32 KiB each or more in bulk.
constexpr std::uint32_t moves_per_limit = 32;

}  // namespace

Session::Session(Worker& worker, Stream client, const ClientInfo& info)
    : worker_(worker),
      client_(std::move(client)),
      in_(worker.buffers),
      info_(info),
      slot_(worker.deadlines, *this),
      listed_(*this) {
  seat_.worker = &worker;
  note_moved();
  worker_.shared.clients.sit(info_.address, info_.entry, seat_);
}

// Whoever ends in order has closed it. What threw leaves half an answer, which nobody may take for whole.
Session::~Session() {
  if (client_.is_open()) client_.reset_on_close();
}

void Session::give_place_back() noexcept {
  worker_.give_place_back(info_.address, info_.entry, &seat_);
}

// One coroutine for the whole life of the connection, whose frame holds the session: what idles costs memory.
Task<void> Session::serve(Worker& worker, Socket client, ClientInfo info) {
  Session session(worker, Stream(std::move(client)), info);
  Next next = co_await session.exchange_loop(nullptr);
  if (next == Next::http_tunnel) next = co_await session.run_http_tunnel();
  if (next == Next::tls_tunnel) {
    const Hello hello = co_await session.read_hello(*session.record_);
    const bool opened = co_await session.open_tunnel(hello);
    next = opened ? Next::pass_through : Next::close;
  }
  if (next == Next::pass_through) co_await session.pump();
  error_code ignored;
  session.client_.close(ignored);
}

// `authority`: set inside a CONNECT to port 80, whose requests are in origin form.
Task<Session::Next> Session::exchange_loop(const Url* authority) {
  for (;;) {
    // A connection that ends here gets no answer and no row: browsers open some that they never use.
    if (in_.empty()) {
      if (leaving() && served_) co_return Next::close;
      idle_ = true;
      const bool there = co_await wait_for_bytes(worker_.config().timeouts.keep_alive, warm_time);
      idle_ = false;
      if (!there) co_return Next::close;
    }
    ExchangeLease lease(worker_.exchanges);
    const Next next = co_await exchange(*lease, authority);
    served_ = true;
    if (next != Next::again) co_return next;
  }
}

// Waits until in_ holds something; at first with a buffer, in the hope that it comes soon, then without.
// False: the client closed, or `limit` is over (expired_).
Task<bool> Session::wait_for_bytes(std::chrono::seconds limit, std::chrono::seconds warm) {
  warm = std::min(warm, limit);
  if (warm.count() > 0) {
    arm(Wait::first_bytes, warm);
    const asio::mutable_buffer space = in_.prepare(1, BufferPool::small);
    warm_ = true;
    const auto [failed, got] = co_await client_.async_read_some(space, use_result);
    warm_ = false;
    if (!failed) {
      in_.commit(got);
      co_return true;
    }
    in_.drop();
    if (!expired_ || limit == warm || leaving()) co_return false;
  }
  arm(Wait::first_bytes, limit - warm);
  for (;;) {
    if (expired_ || !client_.is_open()) co_return false;
    const auto [waited] = co_await client_.async_wait(Socket::wait_read, use_result);
    if (waited || !client_.is_open()) co_return false;
    const asio::mutable_buffer room = in_.prepare(1, BufferPool::small);
    std::size_t got_now = 0;
    const Stream::Read read = client_.try_read(static_cast<char*>(room.data()), room.size(), got_now);
    if (read == Stream::Read::some) {
      in_.commit(got_now);
      co_return true;
    }
    in_.drop();
    if (read != Stream::Read::again) {
      expired_ = false;
      co_return false;
    }
  }
}

// Writes what the socket takes at once; `parts` becomes the rest. False: the peer is gone.
bool Session::write_some(Stream& to, std::span<iovec>& parts) {
  if (!to.is_open()) return false;
  const WriteResult sent = to.try_write(parts);
  if (sent.error != 0) return false;
  parts = advance(parts, sent.bytes);
  return true;
}

// Writes all of `parts`, waiting as often as needed. False: the peer is gone, or took nothing for too long.
Task<bool> Session::flush(Stream& to, std::span<iovec> parts) {
  arm(Wait::body, worker_.config().timeouts.body);
  while (!parts.empty()) {
    const auto [waited] = co_await to.async_wait(Socket::wait_write, use_result);
    const std::size_t before = total_size(parts);
    if (waited || expired_ || !write_some(to, parts)) co_return false;
    if (!moved(before - total_size(parts))) co_return false;
  }
  co_return true;
}

// After a last answer: lets the client read it before the connection goes. Closing with bytes unread would
// reset it and might destroy the answer on its way.
Task<void> Session::linger() {
  if (!client_.is_open()) co_return;
  error_code ignored;
  client_.shutdown(Socket::shutdown_send, ignored);
  arm(Wait::linger, linger_time);
  in_.drop();
  const asio::mutable_buffer space = in_.prepare(1, BufferPool::small);
  for (std::size_t total = 0; total < linger_bytes && !expired_;) {
    const auto [failed, got] = co_await client_.async_read_some(space, use_result);
    if (failed) break;
    total += got;
  }
  in_.drop();
}

void Session::arm(Wait wait, std::chrono::seconds limit) noexcept {
  note_moved();
  wait_ = wait;
  limit_ = limit;
  expired_ = false;
  window_began_ = worker_.deadlines.now();
  window_bytes_ = 0;
  if (wait == Wait::response) {
    response_due_ = worker_.deadlines.now() + static_cast<std::uint32_t>(limit.count()) + 1;
    limit = std::min(limit, std::chrono::seconds(1));
  }
  worker_.deadlines.set(slot_, limit);
}

void Session::touch() noexcept {
  if (++moves_ % moves_per_limit == 0) limit_buffers();
  note_moved();
  if (!expired_) worker_.deadlines.set(slot_, limit_);
}

void Session::note_moved() noexcept {
  seat_.moved_at.store(worker_.second(), std::memory_order_relaxed);
  if (carrier_ != nullptr) carrier_->moved_at.store(worker_.second(), std::memory_order_relaxed);
}

// The kernel lets buffers grow while bytes are taken fast; whoever stalls then would have it hold them all.
void Session::limit_buffers() noexcept {
  if (client_.pipe() == nullptr && client_.is_open()) limit_received(client_.native_handle());
  if (upstream_ && upstream_->is_open()) limit_received(upstream_->native_handle());
}

// Bytes moved in a body: the deadline begins anew. False: they come so slowly that the peer only wants to
// hold the connection; that counts as expired.
bool Session::moved(std::size_t bytes) noexcept {
  touch();
  window_bytes_ += bytes;
  const std::uint32_t now = worker_.deadlines.now();
  const std::uint32_t elapsed = now - window_began_;
  if (elapsed <= static_cast<std::uint32_t>(limit_.count())) return true;
  if (window_bytes_ < std::uint64_t{elapsed} * worker_.config().limits.min_bytes_per_second) expired_ = true;
  window_began_ = now;
  window_bytes_ = 0;
  return !expired_;
}

void Session::close_upstream(bool reset) noexcept {
  if (!upstream_) return;
  if (reset) upstream_->reset_on_close();
  error_code ignored;
  upstream_->close(ignored);
}

void Session::on_deadline() noexcept {
  error_code ignored;
  if (wait_ == Wait::response) {
    // Nothing is read from the client while it waits: look after it now and then.
    client_gone_ = client_.peer_gone();
    if (client_gone_) return close_upstream(true);
    if (worker_.deadlines.now() < response_due_) return worker_.deadlines.set(slot_, std::chrono::seconds(1));
  }
  expired_ = true;
  switch (wait_) {
    case Wait::nothing:
      break;
    case Wait::first_bytes:
    case Wait::head:
    case Wait::hello:
    case Wait::handshake:
      client_.cancel(ignored);
      break;
    case Wait::next_stream:
      h2_->terminate(NGHTTP2_NO_ERROR);
      break;
    case Wait::linger:
      client_.close(ignored);
      break;
    case Wait::resolving:
      if (waiter_ != nullptr) worker_.resolver().cancel(*waiter_);
      break;
    case Wait::connecting:
      if (connector_ != nullptr) connector_->cancel();
      break;
    case Wait::response:
    case Wait::upstream_handshake:
      close_upstream(true);
      break;
    case Wait::body:
      close_upstream(true);
      client_.cancel(ignored);
      break;
    case Wait::tunnel:
      if (tunnel_ != nullptr) tunnel_->abort();
      break;
  }
}

// One that was accepted just now may have its first request on the way: it gets the warm time.
void Session::drain() noexcept {
  if (h2_ != nullptr) return h2_->drain();
  if (idle_ && (served_ || !warm_)) shut_down();
}

// What we opened by the old policy the new one may want closed: the next connection is judged by it. A
// request that is under way ends.
void Session::on_new_policy() noexcept {
  if (opened_ != Opened::inspect || tunnel_ != nullptr) return;  // open tunnels are judged again
  retired_ = true;
  if (h2_ != nullptr) return h2_->drain();
  if (idle_) shut_down();
}

bool Session::leaving() const noexcept {
  return retired_ || worker_.draining();
}

void Session::shut_down() noexcept {
  shut_down_ = true;
  stop_waiting();
}

void Session::end_if_given_up() noexcept {
  if (seat_.given_up.load(std::memory_order_relaxed)) shut_down();
}

Ended Session::ended_by_us() const noexcept {
  const bool gave_way = seat_.given_up.load(std::memory_order_relaxed) ||
                        (carrier_ != nullptr && carrier_->given_up.load(std::memory_order_relaxed));
  return gave_way ? Ended::gave_way : Ended::shut_down;
}

void Session::stop_waiting() noexcept {
  if (waiter_ != nullptr) worker_.resolver().cancel(*waiter_);
  if (connector_ != nullptr) connector_->cancel();
  if (turn_ != nullptr) turn_->cancel();
  if (tunnel_ != nullptr) return tunnel_->abort();
  close_upstream(true);
  error_code ignored;
  client_.close(ignored);
}

}  // namespace schoolgate
