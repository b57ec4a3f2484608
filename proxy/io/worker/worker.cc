#include "proxy/io/worker/worker.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <thread>
#include <utility>

#include "config/main/doubted_time.h"
#include "proxy/core/json_text.h"
#include "proxy/core/pages/page_http.h"
#include "proxy/io/net/memory_room.h"
#include "proxy/io/net/net.h"
#include "proxy/io/net/wall_clock.h"
#include "proxy/io/tls/tls_material.h"

namespace schoolgate {
namespace {

constexpr int accepts_per_turn = 64;
constexpr std::uint32_t accepts_per_look = 16;  // at the memory there is; a tick looks too
constexpr std::size_t judged_per_turn = 256;
constexpr std::uint32_t full_patience = 3;  // seconds that a connection waits for a place
constexpr std::size_t most_waiting = 48;    // of all workers; of kept_descriptors
// Not for connections: listeners, the log, lists at a reload, name servers, the control socket.
constexpr rlim_t kept_descriptors = 96;

// For a connection over a limit, whose request is not read.
constexpr std::string_view busy_answer =
    "HTTP/1.1 503 Service Unavailable\r\n"
    "Retry-After: 5\r\n"
    "Cache-Control: no-store\r\n"
    "Content-Length: 0\r\n"
    "Connection: close\r\n\r\n";

std::uint32_t steady_second(std::chrono::steady_clock::time_point at) noexcept {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
}

constexpr std::int64_t not_running = -1;

std::int64_t steady_ms() noexcept {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

ResolverOptions first_resolver_options() {
  ResolverOptions options;
  options.ipv6 = has_ipv6_route();
  return options;
}

}  // namespace

Worker::Worker(Shared& shared_state, Serve serve, unsigned index, unsigned count,
               std::uint64_t first_decision)
    : shared(shared_state),
      pool(UpstreamPool::Options{}),
      serve_(serve),
      count_(count),
      decision_(first_decision + index),
      resolver_(io_.get_executor(), first_resolver_options()),
      timer_(io_.get_executor()),
      moved_ms_(not_running) {}

Worker::~Worker() = default;

void Worker::add_listener(int fd, std::size_t listener, Entrance entrance, bool tproxy) {
  if (purposes_.size() <= listener) purposes_.resize(listener + 1);
  auto& listening = *listeners_.emplace_back(std::make_unique<Listening>(io_.get_executor(), listener));
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
  listening.acceptor.assign(name.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), fd);
  purposes_[listener] = {entrance, tproxy, listening.acceptor.local_endpoint().port()};
}

// What a handler throws ends that handler alone.
void Worker::run() {
  look_at_descriptors();
  waiting_.reserve(most_waiting);  // so that accepting cannot fail half way
  next_tick_ = std::chrono::steady_clock::now();
  second_ = steady_second(next_tick_);
  moved_ms_ = steady_ms();
  bool addresses_known = false;
  for (;;) {
    try {
      // While there are descriptors for it: a request that finds none must still have its answer.
      if (!std::exchange(addresses_known, true)) static_cast<void>(local_addresses());
      keep_going();
      io_.run();
      moved_ms_ = not_running;
      return;
    } catch (...) {
      note_failure(std::current_exception());
    }
  }
}

// Begins what must always be waited for, and is not: at first, and after a handler that would have done so
// threw. Without memory even for that it spins, but slowly.
void Worker::keep_going() {
  try {
    if (!ticking_) start_tick();
    for (auto& listening : listeners_)
      if (!listening->waiting && !listening->paused && listening->acceptor.is_open())
        wait_acceptable(*listening);
    if (judging_ && !judging_posted_) judge_soon();
  } catch (...) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    throw;
  }
}

std::chrono::milliseconds Worker::silent_for() const noexcept {
  const std::int64_t moved = moved_ms_;
  return std::chrono::milliseconds(moved == not_running ? 0 : std::max<std::int64_t>(steady_ms() - moved, 0));
}

// --- messages from other threads ---

void Worker::wake() noexcept {
  try {
    asio::post(io_, [this] { read_messages(); });
  } catch (...) {  // no memory: the next tick looks
  }
}

