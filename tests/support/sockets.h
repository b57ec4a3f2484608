// Blocking sockets on loopback for tests: a scripted peer reads like a trace.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace schoolgate::test {

// A connected TCP socket. Every read has a limit of 20 s, after which it throws: a hanging test fails, it
// does not hang.
class Conn {
 public:
  Conn() = default;
  explicit Conn(int fd) noexcept : fd_(fd) {}
  Conn(Conn&& other) noexcept;
  Conn& operator=(Conn&& other) noexcept;
  ~Conn();

  // `source`: the address to come from; "" = as the system likes.
  static Conn connect(std::uint16_t port, const std::string& address = "127.0.0.1",
                      const std::string& source = "");
  [[nodiscard]] int fd() const noexcept { return fd_; }
  bool send(std::string_view bytes);             // false: the peer is gone
  std::string read_some();                       // "" at end of stream, or when reset (see was_reset)
  std::string read_exactly(std::size_t n);       // less at the end of the stream
  std::string read_until(std::string_view end);  // through `end`; what came after stays for the next read
  std::string read_all();                        // to the end of the stream
  std::string read_head() { return read_until("\r\n\r\n"); }
  // A response with Content-Length or chunked or until close: head and body as they came.
  std::string read_response(bool head_request = false);
  [[nodiscard]] bool was_reset() const noexcept { return reset_; }
  void shutdown_write();
  void reset();  // RST
  void close();
  void small_buffers();  // the least the kernel allows, for back-pressure

 private:
  int fd_ = -1;
  bool reset_ = false;
  std::string ahead_;  // read, not yet taken
};

// Accepts on a loopback port and runs `script` for each connection, each in a thread of its own.
class Origin {
 public:
  using Script = std::function<void(Conn&, int connection)>;  // connections count from 0
  explicit Origin(Script script, const std::string& address = "127.0.0.1");
  ~Origin();
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] int accepted() const noexcept { return accepted_; }
  void add(std::string text);  // scripts note what they saw
  [[nodiscard]] std::vector<std::string> seen() const;

 private:
  std::uint16_t port_ = 0;  // before listener_, whose making sets it
  int listener_;
  Script script_;
  std::atomic<int> accepted_{0};
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::vector<std::string> seen_;
  std::set<int> open_;
  std::thread accepting_;
};

// A loopback port on which nothing listens.
[[nodiscard]] std::uint16_t closed_port();

}  // namespace schoolgate::test
