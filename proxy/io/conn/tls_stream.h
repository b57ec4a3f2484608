// TLS on a socket that belongs to somebody else: steps that never wait.
//
// The bytes that were read before TLS began (the ClientHello) come first, then the socket. What is idle holds
// the two OpenSSL objects and nothing of ours: records are read into buffers that OpenSSL gives back
// (SSL_MODE_RELEASE_BUFFERS). Asio's ssl::stream holds 79 KB for each.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "proxy/io/conn/openssl_types.h"
#include "proxy/io/net/net.h"

namespace schoolgate {

// Threads: the one of its session. Every call makes what system calls the socket takes at once.
class TlsStream {
 public:
  enum class Status : std::uint8_t {
    done,
    want_read,   // go on when the socket is readable
    want_write,  // go on when it is writable
    end,         // the peer said goodbye (close_notify)
    failed,      // error() says why; the connection is of no use any more
  };

  // `ssl` is ready for its role; `early` was read from the socket already.
  TlsStream(SslPtr ssl, int fd, std::string_view early);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  [[nodiscard]] Status handshake();
  [[nodiscard]] Status read(char* to, std::size_t size, std::size_t& got);
  // As much of `parts` as the socket takes; small ones share a record. What was not taken must be offered
  // again, the same bytes first: a part of them may be encrypted already.
  [[nodiscard]] WriteResult write(std::span<const iovec> parts);
  void say_goodbye() noexcept;  // close_notify, if the socket takes it at once
  // The socket is closed, its number may soon be another's.
  void forget_socket() noexcept { wire_.fd = -1; }

  [[nodiscard]] SSL* ssl() const noexcept { return ssl_.get(); }
  [[nodiscard]] bool speaks_h2() const noexcept;  // by ALPN, after the handshake
  [[nodiscard]] bool verifies_peer() const noexcept { return SSL_get_verify_mode(ssl()) == SSL_VERIFY_PEER; }
  [[nodiscard]] const std::string& error() const noexcept { return error_; }
  // The peer refused our certificate (an alert that says so): it trusts only what it knows.
  [[nodiscard]] bool certificate_refused() const noexcept { return certificate_refused_; }

  // The peer speaks none of the protocols that we offered (RFC 7301 3.2).
  [[nodiscard]] bool protocol_refused() const noexcept { return protocol_refused_; }
  // The peer ended its connection without saying goodbye (close_notify): by its own fault, or somebody cut
  // it.
  [[nodiscard]] bool was_cut() const noexcept { return !usable_ && wire_.ended; }

  // What OpenSSL reads from and writes to.
  struct Wire {
    int fd = -1;
    std::string early;
    std::size_t early_taken = 0;
    bool ended = false;
  };

 private:
  static constexpr std::size_t record_size = 16 * 1024;
  [[nodiscard]] Status status_of(int result);

  Wire wire_;
  SslPtr ssl_;
  bool usable_ = true;  // after a fatal error OpenSSL forbids even a goodbye
  bool certificate_refused_ = false, protocol_refused_ = false;
  std::string error_;
};

}  // namespace schoolgate