void Worker::adopt(std::shared_ptr<const Generation> generation, std::unique_ptr<TlsContexts> tls) noexcept {
  {
    const MutexLock lock(handed_mutex_);
    std::swap(handed_generation_, generation);  // one that was never taken goes with this call
    std::swap(handed_tls_, tls);
  }
  wake();
}

void Worker::adopt_overrides(std::shared_ptr<const Overrides> overrides) noexcept {
  {
    const MutexLock lock(handed_mutex_);
    handed_overrides_ = std::move(overrides);
  }
  wake();
}

void Worker::begin_drain() noexcept {
  drain_wanted_ = true;
  wake();
}

void Worker::stop() noexcept {
  stop_wanted_ = true;
  wake();
}

void Worker::read_messages() {
  std::shared_ptr<const Generation> generation;
  std::unique_ptr<TlsContexts> tls;
  {
    const MutexLock lock(handed_mutex_);
    generation = std::exchange(handed_generation_, nullptr);
    tls = std::exchange(handed_tls_, nullptr);
  }
  if (generation) take_over(std::move(generation), std::move(tls));
  take_overrides();
  if (drain_wanted_ && !draining_) {
    draining_ = true;
    drain_until_ = deadlines.now() + static_cast<std::uint32_t>(config().timeouts.drain.count());
    close_listeners();
    for (Live* session : sessions_) session->drain();
    end_if_idle();
  }
  if (stop_wanted_ && !stopping_) {
    draining_ = stopping_ = true;
    close_listeners();
    end_all_sessions();
    end_if_idle();
  }
  if (looking_.exchange(false))
    for (Live* session : sessions_) session->end_if_given_up();
  if (judging_ && !judging_posted_) judge_soon();
  configure_resolver();
}

// Nothing here may fail half way: from now on the new policy alone is asked.
void Worker::take_over(std::shared_ptr<const Generation> generation,
                       std::unique_ptr<TlsContexts> tls) noexcept {
  generation_ = std::move(generation);
  tls_ = std::move(tls);  // connections that are open keep the old one's parts
  const Upstream& upstream = generation_->snapshot->config.upstream;
  pool.clear();  // what may be connected to may have changed
  // All connections to a parent proxy count as one origin's.
  const std::uint32_t per_origin = upstream.parent ? upstream.idle_total : upstream.idle_per_origin;
  pool.set_options({.per_origin = per_origin, .total = upstream.idle_total});
  resolver_stale_ = true;
  minute_ = -1;
  timetable_known_ = false;
  ++epoch_;
  for (Live* session : sessions_) session->on_new_policy();
  judge_tunnels_again();
}

// What cannot be taken for want of memory is taken at the next tick.
void Worker::take_overrides() {
  if (!generation_) return;
  std::optional<std::shared_ptr<const Overrides>> handed;
  {
    const MutexLock lock(handed_mutex_);
    handed = handed_overrides_;
  }
  if (!handed) return;
  const std::shared_ptr<const Overrides>& overrides = *handed;
  // Those of an older policy came before this one, which brought them with it.
  if (!overrides || &overrides->policy() == generation_->snapshot->policy.get()) {
    generation_->judge->use(overrides);
    judge_all_by_new_rules();
  }
  const MutexLock lock(handed_mutex_);
  if (handed_overrides_ == handed) handed_overrides_.reset();
}

void Worker::check_overrides() {
  if (!generation_) return;
  const Moment now{wall_clock_ms(), std::chrono::steady_clock::now()};
  if (generation_->judge->end_overrides(now)) judge_all_by_new_rules();
}

// The same policy, and it says something else: what was connected to under the name of another is no longer
// anybody's.
void Worker::judge_all_by_new_rules() {
  pool.clear();
  ++epoch_;
  judge_tunnels_again();
  judge_soon();
}

void Worker::configure_resolver() {
  if (!resolver_stale_) return;
  const Upstream& upstream = generation_->snapshot->config.upstream;
  resolver_.reconfigure(upstream.dns_servers, upstream.hosts_file, has_ipv6_route());
  resolver_stale_ = false;
}

// Closing sockets ends sessions later, through their own exits: the list does not change here.
void Worker::end_all_sessions() noexcept {
  for (Live* session : sessions_) session->shut_down();
}

