// A name server for tests: a thread with one UDP socket on a loopback port and a script.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace schoolgate::test {

struct DnsReply {
  int rcode = 0;  // 3 = no such name, 2 = server failure
  std::vector<std::string> addresses = {};
  std::uint32_t ttl = 60;
  bool silent = false;                    // no answer at all
  std::vector<std::string> aliases = {};  // a chain of CNAME records before the addresses
};

class DnsServer {
 public:
  // Called on the server's thread for each query: the name in lower case, whether it asks for AAAA.
  using Script = std::function<DnsReply(const std::string& name, bool aaaa)>;
  explicit DnsServer(Script script);
  ~DnsServer();
  [[nodiscard]] std::string address() const;  // "127.0.0.1:port"
  [[nodiscard]] int queries() const { return queries_; }
  // The source port of each, in order.
  [[nodiscard]] std::vector<std::uint16_t> ports() const {
    const std::lock_guard lock(mutex_);
    return ports_;
  }

 private:
  void serve();
  int fd_;
  std::uint16_t port_ = 0;
  Script script_;
  std::atomic<bool> stop_{false};
  std::atomic<int> queries_{0};
  mutable std::mutex mutex_;
  std::vector<std::uint16_t> ports_;  // guarded
  std::thread thread_;
};

}  // namespace schoolgate::test
