// One thread: its io_context, its listeners, its sessions and all they need. Nothing here is locked but
// what other threads hand over.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "proxy/core/mutex.h"
#include "proxy/io/net/asio.h"
#include "proxy/io/net/buffer.h"
#include "proxy/io/net/deadline_table.h"
#include "proxy/io/net/pipe_pool.h"
#include "proxy/io/upstream/local_addresses.h"
#include "proxy/io/upstream/resolver.h"
#include "proxy/io/upstream/upstream_pool.h"
#include "proxy/io/worker/exchange.h"
#include "proxy/io/worker/generation.h"
#include "proxy/io/worker/latency.h"
#include "proxy/io/worker/live.h"
#include "proxy/io/worker/shared.h"

namespace schoolgate {

class TlsContexts;

struct WorkerCounters {
  Counter connections, requests, tunnels, tunnels_opened, blocked, refused_clients, closed_by_policy,
      failures;               // within this program: no memory, a row that could not be kept
  Counter upstream_failures;  // requests whose origin was not reached, did not answer, or broke off
  Counter tls, tls_opened;    // connections to https sites that passed or were opened; those that were opened
  Latency latency;            // from a request to the beginning of its answer
};

class Worker {
  // First: what follows holds sockets of it. Only this worker's thread touches them; others only post.
  asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};

 public:
  // `index` of `count` workers: decision numbers of two workers never meet.
  Worker(Shared& shared, Serve serve, unsigned index, unsigned count, std::uint64_t first_decision);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Before run(). `listener` indexes Generation::listener_tiers; the descriptor is taken over.
  // `tproxy`: see Listener.
  void add_listener(int fd, std::size_t listener, Entrance entrance, bool tproxy = false);
  [[nodiscard]] std::uint16_t port_of(std::size_t listener) const { return purposes_[listener].port; }
  void run();  // the thread's body: ends after drain or stop, once the last session has ended

  // From any thread: done soon, on the worker's own; without memory at its next tick.
  void adopt(std::shared_ptr<const Generation> generation, std::unique_ptr<TlsContexts> tls) noexcept;
  // Of the policy that was adopted last, or of one before it: then that one's own are newer. Null: none.
  void adopt_overrides(std::shared_ptr<const Overrides> overrides) noexcept;
  void begin_drain() noexcept;
  void stop() noexcept;
  // Seats whose place went to another: their sessions end.
  void look_for_given_up() noexcept;
  [[nodiscard]] const WorkerCounters& counters() const noexcept { return counters_; }
  // Since its last tick, of which there is one a second; zero before run() and after it. Any thread.
  [[nodiscard]] std::chrono::milliseconds silent_for() const noexcept;

  // For sessions, on the worker's thread.
  [[nodiscard]] Executor executor() noexcept { return io_.get_executor(); }
  [[nodiscard]] const std::shared_ptr<const Generation>& generation() const noexcept { return generation_; }
  [[nodiscard]] const Config& config() const noexcept;
  // Counts how often open tunnels had to be judged again: a verdict of an earlier epoch is no longer good for
  // one.
  [[nodiscard]] std::uint32_t epoch() const noexcept { return epoch_; }
  [[nodiscard]] bool draining() const noexcept { return draining_; }
  [[nodiscard]] std::uint64_t next_decision() noexcept;
  [[nodiscard]] LocalTime local_time(std::int64_t time_ms) noexcept;
  [[nodiscard]] std::string_view date();  // now, as http_date() says it; until the next call
  void add_session(Live& session);
  void remove_session(Live& session) noexcept;
  // How a session's coroutine, or a handler, ended: a bug of ours, or no memory, costs one session, not the
  // process; at bad_alloc idle connections go too, and nobody new is served while there is little room
  // (memory_room.h). What stays fatal: no memory for the few bytes with which Asio takes down a coroutine,
  // once what is kept free for it is used up.
  void note_failure(std::exception_ptr failure) noexcept;
  // Counts a connection of `client`, for which another may have to end. `many` people behind it share the
  // whole. No entry without over_limit, too: there is no memory for another.
  [[nodiscard]] ClientTable::Taken take_place(const IpAddress& client, bool many);
  // After take_place(), and counting in counters().connections.
  void give_place_back(const IpAddress& client, ClientTable::Entry* entry, Seat* seat) noexcept;
  [[nodiscard]] std::uint32_t second() const noexcept { return second_; }  // of the steady clock, at a tick
  [[nodiscard]] std::span<const LocalAddress> local_addresses() { return local_addresses_.now(); }
  void add_tunnel(Live& session);
  void remove_tunnel(Live& session) noexcept;
  [[nodiscard]] WorkerCounters& mutable_counters() noexcept { return counters_; }
  [[nodiscard]] TlsContexts* tls() noexcept { return tls_.get(); }  // null without an authority
  [[nodiscard]] Resolver& resolver() noexcept { return resolver_; }