void Worker::close_listeners() noexcept {
  error_code ignored;
  for (auto& listening : listeners_) listening->acceptor.close(ignored);
  refuse_waiting();
}

void Worker::end_if_idle() {
  if (draining_ && sessions_.empty()) io_.stop();
}

// --- accepting ---

void Worker::wait_acceptable(Listening& listening) {
  listening.acceptor.async_wait(Acceptor::wait_read, [this, &listening](const error_code& error) {
    listening.waiting = false;
    if (error || !listening.acceptor.is_open()) return;
    accept_some(listening);
    if (!listening.paused) wait_acceptable(listening);
  });
  listening.waiting = true;
}

void Worker::accept_some(Listening& listening) {
  for (int i = 0; i < accepts_per_turn; ++i) {
    if (++accepted_ % accepts_per_look == 0) short_of_memory_ = !has_room(room_for_newcomers);
    tcp::endpoint peer;
    auto size = static_cast<socklen_t>(peer.capacity());
    const int fd =
        ::accept4(listening.acceptor.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      peer.resize(size);
      if (admit(fd, peer, listening.listener) == Admission::ended) continue;
      if (waiting_.size() < std::max<std::size_t>(most_waiting / count_, 1))
        waiting_.push_back({fd, peer, listening.listener, deadlines.now()});
      else
        refuse(fd);
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    // Kept connections give their descriptors first.
    if ((errno == EMFILE || errno == ENFILE) && pool.size() > 0) {
      pool.clear();
      continue;
    }
    // Out of descriptors or memory: those who wait stay in the kernel's queue until somebody leaves, or the
    // next tick. Trying on would spin.
    if (errno != EAGAIN && errno != EWOULDBLOCK) listening.paused = out_of_descriptors_ = true;
    return;
  }
}

// The configured limit, or what the descriptors are enough for: two for each connection, its origin's too.
std::uint32_t Worker::connection_cap() const noexcept {
  return std::min(config().limits.connections, descriptor_cap_);
}

void Worker::look_at_descriptors() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t spare = limit.rlim_cur > kept_descriptors ? limit.rlim_cur - kept_descriptors : 0;
  descriptor_cap_ = static_cast<std::uint32_t>(std::clamp<rlim_t>(spare / 2, 8, 1'000'000));
}

// Places got free, or time passed: those who wait are accepted.
void Worker::resume_accepting() {
  out_of_descriptors_ = false;
  for (auto& listening : listeners_) {
    if (!listening->paused || !listening->acceptor.is_open()) continue;
    listening->paused = false;
    if (!listening->waiting) wait_acceptable(*listening);
  }
}

void Worker::refuse(int fd) noexcept {
  counters_.refused_clients.add();
  const iovec part = io_part(busy_answer);
  static_cast<void>(try_write(fd, {&part, 1}));
  ::close(fd);
}

bool Worker::may_connect(const IpAddress& client) const noexcept {
  if (generation_ == nullptr) {
    const AddressClass kind = classify(client);
    return kind == AddressClass::loopback || kind == AddressClass::private_use ||
           kind == AddressClass::link_local;
  }
  const auto& networks = generation_->snapshot->config.clients;
  const auto holds = [&](const Network& network) { return network.contains(client); };
  return std::any_of(networks.begin(), networks.end(), holds);
}

ClientTable::Taken Worker::take_place(const IpAddress& client, bool many) {
  if (short_of_memory_) return {};
  const Limits& limits = config().limits;
  const std::uint32_t places = connection_cap();
  const ClientTable::Wish wish{
      .client = client,
      .many = many,
      .limit = many ? std::numeric_limits<std::uint32_t>::max() : limits.connections_per_client,
      .places = places,
      .second = second_};
  const ClientTable::Taken taken = shared.clients.take(wish);
  if (taken.told_by != nullptr) taken.told_by->look_for_given_up();
  return taken;
}

void Worker::look_for_given_up() noexcept {
  if (!looking_.exchange(true)) wake();
}

