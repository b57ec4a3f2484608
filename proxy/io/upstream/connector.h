// Happy Eyeballs version 2 (RFC 8305 5): the addresses of one origin, tried 250 ms apart, the first to answer
// wins.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <vector>

#include "proxy/io/net/asio.h"
#include "proxy/io/net/event.h"
#include "rules/url/ip.h"

namespace schoolgate {

// Lives in the frame of the coroutine that awaits run(); one use. The addresses have passed AddressPolicy; no
// name is looked up here. With one address no timer is started.
class Connector {
 public:
  static constexpr std::chrono::milliseconds stagger{250};
  static constexpr std::size_t max_addresses = 8;  // the rest is not tried

  Connector(Executor executor, std::span<const IpAddress> addresses, std::uint16_t port);

  // Ends when one is connected, all have failed, or after cancel(): then error() says why and the socket
  // is closed. No operation is pending afterwards, also when it throws.
  Task<void> run();
  void cancel() noexcept;

  [[nodiscard]] error_code error() const noexcept { return error_; }
  [[nodiscard]] Socket take_socket() { return std::move(*winner_); }

 private:
  void start_next();
  void on_connected(std::size_t index, const error_code& error);
  void close_all() noexcept;
  void fail() noexcept;
  void finish_if_idle();

  Executor executor_;
  std::vector<IpAddress> addresses_;
  std::uint16_t port_;
  std::vector<Socket> attempts_;  // attempts_[i] goes to addresses_[i]; never reallocated
  std::optional<Socket> winner_;
  std::optional<Timer> timer_;
  std::size_t pending_ = 0;  // operations whose handler is still to come
  std::size_t connecting_ = 0;
  bool cancelled_ = false;
  std::exception_ptr failure_;
  error_code error_;
  Event done_;
};

}  // namespace schoolgate
