#include "proxy/io/session/tunnel_pump.h"

#include <algorithm>

namespace schoolgate {

void TunnelPump::start() noexcept {
  try {
    go_on(up_);
    go_on(down_);
  } catch (...) {
    give_up();
    resume_if_idle();
  }
}

// `step`, and then the end if nothing is awaited any more: also when there is no memory for it.
template <class Step>
void TunnelPump::do_step(Step step) {
  --pending_;
  try {
    if (!closed_) step();
  } catch (...) {
    give_up();
  }
  resume_if_idle();
}

void TunnelPump::wait_readable(Direction& direction) {
  direction.from.socket().async_wait(Socket::wait_read, [this, &direction](const error_code& error) {
    do_step([&] { return error ? fail(direction, true) : move_bytes(direction); });
  });
  ++pending_;
}

void TunnelPump::wait_writable(Direction& direction) {
  direction.to.socket().async_wait(Socket::wait_write, [this, &direction](const error_code& error) {
    do_step([&] { return error ? fail(direction, false) : on_writable(direction); });
  });
  ++pending_;
}

void TunnelPump::give_up() noexcept {
  failure_ = std::current_exception();
  abort();
}

void TunnelPump::move_bytes(Direction& direction) {
  if (has_pipe(direction)) return splice_bytes(direction);
  for (int round = 0; round < rounds; ++round) {
    std::size_t size = 0;
    const Stream::Read read = direction.from.try_read(scratch_.data(), direction.piece, size);
    if (read == Stream::Read::end) return finish_direction(direction);
    if (read == Stream::Read::failed) return fail(direction, true);
    if (read == Stream::Read::again) return wait_readable(direction);
    if (retry_ != nullptr && !heed_retry(direction, {scratch_.data(), size})) return;
    const iovec part{scratch_.data(), size};
    const WriteResult sent = direction.to.try_write({&part, 1});
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
    // In TLS every read is a short one, and what OpenSSL holds already wakes no socket.
    if (short_read && direction.from.tls() == nullptr) return wait_readable(direction);
  }
  go_on(direction);
}

bool TunnelPump::has_pipe(Direction& direction) {
  if (direction.pipe) return true;
  if (!direction.may_splice || direction.piece < pipes_.settles_at() || retry_ != nullptr) return false;
  for (Stream* stream : {&direction.from, &direction.to}) {
    error_code error;  // splice() heeds the mode of the sockets
    const bool plain = !stream->is_secure();
    if (plain && !stream->socket().native_non_blocking()) stream->socket().native_non_blocking(true, error);
    direction.may_splice = direction.may_splice && plain && !error;
  }
  if (direction.may_splice) direction.pipe = pipes_.lend();
  return direction.pipe != nullptr;
}

void TunnelPump::splice_bytes(Direction& direction) {
  std::size_t moved = 0;
  for (int round = 0; round < 2 * rounds; ++round) {
    switch (direction.pipe->fill(direction.from.native_handle())) {
      case Pipe::Moved::some:
        break;
      case Pipe::Moved::end:
        direction.pipe.reset();
        return finish_direction(direction);
      case Pipe::Moved::failed:
        return fail(direction, true);
      case Pipe::Moved::unable:
        direction.may_splice = false;
        direction.pipe.reset();
        return move_bytes(direction);
      case Pipe::Moved::again:
        if (moved < first_piece) direction.piece = first_piece;  // it has become slow
        direction.pipe.reset();
        return wait_readable(direction);
    }
    moved += direction.pipe->held();
    if (!empty_pipe(direction)) return;
  }
  go_on(direction);
}

bool TunnelPump::empty_pipe(Direction& direction) {
  std::size_t given = 0;
  const Pipe::Moved moved = direction.pipe->drain(direction.to.native_handle(), given);
  direction.bytes += given;
  if (given > 0) watcher_.on_progress();
  if (moved == Pipe::Moved::some) return true;
  if (moved == Pipe::Moved::again) {
    wait_writable(direction);
  } else {
    fail(direction, false);
  }
  return false;
}

bool TunnelPump::heed_retry(Direction& direction, std::string_view bytes) {
  if (&direction == &down_) {
    retry_->server_said(bytes);
    if (retry_->is_over()) retry_.reset();
    return true;
  }
  if (!retry_->client_said(bytes)) {
    abort();
    end_ = End::hello_changed;
    return false;
  }
  const std::string_view passes = retry_->passes();
  if (passes.empty()) {
    wait_readable(direction);
    return false;
  }
  direction.rest = std::make_unique<std::vector<char>>(passes.begin(), passes.end());
  direction.rest_begin = 0;
  if (retry_->is_over()) retry_.reset();
  on_writable(direction);
  return false;
}

// After the others had their turn. What TLS has read from the socket already wakes nobody: it is asked.
void TunnelPump::go_on(Direction& direction) {
  if (direction.from.tls() == nullptr) return wait_readable(direction);
  asio::post(direction.from.socket().get_executor(),
             [this, &direction] { do_step([&] { move_bytes(direction); }); });
  ++pending_;
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
  if (direction.pipe) {
    if (empty_pipe(direction)) go_on(direction);
    return;
  }
  std::vector<char>& rest = *direction.rest;
  const iovec part{rest.data() + direction.rest_begin, rest.size() - direction.rest_begin};
  const WriteResult sent = direction.to.try_write({&part, 1});
  if (sent.error != 0) return fail(direction, false);
  direction.bytes += sent.bytes;
  direction.rest_begin += sent.bytes;
  if (sent.bytes > 0) watcher_.on_progress();
  if (direction.rest_begin < rest.size()) return wait_writable(direction);
  direction.rest.reset();
  go_on(direction);
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
  for (Stream* stream : {&up_.from, &up_.to}) {
    stream->reset_on_close();
    stream->close(ignored);
  }
}

void TunnelPump::resume_if_idle() {
  if (pending_ == 0) done_.set();  // last: destroys this
}

}  // namespace schoolgate