Worker::Admission Worker::admit(int fd, const tcp::endpoint& peer, std::size_t listener) {
  const IpAddress client = to_ip(peer.address());
  if (!may_connect(client)) {  // this is no open proxy: closed unread
    counters_.refused_clients.add();
    ::close(fd);
    return Admission::ended;
  }
  const bool many = generation_ != nullptr && generation_->snapshot->config.shares_address(client);
  ClientTable::Taken taken;
  try {
    taken = take_place(client, many);
  } catch (...) {
    note_failure(std::current_exception());
    refuse(fd);
    return Admission::ended;
  }
  if (taken.entry == nullptr) {
    if (!taken.over_limit) return Admission::must_wait;
    refuse(fd);
    return Admission::ended;
  }
  counters_.connections.add();
  shared.seen.note(client);
  bool owned = false;  // `fd`, by a socket
  try {
    Socket socket(io_.get_executor());
    error_code error;
    socket.assign(peer.protocol(), fd, error);
    if (error) throw boost::system::system_error(error);
    owned = true;
    const ClientInfo info{.address = client,
                          .listener = listener,
                          .entry = taken.entry,
                          .shared = many,
                          .entrance = purposes_[listener].entrance,
                          .tproxy = purposes_[listener].tproxy,
                          .destination = {}};
    asio::co_spawn(io_.get_executor(), serve_(*this, std::move(socket), info),
                   [this](std::exception_ptr failure) { note_failure(std::move(failure)); });
  } catch (...) {  // it has not begun
    if (!owned) ::close(fd);
    give_place_back(client, taken.entry, nullptr);
    note_failure(std::current_exception());
  }
  return Admission::ended;
}

// A place got free, or time passed.
void Worker::admit_waiting() {
  std::erase_if(waiting_, [this](const Newcomer& one) {
    if (admit(one.fd, one.peer, one.listener) == Admission::ended) return true;
    if (deadlines.now() < one.since + full_patience) return false;
    refuse(one.fd);
    return true;
  });
}

void Worker::refuse_waiting() noexcept {
  for (const Newcomer& one : waiting_) refuse(one.fd);
  waiting_.clear();
}

void Worker::give_place_back(const IpAddress& client, ClientTable::Entry* entry, Seat* seat) noexcept {
  counters_.connections.subtract();
  shared.clients.leave(client, entry, seat);
}

void Worker::note_failure(std::exception_ptr failure) noexcept {
  if (!failure) return;
  counters_.failures.add();
  bool no_memory = false;
  try {
    try {
      std::rethrow_exception(failure);
    } catch (const std::bad_alloc&) {
      no_memory = true;
      shared.sink.event("proxy", "session_failed", "\"out of memory\"");
    } catch (const std::exception& exception) {
      shared.sink.event("proxy", "session_failed", json_string(typeid(exception).name()));
    } catch (...) {
      shared.sink.event("proxy", "session_failed", "\"unknown\"");
    }
  } catch (...) {  // counted all the same
  }
  if (no_memory) shed_idle();
}

// What idles gives its memory to those who are served; once a second is enough.
void Worker::shed_idle() noexcept {
  if (deadlines.now() < may_shed_at_) return;
  may_shed_at_ = deadlines.now() + 1;
  pool.clear();
  if (has_room(room_for_newcomers)) return;  // one large wish
  for (Live* session : sessions_) session->drain();
}

// --- sessions ---

const Config& Worker::config() const noexcept {
  static const Config before_the_first;
  return generation_ ? generation_->snapshot->config : before_the_first;
}

std::uint64_t Worker::next_decision() noexcept {
  decision_ += count_;
  return shared.decisions.number(decision_);
}

LocalTime Worker::local_time(std::int64_t time_ms) noexcept {
  const std::int64_t doubted = shared.clock_doubted_until_ms.load(std::memory_order_relaxed);
  const std::int64_t minute = time_ms / 60'000;
  if (minute != minute_ || doubted != doubted_until_ms_ || time_ms < doubted || local_minute_.in_doubt) {
    minute_ = minute;
    doubted_until_ms_ = doubted;
    local_minute_ = school_time(generation_->snapshot->zone, time_ms, doubted);
  }
  return local_minute_;
}

std::string_view Worker::date() {
  const std::int64_t now = wall_clock_ms(), second = now / 1000;
  if (second != date_second_) {
    date_second_ = second;
    date_ = http_date(now);
  }
  return date_;
}

