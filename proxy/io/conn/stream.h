// A connection, in the clear, in TLS or a stream of HTTP/2: what Session reads from and writes to.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include "proxy/io/conn/h2_pipe.h"
#include "proxy/io/conn/tls_stream.h"
#include "proxy/io/net/asio.h"
#include "proxy/io/net/net.h"

namespace schoolgate {

// In the clear it costs nothing: each call is the socket's own. It is called as a Socket is, so that one text
// serves both.
class Stream {
 public:
  using Token = std::remove_const_t<decltype(use_result)>;
  using ReadDone = std::tuple<error_code, std::size_t>;
  using WaitDone = std::tuple<error_code>;

  explicit Stream(Socket socket) noexcept : socket_(std::move(socket)) {}
  // The client of one stream of HTTP/2; `pipe` lives longer. There is no socket behind it.
  Stream(H2Pipe& pipe, Executor executor) noexcept : socket_(executor), pipe_(&pipe) {}

  // Moved or not, one read and one write may be under way at a time.
  [[nodiscard]] Task<ReadDone> async_read_some(asio::mutable_buffer space, const Token& token) {
    if (pipe_ != nullptr) return pipe_->async_read_some(space);
    if (tls_ == nullptr) return socket_.async_read_some(space, token);
    return read_tls(space);
  }
  // For reading in TLS: until the socket has bytes. Nothing decrypted may be waiting: read until try_read()
  // says `again` first.
  [[nodiscard]] Task<WaitDone> async_wait(Socket::wait_type what, const Token& token) {
    if (pipe_ != nullptr) return pipe_->async_wait(what);
    return socket_.async_wait(what, token);
  }

  enum class Read : std::uint8_t { some, again, end, failed };
  // Without waiting; `got` bytes when `some`.
  [[nodiscard]] Read try_read(char* to, std::size_t size, std::size_t& got);
  // What was not taken must be offered again, the same bytes first.
  [[nodiscard]] WriteResult try_write(std::span<const iovec> parts) {
    if (pipe_ != nullptr) return pipe_->write(parts);
    return tls_ == nullptr ? schoolgate::try_write(socket_.native_handle(), parts) : tls_->write(parts);
  }

  // From here on TLS; `early` was read already. The handshake is over when this says `done`; it ends early
  // when the socket is cancelled or closed.
  [[nodiscard]] Task<TlsStream::Status> start_tls(SslPtr ssl, std::string_view early);
  [[nodiscard]] TlsStream* tls() const noexcept { return tls_.get(); }

  [[nodiscard]] H2Pipe* pipe() const noexcept { return pipe_; }
  // Nobody between us and the peer sees what is said.
  [[nodiscard]] bool is_secure() const noexcept { return tls_ != nullptr || pipe_ != nullptr; }
  // The peer has reset the connection, or the stream.
  [[nodiscard]] bool peer_gone() noexcept {
    return pipe_ != nullptr ? pipe_->peer_gone() : peek(native_handle()) == PeerState::gone;
  }

  // A connection that waits in a pool: nothing but what TLS says to itself (session tickets) may come.
  [[nodiscard]] bool is_quiet();

  [[nodiscard]] bool is_open() const noexcept {
    return pipe_ != nullptr ? pipe_->is_open() : socket_.is_open();
  }
  [[nodiscard]] int native_handle() noexcept { return socket_.native_handle(); }
  [[nodiscard]] Socket& socket() noexcept { return socket_; }
  void cancel(error_code& error) noexcept;
  void shutdown(Socket::shutdown_type what, error_code& error) noexcept;
  void close(error_code& error) noexcept;
  // What failed to be read is over, without TLS's goodbye: by the peer's own fault, or somebody cut it.
  [[nodiscard]] bool was_cut() const noexcept { return tls_ != nullptr && tls_->was_cut(); }
  void end_as_cut() noexcept { silent_ = true; }  // the end to come has no goodbye either
  void reset_on_close() noexcept;                 // the close to come sends RST, and no goodbye

 private:
  [[nodiscard]] Task<ReadDone> read_tls(asio::mutable_buffer space);

  Socket socket_;
  std::unique_ptr<TlsStream> tls_;
  H2Pipe* pipe_ = nullptr;
  bool silent_ = false;  // no goodbye any more
};

// Writes what `to` takes at once; `parts` becomes the rest. False: the peer is gone.
[[nodiscard]] bool write_some(Stream& to, std::span<iovec>& parts);

}  // namespace schoolgate
