#include "proxy/io/server.h"
#include "config/text/system_words.h"
#include "proxy/io/session/session.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "proxy/core/mutex.h"
#include "proxy/io/net/net.h"
#include "proxy/io/tls/tls_material.h"
#include "proxy/io/worker/reaper.h"
#include "proxy/io/worker/shared.h"
#include "proxy/io/worker/worker.h"

namespace schoolgate {
namespace {

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t have = 0; have < count;) {
    const ssize_t got = ::getrandom(bytes.data() + have, count - have, 0);
    if (got > 0) have += static_cast<std::size_t>(got);
    // A kernel or a sandbox that has none for us will not have any later.
    if (got < 0 && errno != EINTR)
      throw std::runtime_error(say("the kernel gives no random bytes: {}", system_words(errno)).english());
  }
  return bytes;
}

std::uint64_t random_number() {
  std::uint64_t number = 0;
  const std::string bytes = random_bytes(sizeof number);
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

std::string made_up_via_name() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string name = "schoolgate-";
  std::uint64_t number = random_number();
  for (int i = 0; i < 8; ++i, number >>= 4) name += digits[number & 15];
  return name;
}

}  // namespace

struct Server::Impl {
  Impl(LogSink& sink, ServerOptions given)
      : options(std::move(given)),
        shared(sink, random_bytes(32), options.via_name.empty() ? made_up_via_name() : options.via_name,
               random_number(), options.find_destination, options.wishes) {}

  [[nodiscard]] std::shared_ptr<const Generation> make_generation(std::shared_ptr<const Snapshot> snapshot,
                                                                  std::shared_ptr<const TlsMaterial> tls);

  ServerOptions options;
  Reaper reaper;  // outlives the workers, whose generations it buries
  Shared shared;
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::thread> threads;
  std::vector<int> listening;  // owned by the workers, open until they drain
  std::atomic<std::uint64_t> revision{0};
  Mutex overrides_mutex;  // held while a policy or overrides are handed over, so that the two always fit
  std::shared_ptr<const Snapshot> judged_by SG_GUARDED_BY(overrides_mutex);
  std::vector<OverrideRow> override_rows SG_GUARDED_BY(overrides_mutex);
};

std::shared_ptr<const Generation> Server::Impl::make_generation(std::shared_ptr<const Snapshot> snapshot,
                                                                std::shared_ptr<const TlsMaterial> tls) {
  auto made = std::make_unique<Generation>();
  const Snapshot* plain = snapshot.get();
  made->judge = snapshot->make_judge();
  made->tls = std::move(tls);
  std::vector<ListenAddress> own;
  for (const ListeningSocket& socket : options.listeners) {
    own.push_back({socket.address, socket.port});
    std::optional<TierId>& tier = made->listener_tiers.emplace_back();
    for (const Listener& listener : plain->config.listen)
      if (listener.address == socket.address && listener.port == socket.port && listener.tier)
        tier = plain->policy->find_tier(*listener.tier);
  }
  // The staff's pages are for browsers that go there themselves: never through the proxy, by whatever name.
  if (const auto& admin = plain->config.admin) own.push_back({admin->address, admin->port});
  made->addresses = AddressPolicy(plain->config.upstream.allow_networks, std::move(own));
  // A control block of its own for each worker, around the one that all share.
  made->snapshot = std::shared_ptr<const Snapshot>(plain, [keep = std::move(snapshot)](const Snapshot*) {});
  return {made.release(), [&grave = reaper](const Generation* old) {
            grave.bury({old, [](const void* p) { delete static_cast<const Generation*>(p); }});
          }};
}

Server::Server(LogSink& sink, ServerOptions options)
    : impl_(std::make_unique<Impl>(sink, std::move(options))) {
  Impl& impl = *impl_;
  unsigned count = impl.options.workers;
  if (count == 0) count = std::max(1u, std::thread::hardware_concurrency());
  impl.options.workers = count;
  const std::uint64_t first_decision = random_number();
  for (unsigned i = 0; i < count; ++i)
    impl.workers.emplace_back(
        std::make_unique<Worker>(impl.shared, &Session::serve, i, count, first_decision));
  for (std::size_t place = 0; place < impl.options.listeners.size(); ++place) {
    std::vector<int>& fds = impl.options.listeners[place].fds;
    // Every socket has a worker and every worker a socket.
    while (!fds.empty() && fds.size() < count) {
      const int fd = ::fcntl(fds[0], F_DUPFD_CLOEXEC, 0);
      if (fd < 0) throw std::runtime_error(say("there are no descriptors left").english());
      fds.push_back(fd);
    }
    for (std::size_t i = 0; i < fds.size(); ++i) {
      impl.workers[i % count]->add_listener(fds[i], place, impl.options.listeners[place].entrance,
                                            impl.options.listeners[place].tproxy);
      impl.listening.push_back(fds[i]);
    }
    fds.clear();  // the workers own them now
  }
}

