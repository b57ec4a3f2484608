#include "proxy/io/conn/stream.h"

#include <sys/socket.h>

#include <cerrno>

namespace schoolgate {

Stream::Read Stream::try_read(char* to, std::size_t size, std::size_t& got) {
  got = 0;
  if (pipe_ != nullptr) {
    switch (pipe_->read(to, size, got)) {
      case H2Pipe::Read::some:
        return Read::some;
      case H2Pipe::Read::again:
        return Read::again;
      case H2Pipe::Read::end:
        return Read::end;
      case H2Pipe::Read::failed:
        break;
    }
    return Read::failed;
  }
  if (tls_ != nullptr) {
    switch (tls_->read(to, size, got)) {
      case TlsStream::Status::done:
        return Read::some;
      case TlsStream::Status::want_read:
      case TlsStream::Status::want_write:
        return Read::again;
      case TlsStream::Status::end:
        return Read::end;
      case TlsStream::Status::failed:
        break;
    }
    return Read::failed;
  }
  for (;;) {
    const ssize_t count = ::recv(socket_.native_handle(), to, size, MSG_DONTWAIT);
    if (count > 0) {
      got = static_cast<std::size_t>(count);
      return Read::some;
    }
    if (count == 0) return Read::end;
    if (errno == EINTR) continue;
    return errno == EAGAIN || errno == EWOULDBLOCK ? Read::again : Read::failed;
  }
}

bool write_some(Stream& to, std::span<iovec>& parts) {
  if (!to.is_open()) return false;
  const WriteResult sent = to.try_write(parts);
  if (sent.error != 0) return false;
  parts = advance(parts, sent.bytes);
  return true;
}

Task<Stream::ReadDone> Stream::read_tls(asio::mutable_buffer space) {
  for (;;) {
    std::size_t got = 0;
    const TlsStream::Status status = tls_->read(static_cast<char*>(space.data()), space.size(), got);
    error_code error;
    switch (status) {
      case TlsStream::Status::done:
        break;
      case TlsStream::Status::end:
        error = asio::error::eof;
        break;
      case TlsStream::Status::failed:
        // Also an end without a goodbye: somebody may have cut the connection.
        error = asio::error::connection_reset;
        break;
      case TlsStream::Status::want_read:
      case TlsStream::Status::want_write: {
        const auto what = status == TlsStream::Status::want_read ? Socket::wait_read : Socket::wait_write;
        const auto [waited] = co_await socket_.async_wait(what, use_result);
        error = waited;
        if (!error && !socket_.is_open()) error = asio::error::operation_aborted;
        if (!error) continue;
      }
    }
    const ReadDone done(error, got);
    co_return done;
  }
}

Task<TlsStream::Status> Stream::start_tls(SslPtr ssl, std::string_view early) {
  tls_ = std::make_unique<TlsStream>(std::move(ssl), socket_.native_handle(), early);
  for (;;) {
    const TlsStream::Status status = tls_->handshake();
    if (status != TlsStream::Status::want_read && status != TlsStream::Status::want_write) co_return status;
    const auto what = status == TlsStream::Status::want_read ? Socket::wait_read : Socket::wait_write;
    const auto [waited] = co_await socket_.async_wait(what, use_result);
    if (waited || !socket_.is_open()) co_return status;
  }
}

bool Stream::is_quiet() {
  const PeerState state = peek(socket_.native_handle());
  if (state != PeerState::readable || tls_ == nullptr) return state == PeerState::quiet;
  char byte;
  std::size_t got = 0;
  return try_read(&byte, 1, got) == Read::again;
}

void Stream::cancel(error_code& error) noexcept {
  if (pipe_ != nullptr) return pipe_->cancel();
  socket_.cancel(error);
}

void Stream::shutdown(Socket::shutdown_type what, error_code& error) noexcept {
  if (pipe_ != nullptr) {
    if (what != Socket::shutdown_receive) pipe_->finish_writing();
    return;
  }
  if (tls_ != nullptr && what != Socket::shutdown_receive && !silent_) tls_->say_goodbye();
  silent_ = true;
  socket_.shutdown(what, error);
}

void Stream::close(error_code& error) noexcept {
  if (pipe_ != nullptr) return pipe_->close();
  if (tls_ != nullptr) {
    if (socket_.is_open() && !silent_) tls_->say_goodbye();
    tls_->forget_socket();
  }
  socket_.close(error);
}

void Stream::reset_on_close() noexcept {
  silent_ = true;
  if (pipe_ != nullptr) return pipe_->reset_on_close();
  schoolgate::reset_on_close(socket_);
}

}  // namespace schoolgate
