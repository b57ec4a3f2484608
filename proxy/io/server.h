// The proxy as the program sees it: workers on threads, what they judge by, and how they end.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "config/overrides.h"
#include "config/snapshot.h"
#include "proxy/core/certificate_refusals.h"
#include "proxy/core/log_record.h"
#include "proxy/io/listeners.h"
#include "proxy/io/net/net.h"

namespace schoolgate {

class DeviceTests;
class SeenClients;
class Wishes;
struct TlsMaterial;

struct ServerOptions {
  unsigned workers = 0;  // 0 = one per core
  std::vector<ListeningSocket> listeners;
  std::string via_name;      // our pseudonym in Via, unique to this gateway; "" = made up
  Wishes* wishes = nullptr;  // what people say was blocked wrongly; outlives the server; null: they cannot
  // For tests, which have no firewall.
  std::optional<Destination> (*find_destination)(int fd) = &original_destination;
};

struct ServerStatus {
  std::uint64_t connections = 0, clients = 0, tunnels = 0;      // now
  std::uint64_t requests = 0, tunnels_opened = 0, blocked = 0;  // since the start
  std::uint64_t refused_clients = 0, closed_by_policy = 0, failures = 0, upstream_failures = 0;
  std::uint64_t tls = 0, tls_opened = 0;  // connections to https sites; of these, opened by us
  std::vector<RefusingDevice> refusing;   // devices that do not trust our certificate, the latest first
  std::uint64_t revision = 0;             // 0 = no snapshot yet: 503
  unsigned workers = 0;
  std::chrono::milliseconds silence{0};     // of the worker that has not moved for longest
  std::int64_t clock_doubted_until_ms = 0;  // 0: it is not
  // How long clients waited for an answer to begin, in the last five to ten minutes: half of them and 99 of a
  // hundred at most so long. Both 0: nobody asked.
  std::uint64_t median_us = 0, slowest_us = 0;
};

// Threads: start, begin_drain and join are called by one thread, reload by one at a time; stop, status and
// override_with by any.
// SIGPIPE must be ignored by the program.
class Server {
 public:
  // `sink` outlives the server.
  Server(LogSink& sink, ServerOptions options);
  ~Server();  // stops and joins
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();  // answers 503 until the first reload()
  // Builds what each worker judges by on the calling thread, tells the sink (LogSink::policy_loaded), then
  // hands it over: running exchanges end under the old policy, open tunnels are judged again. Listening
  // sockets, and the number of workers, stay as they are. Throws when it cannot be built (out of memory):
  // then the old policy stays.
  // `tls`: the school's authority, null where there is none.
  void reload(std::shared_ptr<const Snapshot> snapshot, std::shared_ptr<const TlsMaterial> tls = nullptr);
  // From now on these hold, and after each reload too, as far as its policy gives them a meaning; each ends
  // by itself. Open tunnels are judged again. Throws when there is no memory: then the former hold.
  void override_with(std::vector<OverrideRow> rows);
  // Until then, by the wall clock, it may be wrong: timetables take their stricter side
  // (LocalTime::in_doubt). 0: it is right. Open tunnels are judged again within a second. Any thread.
  void doubt_clock_until(std::int64_t wall_ms) noexcept;
  [[nodiscard]] std::int64_t clock_doubted_until_ms() const noexcept;
  void begin_drain();  // no new connections; idle ones end now, busy ones within timeouts.drain
  void stop();         // ends everything now
  void join();         // until the workers have ended

  [[nodiscard]] ServerStatus status() const;
  // Who was a client since the start.
  [[nodiscard]] const SeenClients& seen_clients() const noexcept;
  // The runs of the page that tests a device. Any thread.
  [[nodiscard]] DeviceTests& device_tests() noexcept;
  // The worker that has not moved for longest: a well one does once a second. Any thread.
  struct Silence {
    unsigned worker = 0;
    std::chrono::milliseconds lasts{0};
  };
  [[nodiscard]] Silence longest_silence() const noexcept;
  [[nodiscard]] const std::vector<ListeningSocket>& listeners() const noexcept;
  // Copies of every listening socket, for the process that takes over; the caller's to close. Called by the
  // thread that calls begin_drain, before it. Empty: out of descriptors.
  [[nodiscard]] std::vector<int> copy_listeners() const;
  [[nodiscard]] unsigned workers() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace schoolgate
