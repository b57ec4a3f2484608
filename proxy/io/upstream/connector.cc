#include "proxy/io/upstream/connector.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "proxy/io/net/net.h"

namespace schoolgate {
namespace {

// Asio's open() sets neither close-on-exec nor TCP_NODELAY.
error_code open_socket(Socket& socket, const tcp::endpoint& to) {
  const int family = to.address().is_v4() ? AF_INET : AF_INET6;
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return {errno, asio::error::get_system_category()};
  set_nodelay(fd);
  error_code error;
  try {
    socket.assign(to.protocol(), fd, error);
  } catch (...) {
    ::close(fd);
    throw;
  }
  if (error) ::close(fd);
  return error;
}

}  // namespace

Connector::Connector(Executor executor, std::span<const IpAddress> addresses, std::uint16_t port)
    : executor_(executor),
      addresses_(addresses.begin(), addresses.begin() + std::min(addresses.size(), max_addresses)),
      port_(port) {
  attempts_.reserve(addresses_.size());
}

Task<void> Connector::run() {
  error_ = asio::error::host_unreachable;
  try {
    start_next();
  } catch (...) {
    fail();
  }
  if (!done_.is_set() && pending_ > 0) co_await done_.wait();
  if (failure_) std::rethrow_exception(failure_);
  if (winner_) error_.clear();
}

// A bug of ours, or no memory: what is under way refers to us, and must end first.
void Connector::fail() noexcept {
  failure_ = std::current_exception();
  cancelled_ = true;
  close_all();
}

void Connector::start_next() {
  while (!cancelled_ && !winner_ && attempts_.size() < addresses_.size()) {
    const std::size_t index = attempts_.size();
    Socket& socket = attempts_.emplace_back(executor_);
    const tcp::endpoint to = to_endpoint(addresses_[index], port_);
    if (const error_code failed = open_socket(socket, to)) {
      error_ = failed;
      continue;
    }
    socket.async_connect(to, [this, index](const error_code& error) { on_connected(index, error); });
    ++pending_;
    ++connecting_;
    break;
  }
  if (attempts_.size() == addresses_.size() || cancelled_ || winner_) return;
  if (!timer_) timer_.emplace(executor_);
  timer_->expires_after(stagger);
  timer_->async_wait([this](const error_code& error) {
    --pending_;
    try {
      if (!error) start_next();
    } catch (...) {
      fail();
    }
    finish_if_idle();
  });
  ++pending_;
}

void Connector::on_connected(std::size_t index, const error_code& error) {
  --pending_;
  --connecting_;
  if (!error && !winner_ && !cancelled_) {
    winner_.emplace(std::move(attempts_[index]));
    close_all();
  } else if (error && !winner_ && !cancelled_) {
    error_ = error;
    // RFC 8305 5: when nothing else is under way, a failure starts the next attempt at once.
    if (connecting_ == 0) {
      if (timer_) timer_->cancel();
      try {
        start_next();
      } catch (...) {
        fail();
      }
    }
  }
  finish_if_idle();
}

void Connector::close_all() noexcept {
  error_code ignored;
  for (Socket& socket : attempts_) socket.close(ignored);
  if (timer_) timer_->cancel();
}

void Connector::cancel() noexcept {
  if (winner_ || cancelled_) return;
  cancelled_ = true;
  error_ = asio::error::timed_out;
  close_all();
}

void Connector::finish_if_idle() {
  if (pending_ == 0) done_.set();  // last: may destroy this
}

}  // namespace schoolgate
