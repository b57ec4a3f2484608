// A whole proxy on loopback for tests: a small policy, a log in memory, scripted origins.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "proxy/io/server.h"
#include "tests/support/sockets.h"

namespace schoolgate::test {

class MemorySink final : public LogSink {
 public:
  bool write(LogRecord&& record) override;
  bool has_room() const noexcept override { return room_; }
  void policy_loaded(std::shared_ptr<const Snapshot>) override {}
  void event(std::string actor, std::string what, std::string detail_json) override;

  // The first `count` records; waits for them, at most 20 s.
  std::vector<LogRecord> wait_for(std::size_t count);
  std::vector<std::string> events() const;
  std::size_t count() const;
  void set_room(bool room) { room_ = room; }
  // While it is held, a worker that writes a record goes no further.
  void hold() { held_.lock(); }
  void release() { held_.unlock(); }

 private:
  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::vector<LogRecord> records_;
  std::vector<std::string> events_;
  std::atomic<bool> room_{true};
  std::mutex held_;
};

// One tier, "pupils", default allow: 127.0.0.0/8 may connect and be connected to; every *.test name is
// 127.0.0.1.
//   blocked.test      category "gambling", block       warned.test   category "social", warn
//   helped.test       category "selfharm", help        paths.test/bad  url rule of "gambling"
struct ProxyOptions {
  unsigned workers = 1;
  bool with_policy = true;
  Timeouts timeouts{};
  Limits limits{};
  bool allow_loopback = true;
  std::vector<std::string> extra_blocked = {};  // domains of "gambling"
  TunnelRules tunnel{};
  Action social = Action::warn;
  std::vector<std::string> dns_servers = {};
  std::optional<ParentProxy> parent = {};
  std::vector<ClientNetwork> who = {};
  Entrance entrance = Entrance::proxy;
  // Where all connections were going, of an entrance for what is redirected. One proxy at a time.
  std::optional<Destination> destination = {};
};

class Proxy {
 public:
  explicit Proxy(ProxyOptions options = {});
  ~Proxy();
  Conn connect() const { return Conn::connect(port()); }
  std::uint16_t port() const;
  void reload(ProxyOptions options);
  // One request on a connection of its own: the whole answer.
  std::string ask(const std::string& request) const;

  ProxyOptions options;
  MemorySink sink;
  std::unique_ptr<Server> server;

 private:
  std::shared_ptr<const Snapshot> make_snapshot(const ProxyOptions& from);
  std::string hosts_path_;
  std::uint64_t revision_ = 0;
};

// "GET http://<host>:<port><path> HTTP/1.1" and Host.
std::string get(const std::string& host, std::uint16_t port, const std::string& path,
                const std::string& more = {});

// A TLS 1.2-style ClientHello with this server_name ("" = none).
std::string client_hello(const std::string& name);

}  // namespace schoolgate::test
