// Names to addresses on one worker: hosts file, bounded cache, c-ares; a name asked by many is asked once.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proxy/io/net/asio.h"
#include "proxy/io/net/event.h"
#include "proxy/io/upstream/hosts_file.h"
#include "rules/url/ip.h"

struct ares_addr_port_node;

namespace schoolgate {

struct ResolverOptions {
  std::vector<std::string> servers;  // "ip[:port]"; empty = the system's
  std::string hosts_file = "/etc/hosts";
  bool ipv6 = true;  // ask for AAAA too
  std::uint32_t cache_entries = 8192;
  std::uint32_t min_ttl = 5, max_ttl = 3600;  // seconds, bounds for what servers say
  std::uint32_t negative_ttl = 30;            // the name does not exist or has no address
  std::uint32_t failure_ttl = 3;              // no server answered
  std::chrono::milliseconds first_try{2000};
  std::uint32_t tries = 3;
  std::chrono::milliseconds aaaa_patience{50};  // RFC 8305 3: how long A waits for AAAA
};

// What a name resolved to.
struct Resolved {
  enum class Status : std::uint8_t { ok, no_such_name, no_answer };
  Status status = Status::no_answer;
  std::vector<IpAddress> addresses;  // families interleaved, IPv6 first (RFC 8305 4)
  std::vector<std::string> aliases;  // the names that CNAME records led through, without the one asked for
};
using ResolvedPtr = std::shared_ptr<const Resolved>;

// Everything here happens on the io_context of the worker that owns it.
class Resolver {
 public:
  // A place to wait for one name; lives in the waiting coroutine's frame.
  class Waiter {
   public:
    [[nodiscard]] ResolvedPtr resolved() const noexcept { return resolved_; }  // null after cancel()

   private:
    friend class Resolver;
    Event event_;
    ResolvedPtr resolved_;
    std::string name_;
    bool waiting_ = false;
    Waiter* next_ready_ = nullptr;
  };

  Resolver(Executor executor, ResolverOptions options);
  ~Resolver();  // nobody may be waiting
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // What the hosts file says; null if it does not have the name.
  [[nodiscard]] ResolvedPtr find_fixed(std::string_view host) const;
  // What is known without asking; null if a question is needed. `host` is canonical (rules/url/host.h).
  [[nodiscard]] ResolvedPtr find(std::string_view host);
  // Asks, or joins those who wait for the same name. Afterwards waiter.resolved() is set, unless cancelled.
  Task<void> ask(std::string host, Waiter& waiter);
  // Wakes the waiter with nothing, soon; the question itself goes on, for the cache. Harmless if it
  // does not wait.
  void cancel(Waiter& waiter) noexcept;

  // After a reload: other servers (config/ has checked them), a fresh hosts file, an empty cache.
  // Throws without memory; may be called again then.
  void reconfigure(std::vector<std::string> servers, std::string hosts_file, bool ipv6);
  void tick();  // each second: c-ares' own timeouts
  [[nodiscard]] std::size_t in_flight() const noexcept { return questions_.size(); }
  [[nodiscard]] std::size_t cached() const noexcept { return cache_.size(); }
  [[nodiscard]] std::uint64_t queries_sent() const noexcept { return queries_sent_; }

 private:
  struct Question;
  struct Query;
  struct Watch;
  struct Channel;
  struct Cached {
    ResolvedPtr resolved;
    std::uint64_t expires;  // in ticks
    std::list<const std::string*>::iterator age;
  };

  [[nodiscard]] Channel& take_channel();
  void start(Question& question);
  void on_query_done(Query& finished, int status, const unsigned char* bytes, int length) noexcept;
  void read_response(Query& query, int status, const unsigned char* bytes, int length);
  void finish(Question& question) noexcept;
  [[nodiscard]] ResolvedPtr resolved_of(Question& question, std::uint32_t& ttl) const;
  void remember(const std::string& name, ResolvedPtr resolved, std::uint32_t ttl);
  void forget(Waiter& waiter) noexcept;
  void wake_later(Waiter& waiter) noexcept;
  void wake_ready();
  void on_socket_state(Channel& channel, int fd, bool readable, bool writable);
  void wait_readable(const std::shared_ptr<Watch>& watch);
  void wait_writable(const std::shared_ptr<Watch>& watch);
  void trim_channels() noexcept;

  Executor executor_;
  ResolverOptions options_;
  HostsTable hosts_;
  // One for each query that is open, so that no two leave from one port: c-ares gives up a socket when its
  // last query has ended. Idle ones are kept.
  std::vector<std::unique_ptr<Channel>> channels_;
  std::vector<Channel*> idle_channels_;
  std::size_t shared_next_ = 0;                    // of channels_, when there are no more to be had
  ares_addr_port_node* system_servers_ = nullptr;  // as they were at the start
  std::uint32_t servers_epoch_ = 1;                // of options_.servers; a channel may be behind
  std::uint64_t questions_asked_ = 0;
  ResolvedPtr no_answer_;  // for those who wait when there is no memory for a real one
  std::uint64_t now_ = 0;
  std::uint64_t queries_sent_ = 0;
  std::unordered_map<std::string, std::unique_ptr<Question>> questions_;
  std::unordered_map<std::string, Cached> cache_;
  std::list<const std::string*> ages_;  // oldest use first
  std::unordered_map<int, std::shared_ptr<Watch>> watches_;
  Waiter *ready_first_ = nullptr, *ready_last_ = nullptr;
};

}  // namespace schoolgate
