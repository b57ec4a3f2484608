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

}  // namespace

Session::Session(Worker& worker, Stream client, const ClientInfo& info)
    : worker_(worker),
      client_(std::move(client)),
      in_(worker.buffers),
      info_(info),
      patience_(worker, seat_, *this),
      origin_(worker, patience_, info_),
      listed_(*this) {
  seat_.worker = &worker;
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
  Next next = Next::close;
  if (const std::string_view wrong = session.find_destination(); !wrong.empty()) {
    co_await session.refuse_redirected(wrong);
  } else if (info.entrance == Entrance::tls) {
    session.tunnel_ = std::make_unique<OpenTunnel>(*session.info_.destination);
    next = Next::tls_tunnel;
  } else {
    next = co_await session.exchange_loop(nullptr);
  }
  if (next == Next::http_tunnel) next = co_await session.run_http_tunnel();
  if (next == Next::tls_tunnel) {
    const Hello hello = co_await session.read_hello();
    bool opened = true;
    if (info.entrance == Entrance::tls) opened = co_await session.admit_redirected(hello);
    if (opened) opened = co_await session.open_tunnel(hello);
    next = opened ? Next::pass_through : Next::close;
  }
  if (next == Next::pass_through) co_await session.pump_tunnel();
  error_code ignored;
  session.client_.close(ignored);
}

// `authority`: set inside a CONNECT, whose requests are in origin form.
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
// False: the client closed, or `limit` is over (patience_.expired()).
Task<bool> Session::wait_for_bytes(std::chrono::seconds limit, std::chrono::seconds warm) {
  warm = std::min(warm, limit);
  if (warm.count() > 0) {
    patience_.arm(Wait::first_bytes, warm);
    const asio::mutable_buffer space = in_.prepare(1, BufferPool::small);
    warm_ = true;
    const auto [failed, got] = co_await client_.async_read_some(space, use_result);
    warm_ = false;
    if (!failed) {
      in_.commit(got);
      co_return true;
    }
    in_.drop();
    if (!patience_.expired() || limit == warm || leaving()) co_return false;
  }
  patience_.arm(Wait::first_bytes, limit - warm);
  for (;;) {
    if (patience_.expired() || !client_.is_open()) co_return false;
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
      patience_.forgive();
      co_return false;
    }
  }
}

// After a last answer: lets the client read it before the connection goes. Closing with bytes unread would
// reset it and might destroy the answer on its way.
Task<void> Session::linger() {
  if (!client_.is_open()) co_return;
  error_code ignored;
  client_.shutdown(Socket::shutdown_send, ignored);
  patience_.arm(Wait::linger, linger_time);
  in_.drop();
  const asio::mutable_buffer space = in_.prepare(1, BufferPool::small);
  for (std::size_t total = 0; total < linger_bytes && !patience_.expired();) {
    const auto [failed, got] = co_await client_.async_read_some(space, use_result);
    if (failed) break;
    total += got;
  }
  in_.drop();
}

void Session::touch() noexcept {
  patience_.touch();
  if (patience_.in_bulk()) limit_buffers();
}

bool Session::moved(std::size_t bytes) noexcept {
  const bool fast_enough = patience_.moved(bytes);
  if (patience_.in_bulk()) limit_buffers();
  return fast_enough;
}

// The kernel lets buffers grow while bytes are taken fast; whoever stalls then would have it hold them all.
void Session::limit_buffers() noexcept {
  if (client_.pipe() == nullptr && client_.is_open()) limit_received(client_.native_handle());
  if (origin_.is_open()) limit_received(origin_.stream().native_handle());
}

void Session::on_deadline() noexcept {
  error_code ignored;
  if (patience_.waits_for() == Wait::response) {
    // Nothing is read from the client while it waits: look after it now and then.
    if (client_.peer_gone() && peer_ == Peer::there) peer_ = Peer::gone;
    if (client_is_gone()) return origin_.close(true);
    if (patience_.look_again()) return;
  }
  patience_.expire();
  switch (patience_.waits_for()) {
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
    case Wait::connecting:
      origin_.stop_waiting();
      break;
    case Wait::response:
    case Wait::upstream_handshake:
      origin_.close(true);
      break;
    case Wait::body:
      origin_.close(true);
      client_.cancel(ignored);
      break;
    case Wait::tunnel:
      if (tunnel_) tunnel_->abort();
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
  if (opened_ != Opened::inspect || is_pumped()) return;  // open tunnels are judged again
  if (leaving_ == Leaving::no) leaving_ = Leaving::after_this_request;
  if (h2_ != nullptr) return h2_->drain();
  if (idle_) shut_down();
}

bool Session::leaving() const noexcept {
  return leaving_ != Leaving::no || worker_.draining();
}

void Session::shut_down() noexcept {
  leaving_ = Leaving::now;
  stop_waiting();
}

void Session::end_if_given_up() noexcept {
  if (seat_.given_up.load(std::memory_order_relaxed)) shut_down();
}

Ended Session::ended_by_us() const noexcept {
  return patience_.gave_way() ? Ended::gave_way : Ended::shut_down;
}

void Session::stop_waiting() noexcept {
  origin_.give_up();
  if (turn_ != nullptr) turn_->cancel();
  if (is_pumped()) return tunnel_->abort();
  origin_.close(true);
  error_code ignored;
  client_.close(ignored);
}

}  // namespace schoolgate