Server::~Server() {
  stop();
  join();
}

void Server::start() {
  for (auto& worker : impl_->workers) {
    impl_->threads.emplace_back([&worker] { worker->run(); });
    ::pthread_setname_np(impl_->threads.back().native_handle(), "worker");
  }
}

void Server::reload(std::shared_ptr<const Snapshot> snapshot, std::shared_ptr<const TlsMaterial> tls) {
  struct Made {
    std::shared_ptr<const Generation> generation;
    std::unique_ptr<TlsContexts> tls;
  };
  std::vector<Made> made;
  for (std::size_t i = 0; i < impl_->workers.size(); ++i)
    made.push_back(
        {impl_->make_generation(snapshot, tls), tls ? std::make_unique<TlsContexts>(tls) : nullptr});
  impl_->shared.sink.policy_loaded(snapshot);
  const MutexLock lock(impl_->overrides_mutex);
  const auto overrides = compile_overrides(*snapshot, impl_->override_rows);
  for (const Made& one : made) one.generation->judge->use(overrides);
  for (std::size_t i = 0; i < made.size(); ++i)
    impl_->workers[i]->adopt(std::move(made[i].generation), std::move(made[i].tls));
  impl_->revision = snapshot->revision;
  impl_->judged_by = std::move(snapshot);
}

void Server::override_with(std::vector<OverrideRow> rows) {
  const MutexLock lock(impl_->overrides_mutex);
  if (impl_->judged_by) {
    const auto overrides = compile_overrides(*impl_->judged_by, rows);
    for (auto& worker : impl_->workers) worker->adopt_overrides(overrides);
  }
  impl_->override_rows = std::move(rows);
}

std::int64_t Server::clock_doubted_until_ms() const noexcept {
  return impl_->shared.clock_doubted_until_ms.load(std::memory_order_relaxed);
}

void Server::doubt_clock_until(std::int64_t wall_ms) noexcept {
  impl_->shared.clock_doubted_until_ms.store(wall_ms, std::memory_order_relaxed);
}

void Server::begin_drain() {
  for (auto& worker : impl_->workers) worker->begin_drain();
}

void Server::stop() {
  for (auto& worker : impl_->workers) worker->stop();
}

void Server::join() {
  for (std::thread& thread : impl_->threads) thread.join();
  impl_->threads.clear();
  static_cast<void>(impl_->shared.refusals.flush(0, impl_->shared.sink, true));
}

ServerStatus Server::status() const {
  ServerStatus status;
  status.workers = static_cast<unsigned>(impl_->workers.size());
  status.revision = impl_->revision;
  status.clients = impl_->shared.clients.clients();
  status.silence = longest_silence().lasts;
  LatencyCounts latency;
  for (const auto& worker : impl_->workers) {
    const WorkerCounters& counters = worker->counters();
    counters.latency.add_to(latency, std::chrono::steady_clock::now());
    status.connections += counters.connections.value();
    status.tunnels += counters.tunnels.value();
    status.requests += counters.requests.value();
    status.tunnels_opened += counters.tunnels_opened.value();
    status.blocked += counters.blocked.value();
    status.refused_clients += counters.refused_clients.value();
    status.closed_by_policy += counters.closed_by_policy.value();
    status.failures += counters.failures.value();
    status.upstream_failures += counters.upstream_failures.value();
    status.tls += counters.tls.value();
    status.tls_opened += counters.tls_opened.value();
  }
  status.median_us = latency.within_us(50);
  status.slowest_us = latency.within_us(99);
  status.clock_doubted_until_ms = clock_doubted_until_ms();
  status.refusing = impl_->shared.certificate_refusals.all();
  return status;
}

DeviceTests& Server::device_tests() noexcept {
  return impl_->shared.tests;
}

const SeenClients& Server::seen_clients() const noexcept {
  return impl_->shared.seen;
}

Server::Silence Server::longest_silence() const noexcept {
  Silence longest;
  for (unsigned i = 0; i < impl_->workers.size(); ++i)
    if (const auto lasts = impl_->workers[i]->silent_for(); lasts > longest.lasts) longest = {i, lasts};
  return longest;
}

const std::vector<ListeningSocket>& Server::listeners() const noexcept {
  return impl_->options.listeners;
}

std::vector<int> Server::copy_listeners() const {
  std::vector<int> copies;
  for (const int fd : impl_->listening) {
    copies.push_back(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (copies.back() >= 0) continue;
    copies.pop_back();
    for (const int copy : copies) ::close(copy);
    return {};
  }
  return copies;
}

unsigned Server::workers() const noexcept {
  return impl_->options.workers;
}

}  // namespace schoolgate