  Shared& shared;
  BufferPool buffers;
  DeadlineTable deadlines;
  ExchangeShelf exchanges;
  TunnelScratch scratch;
  PipePool pipes{TunnelScratch::size};  // for tunnels whose reads have filled that block
  UpstreamPool pool;

 private:
  struct Listening {
    Listening(Executor executor, std::size_t number) : acceptor(executor), listener(number) {}
    Acceptor acceptor;
    std::size_t listener;
    bool waiting = false;  // in the kernel's hands
    bool paused = false;
  };

  void keep_going();
  void wake() noexcept;
  void read_messages();
  void shed_idle() noexcept;
  void wait_acceptable(Listening& listening);
  void accept_some(Listening& listening);
  // Accepted, but every place is taken.
  struct Newcomer {
    int fd;
    tcp::endpoint peer;
    std::size_t listener;
    std::uint32_t since;  // tick
  };
  enum class Admission : std::uint8_t { ended, must_wait };  // ended: served, or refused
  [[nodiscard]] Admission admit(int fd, const tcp::endpoint& peer, std::size_t listener);
  void admit_waiting();
  void refuse_waiting() noexcept;
  void refuse(int fd) noexcept;
  [[nodiscard]] std::uint32_t connection_cap() const noexcept;
  void look_at_descriptors() noexcept;
  void resume_accepting();
  [[nodiscard]] bool may_connect(const IpAddress& client) const noexcept;
  void take_over(std::shared_ptr<const Generation> generation, std::unique_ptr<TlsContexts> tls) noexcept;
  void configure_resolver();
  void end_all_sessions() noexcept;
  void start_tick();
  void tick();
  void check_timetable();
  void take_overrides();
  void check_overrides();
  void judge_all_by_new_rules();
  void judge_tunnels_again() noexcept;
  void judge_soon();
  void judge_some_tunnels();
  void close_listeners() noexcept;
  void end_if_idle();

  const Serve serve_;
  unsigned count_;
  std::uint64_t decision_;
  Resolver resolver_;
  std::shared_ptr<const Generation> generation_;
  std::unique_ptr<TlsContexts> tls_;
  std::vector<std::unique_ptr<Listening>> listeners_;
  struct Purpose {
    Entrance entrance = Entrance::proxy;
    bool tproxy = false;
    std::uint16_t port = 0;
  };
  std::vector<Purpose> purposes_;  // by listener
  std::vector<Live*> sessions_, tunnels_;
  LocalAddresses local_addresses_;
  Timer timer_;
  std::chrono::steady_clock::time_point next_tick_;
  bool ticking_ = false;         // the timer is in Asio's hands
  bool resolver_stale_ = false;  // it does not know generation_'s servers yet
  bool short_of_memory_ = false;
  std::uint32_t accepted_ = 0;
  std::uint32_t may_shed_at_ = 0;  // tick
  // What other threads ask for.
  Mutex handed_mutex_;
  std::shared_ptr<const Generation> handed_generation_ SG_GUARDED_BY(handed_mutex_);
  std::unique_ptr<TlsContexts> handed_tls_ SG_GUARDED_BY(handed_mutex_);
  std::optional<std::shared_ptr<const Overrides>> handed_overrides_ SG_GUARDED_BY(handed_mutex_);
  std::atomic<bool> drain_wanted_{false}, stop_wanted_{false};
  bool draining_ = false, stopping_ = false;
  std::uint32_t drain_until_ = 0;
  std::vector<Newcomer> waiting_;
  std::atomic<bool> looking_{false};  // look_for_given_up() is on its way
  std::uint32_t second_ = 0;
  bool out_of_descriptors_ = false;  // when last somebody wanted to be accepted
  std::uint32_t descriptor_cap_ = 1'000'000;
  std::int64_t minute_ = -1;  // of local_minute_
  std::int64_t doubted_until_ms_ = 0;
  LocalTime local_minute_;
  bool timetable_known_ = false;
  LocalTime timetable_seen_;
  std::uint32_t minutes_to_edge_ = 0;
  std::int64_t date_second_ = -1;
  std::string date_;
  std::uint32_t epoch_ = 0;
  bool judging_ = false, judging_posted_ = false;
  bool judge_once_more_ = false;
  std::size_t judge_cursor_ = 0;
  WorkerCounters counters_;
  std::atomic<std::int64_t> moved_ms_;  // of the steady clock; `not_running` for none
};

}  // namespace schoolgate
