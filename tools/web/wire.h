// One connection's bytes, plain or TLS, each wait with a deadline.
#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace schoolgate::tools {

using Deadline = std::chrono::steady_clock::time_point;

// Owns the socket, which becomes non-blocking. Threads: one.
class Wire {
 public:
  // `tls`: null = plain. Outlives the wire.
  Wire(int fd, SSL_CTX* tls);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // The handshake, where there is one.
  [[nodiscard]] bool begin(Deadline until);
  // Appends what came to `into`. False: the end, an error, or the deadline.
  [[nodiscard]] bool read_some(std::string& into, Deadline until);
  [[nodiscard]] bool write(std::string_view bytes, Deadline until);
  void end();

 private:
  [[nodiscard]] bool wait(short events, Deadline until) const;
  // After an OpenSSL call that did not succeed: waits for what it waits for. False: it failed.
  [[nodiscard]] bool wait_for_tls(int result, Deadline until) const;

  int fd_;
  struct Free {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  };
  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace schoolgate::tools
