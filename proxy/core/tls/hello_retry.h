// The hellos of a connection after its first. A server may ask for a second one (HelloRetryRequest, RFC 8446
// 4.1.4) and then serves whatever name that holds, although it must be the first one's (4.1.2). So no hello
// passes unread until the server's first bytes show that it asks for none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace schoolgate {

// Threads: a value; belongs to one tunnel.
class HelloRetry {
 public:
  // Of the first hello: how many names it held, and the first of them, which outlives this.
  HelloRetry(std::uint8_t names, std::string_view name) noexcept : names_(names), name_(name) {}

  // The server's bytes, in order.
  void server_said(std::string_view bytes);
  // The client's bytes behind its first hello, in order. False: a hello that names another host, or a
  // handshake that is none.
  [[nodiscard]] bool client_said(std::string_view bytes);
  // What of the client's bytes may go on now: in order, each once. Until the next call.
  [[nodiscard]] std::string_view passes() const noexcept {
    return std::string_view(said_).substr(0, passed_);
  }
  // Nothing is held back, nothing need be looked at any more.
  [[nodiscard]] bool is_over() const noexcept { return settled_ && said_.size() == passed_; }

 private:
  std::uint8_t names_;
  bool asked_ = false;    // for a second hello
  bool settled_ = false;  // no other hello will come
  std::string_view name_;
  std::string start_;        // of what the server says
  std::string said_;         // by the client: what passes now, then what is held
  std::size_t passed_ = 0;   // of that
  std::size_t to_skip_ = 0;  // bytes that are left of a record that is no hello
};

}  // namespace schoolgate
