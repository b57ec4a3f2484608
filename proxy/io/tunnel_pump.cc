#include "proxy/io/tunnel_pump.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "proxy/io/net.h"

namespace schoolgate {

void TunnelPump::start() {
  wait_readable(up_);
  wait_readable(down_);
}

void TunnelPump::wait_readable(Direction& direction) {
  ++pending_;
  direction.from.async_wait(Socket::wait_read, [this, &direction](const error_code& error) {
    --pending_;
    if (error && !closed_) fail(direction, true);
    if (!closed_) on_readable(direction);
    resume_if_idle();
  });
}

void TunnelPump::wait_writable(Direction& direction) {
  ++pending_;
  direction.to.async_wait(Socket::wait_write, [this, &direction](const error_code& error) {
    --pending_;
    if (error && !closed_) fail(direction, false);
    if (!closed_) on_writable(direction);
    resume_if_idle();
  });
}

void TunnelPump::on_readable(Direction& direction) {
  move_bytes(direction);
}

void TunnelPump::move_bytes(Direction& direction) {
  for (int round = 0; round < rounds; ++round) {
    const ssize_t got =
        ::recv(direction.from.native_handle(), scratch_.data(), direction.piece, MSG_DONTWAIT);
    if (got == 0) return finish_direction(direction);
    if (got < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      return fail(direction, true);
    }
    const auto size = static_cast<std::size_t>(got);
    const iovec part{scratch_.data(), size};
    const WriteResult sent = try_write(direction.to.native_handle(), {&part, 1});
    if (sent.error != 0) return fail(direction, false);
    direction.bytes += sent.bytes;
    const bool short_read = size < direction.piece;
    adapt(direction, size, sent.bytes == size);
    watcher_.on_progress();
    if (sent.bytes < size) {
      direction.rest =
          std::make_unique<std::vector<char>>(scratch_.data() + sent.bytes, scratch_.data() + size);
      direction.rest_begin = 0;
      return wait_writable(direction);
    }
    if (short_read) break;
  }
  wait_readable(direction);
}

// Large pieces halve the cost of bulk, but what a receiver does not take has to be kept: it must have shown
// that it keeps up.
void TunnelPump::adapt(Direction& direction, std::size_t got, bool all_sent) noexcept {
  if (!all_sent) {
    direction.piece = first_piece;
    direction.full_pieces = 0;
  } else if (got == direction.piece && direction.piece < TunnelScratch::size &&
             ++direction.full_pieces == 8) {
    direction.piece = std::min(2 * direction.piece, TunnelScratch::size);
    direction.full_pieces = 0;
  }
}

void TunnelPump::on_writable(Direction& direction) {
  std::vector<char>& rest = *direction.rest;
  const iovec part{rest.data() + direction.rest_begin, rest.size() - direction.rest_begin};
  const WriteResult sent = try_write(direction.to.native_handle(), {&part, 1});
  if (sent.error != 0) return fail(direction, false);
  direction.bytes += sent.bytes;
  direction.rest_begin += sent.bytes;
  if (sent.bytes > 0) watcher_.on_progress();
  if (direction.rest_begin < rest.size()) return wait_writable(direction);
  direction.rest.reset();
  wait_readable(direction);
}

void TunnelPump::finish_direction(Direction& direction) {
  error_code ignored;
  direction.to.shutdown(Socket::shutdown_send, ignored);
  watcher_.on_progress();
}

void TunnelPump::fail(const Direction& direction, bool reading) noexcept {
  const bool client = (&direction == &up_) == reading;
  abort();
  end_ = client ? End::client_failed : End::upstream_failed;
}

void TunnelPump::abort() noexcept {
  if (closed_) return;
  closed_ = true;
  end_ = End::aborted;
  error_code ignored;
  for (Socket* socket : {&up_.from, &up_.to}) {
    reset_on_close(*socket);
    socket->close(ignored);
  }
}

void TunnelPump::resume_if_idle() {
  if (pending_ == 0) done_.set();  // last: destroys this
}

}  // namespace schoolgate
