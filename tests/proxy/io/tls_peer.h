// The other end of a TlsStream for tests: OpenSSL itself on the other half of a socketpair, in the same
// thread; and certificates for both.
#pragma once

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <ctime>
#include <memory>
#include <string>
#include <utility>

#include "proxy/io/conn/openssl_types.h"
#include "proxy/io/conn/tls_stream.h"
#include "proxy/io/tls/certificate.h"
#include "proxy/io/tls/leaf_minter.h"
#include "proxy/io/tls/school_ca.h"

namespace schoolgate::test {

// Two ends that never wait.
struct SocketPair {
  SocketPair() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    ours = ends[0];
    theirs = ends[1];
  }
  ~SocketPair() {
    close_theirs();
    if (ours >= 0) ::close(ours);
  }
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;
  void close_theirs() {
    if (theirs >= 0) ::close(std::exchange(theirs, -1));
  }
  int ours = -1, theirs = -1;
};

// An authority that is made once, and a leaf of it for "site.test".
struct TestAuthority {
  TestAuthority() {
    auto made = SchoolCa::create("Test", std::time(nullptr));
    REQUIRE(made);
    ca = std::make_shared<const SchoolCa>(std::move(*made));
    key = make_p256_key();
    minter = std::make_unique<LeafMinter>(ca, key.get());
    leaf = minter->leaf("site.test", std::time(nullptr));
    REQUIRE(leaf != nullptr);
  }
  std::shared_ptr<const SchoolCa> ca;
  KeyPtr key;
  std::unique_ptr<LeafMinter> minter;
  X509* leaf = nullptr;
};

inline TestAuthority& test_authority() {
  static TestAuthority authority;
  return authority;
}

// As TlsContexts makes them, as far as TlsStream relies on it.
inline SslContextPtr tls_context(bool server, int version = TLS1_3_VERSION) {
  SslContextPtr context(SSL_CTX_new(server ? TLS_server_method() : TLS_client_method()));
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  SSL_CTX_set_read_ahead(context.get(), 1);
  if (server) {
    REQUIRE(SSL_CTX_use_certificate(context.get(), test_authority().leaf) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(context.get(), test_authority().key.get()) == 1);
  }
  return context;
}

inline SslPtr tls_end(SSL_CTX* context, bool server) {
  SslPtr ssl(SSL_new(context));
  server ? SSL_set_accept_state(ssl.get()) : SSL_set_connect_state(ssl.get());
  return ssl;
}

// The peer: plain OpenSSL on a socket of its own.
class TlsPeer {
 public:
  TlsPeer(SslPtr ssl, int fd) : ssl_(std::move(ssl)) { SSL_set_fd(ssl_.get(), fd); }
  [[nodiscard]] SSL* ssl() const noexcept { return ssl_.get(); }
  // A step of the handshake; true once it is over, well or not.
  bool shake() {
    if (over_) return true;
    const int result = SSL_do_handshake(ssl_.get());
    const int error = SSL_get_error(ssl_.get(), result);
    over_ = result == 1 || (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE);
    good_ = result == 1;
    return over_;
  }
  [[nodiscard]] bool good() const noexcept { return good_; }
  bool write(std::string_view text) {
    return SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) == static_cast<int>(text.size());
  }
  // What is there now, at most one record; "" = nothing. said_goodbye() then knows whether it was the end.
  std::string read() {
    std::string text(20'000, '\0');
    const int got = SSL_read(ssl_.get(), text.data(), static_cast<int>(text.size()));
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }
  std::string read_all() {
    std::string all;
    for (std::string part; !(part = read()).empty();) all += part;
    return all;
  }
  [[nodiscard]] bool heard_goodbye() const {
    return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

 private:
  SslPtr ssl_;
  bool over_ = false, good_ = false;
};

// Both take steps until each has come to its end; what ours came to.
inline TlsStream::Status shake_hands(TlsStream& ours, TlsPeer& theirs) {
  using Status = TlsStream::Status;
  Status status = Status::want_read;
  for (int turns = 0; turns < 100; ++turns) {
    if (status == Status::want_read || status == Status::want_write) status = ours.handshake();
    const bool peer_over = theirs.shake();
    if (peer_over && status != Status::want_read && status != Status::want_write) break;
    if (peer_over && !theirs.good()) {  // its last words
      if (status == Status::want_read) status = ours.handshake();
      break;
    }
  }
  return status;
}

}  // namespace schoolgate::test
