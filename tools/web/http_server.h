// HTTP/1.1 for the staff's pages: a thread a connection, few of them, a deadline on every wait. Heads pass
// the project's own strict gate (proxy/core/http).
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "config/main/config.h"
#include "proxy/web/request.h"
#include "rules/result.h"

namespace schoolgate::tools {

class PagesServer {
 public:
  using Answer = std::function<web::Response(const web::Request&)>;
  PagesServer(const AdminPages& pages, Answer answer) : pages_(pages), answer_(std::move(answer)) {}
  ~PagesServer();
  PagesServer(const PagesServer&) = delete;
  PagesServer& operator=(const PagesServer&) = delete;

  // Binds the address and reads certificate and key. Errors: in use, not to be read, they do not fit.
  [[nodiscard]] Result<void> open();
  // Serves until `stop_fd` can be read; then closes what is open, and waits for the answers being made. One
  // thread.
  void run(int stop_fd);
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  void accept_one();
  [[nodiscard]] bool lets_in(const IpAddress& peer) const noexcept;
  void serve(int fd, const std::string& peer) noexcept;

  const AdminPages& pages_;
  const Answer answer_;
  struct Free {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  };
  std::unique_ptr<SSL_CTX, Free> tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::condition_variable gone_;
  unsigned open_ = 0;
  std::map<std::string, unsigned> open_by_peer_;
  std::set<int> sockets_;  // of those connections
};

}  // namespace schoolgate::tools