void Worker::add_session(Live& session) {
  session.place = sessions_.size();
  sessions_.push_back(&session);
}

void Worker::remove_session(Live& session) noexcept {
  sessions_[session.place] = sessions_.back();
  sessions_[session.place]->place = session.place;
  sessions_.pop_back();
  if (draining_) return end_if_idle();
  try {
    if (out_of_descriptors_) asio::post(io_, [this] { resume_accepting(); });
    if (!waiting_.empty()) asio::post(io_, [this] { admit_waiting(); });
  } catch (...) {  // no memory: the next tick does it
  }
  end_if_idle();
}

void Worker::add_tunnel(Live& session) {
  session.tunnel_place = tunnels_.size();
  tunnels_.push_back(&session);
  counters_.tunnels.add();
  counters_.tunnels_opened.add();
}

void Worker::remove_tunnel(Live& session) noexcept {
  tunnels_[session.tunnel_place] = tunnels_.back();
  tunnels_[session.tunnel_place]->tunnel_place = session.tunnel_place;
  tunnels_.pop_back();
  counters_.tunnels.subtract();
}

// --- time ---

void Worker::start_tick() {
  timer_.expires_at(next_tick_ + std::chrono::seconds(1));
  timer_.async_wait([this](const error_code& error) {
    ticking_ = false;
    if (error) return;
    tick();
    start_tick();
  });
  next_tick_ += std::chrono::seconds(1);
  ticking_ = true;
}

void Worker::tick() {
  moved_ms_ = steady_ms();
  deadlines.tick();
  short_of_memory_ = !has_room(room_for_newcomers);
  read_messages();
  resolver_.tick();
  pool.tick();
  check_timetable();
  check_overrides();
  const auto now = std::chrono::steady_clock::now();
  second_ = steady_second(now);
  shared.clients.sweep(now);
  if (!shared.refusals.flush(wall_clock_ms(), shared.sink)) counters_.failures.add();
  look_at_descriptors();
  resume_accepting();
  admit_waiting();
  if (draining_ && !stopping_ && deadlines.now() >= drain_until_) {
    stopping_ = true;
    end_all_sessions();
  }
}

// At an edge of a timetable open tunnels are judged again; so they are after the clock was set, and when it
// is doubted no longer.
void Worker::check_timetable() {
  if (!generation_) return;
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const LocalTime now = local_time(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
  if (timetable_known_ && now == timetable_seen_) return;
  const std::int64_t passed = minutes_between(timetable_seen_, now);
  const bool as_sure = now.in_doubt == timetable_seen_.in_doubt;
  if (timetable_known_ && as_sure && passed >= 0 && passed < minutes_to_edge_) return;
  if (timetable_known_) {
    ++epoch_;
    judge_tunnels_again();
    judge_soon();
  }
  timetable_known_ = true;
  timetable_seen_ = now;
  minutes_to_edge_ = generation_->snapshot->policy->minutes_to_next_edge(now);
}

void Worker::judge_tunnels_again() noexcept {
  if (judging_) {
    judge_once_more_ = true;
    return;
  }
  judging_ = true;
  judge_cursor_ = tunnels_.size();
}

void Worker::judge_soon() {
  if (std::exchange(judging_posted_, true)) return;
  try {
    asio::post(io_, [this] { judge_some_tunnels(); });
  } catch (...) {
    judging_posted_ = false;  // the next tick does it
    throw;
  }
}

// In slices, from the back: a tunnel that ends meanwhile puts the last of the list, judged already, in its
// place.
void Worker::judge_some_tunnels() {
  judging_posted_ = false;
  judge_cursor_ = std::min(judge_cursor_, tunnels_.size());
  const std::size_t stop = judge_cursor_ > judged_per_turn ? judge_cursor_ - judged_per_turn : 0;
  while (judge_cursor_ > stop) tunnels_[--judge_cursor_]->judge_or_end_tunnel();
  if (judge_cursor_ > 0) return judge_soon();
  judging_ = false;
  if (!std::exchange(judge_once_more_, false)) return;
  judge_tunnels_again();
  judge_soon();
}

}  // namespace schoolgate
