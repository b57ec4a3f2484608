#include "proxy/audit/access_log.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <thread>
#include <unordered_set>

#include "config/text/system_words.h"
#include "proxy/audit/log_store.h"
#include "proxy/audit/sealer.h"
#include "proxy/audit/upkeep.h"
#include "proxy/audit/visit_bursts.h"
#include "proxy/core/json_text.h"
#include "proxy/core/mutex.h"
#include "proxy/core/privacy.h"

namespace schoolgate {
namespace {

using namespace audit;
using Steady = std::chrono::steady_clock;

constexpr std::size_t big_batch = 4'096;   // rows that are written at once, without waiting for more
constexpr std::size_t max_events = 4'096;  // in memory
constexpr std::size_t max_seen = 50'000;   // clients
constexpr std::chrono::seconds sync_interval{5};
// What is sealed before the end; of a school's log it is ten minutes' worth.
constexpr std::int64_t most_rows_at_the_end = 100'000;
constexpr std::int64_t most_rows_at_a_start = 1'000'000;  // more came while an older version ran
constexpr std::chrono::seconds seal_again{5};             // after a failure
constexpr std::chrono::milliseconds seal_at_once{20};     // rows wait meanwhile

RevisionNames names_of(const std::shared_ptr<const Snapshot>& loaded, std::uint64_t serial,
                       std::int64_t now_ms) {
  const Snapshot& snapshot = *loaded;
  RevisionNames names;
  names.used = loaded;
  names.serial = serial;
  names.revision = snapshot.revision;
  names.digest = snapshot.digest;
  names.loaded_ms = now_ms;
  names.sources = snapshot.sources;
  if (snapshot.policy) {
    for (const Tier& tier : snapshot.policy->tiers()) names.tiers.push_back(tier.id);
    for (const Category& category : snapshot.policy->categories()) names.categories.push_back(category.id);
  }
  return names;
}

// What was written is settled whether there is memory to speak of it or not: else it would be written again.
template <class Speak>
void tell(Speak speak) noexcept {
  try {
    speak();
  } catch (...) {
  }
}

}  // namespace

struct AccessLog::Impl {
  explicit Impl(AccessLogOptions o, LogStore s)
      : options(std::move(o)),
        store(std::move(s)),
        upkeep(options.settings, store,
               {.clocks = options.clocks,
                .complain = [this](const Message& line) { complain(line); },
                .event =
                    [this](std::string actor, std::string what, std::string detail) {
                      push_event(std::move(actor), std::move(what), std::move(detail));
                    }}) {
    queue.rows.reserve(options.capacity);  // untouched pages cost nothing, and a push never moves the queue
    pending.rows.reserve(options.capacity);
  }

  const AccessLogOptions options;
  std::optional<Sealer> sealer;  // outlives `store` and `upkeep`; the writer thread's, as these
  LogStore store;                // the writer thread's, once that runs

  mutable Mutex mutex;
  std::condition_variable wake, done;
  Batch queue SG_GUARDED_BY(mutex);
  std::uint64_t next_serial SG_GUARDED_BY(mutex) = 1;  // of policies
  std::uint64_t handed_over SG_GUARDED_BY(mutex) = 0;  // rows, policies and events, for flush()
  std::uint64_t settled SG_GUARDED_BY(mutex) = 0;      // of these
  std::uint64_t lost_rows SG_GUARDED_BY(mutex) = 0;    // not yet told
  std::uint64_t lost_kept SG_GUARDED_BY(mutex) = 0;    // of these: other than a plain allow
  std::int64_t lost_since_ms SG_GUARDED_BY(mutex) = 0;
  std::uint64_t lost_total SG_GUARDED_BY(mutex) = 0, written SG_GUARDED_BY(mutex) = 0;
  std::uint64_t to_be_synced SG_GUARDED_BY(mutex) = 0;  // of handed_over, for record_first()
  std::uint64_t synced SG_GUARDED_BY(mutex) = 0;
  std::unordered_set<IpAddress, AddressHash> seen SG_GUARDED_BY(mutex);
  bool flushing SG_GUARDED_BY(mutex) = false;
  bool stopping SG_GUARDED_BY(mutex) = false, stopped SG_GUARDED_BY(mutex) = false;
  std::string last_error SG_GUARDED_BY(mutex);
  Message seal_error SG_GUARDED_BY(mutex);

  bool handed_to_another = false;  // only for the thread that stops
  bool gave_up = false;            // the same, once the writer has ended

  std::atomic<std::size_t> unwritten{0};  // rows in `queue` and `pending`
  std::atomic<bool> stalled{false};

  Batch pending;                  // the writer thread's, as what follows
  std::size_t pending_taken = 0;  // rows of the queue that it stands for
  VisitBursts visits;
  bool dirty = false;
  Steady::time_point next_sync{};
  std::thread writer;

  Upkeep upkeep;
  Steady::time_point next_seal{};

  bool push(LogRecord&& record);
  enum class Then : std::uint8_t { write, sync };
  // Its number in handed_over; 0: there is no room, or the log has ended.
  std::uint64_t push_event(std::string actor, std::string what, std::string detail,
                           LogKind kind = LogKind::access, Then then = Then::write);
  void run();
  [[nodiscard]] bool step();
  [[nodiscard]] bool gather();
  [[nodiscard]] bool write_pending();
  void settle();
  void sync_if_asked(std::uint64_t items);
  void give_up();
  void housekeeping();
  [[nodiscard]] bool seal();
  [[nodiscard]] Result<void, DbError> open_sealer();
  void tell_of_sealer();
  void note_sealed(const Result<void, DbError>& result, bool all_sealed);
  void note_clients();
  void tell_losses();
  void tell_renewed();
  void complain(const Message& line) const {
    if (options.complain) options.complain(line);
  }
};

bool AccessLog::Impl::push(LogRecord&& record) {
  const bool plain = is_plain_allow(record);
  std::size_t limit = plain ? options.capacity - options.capacity / 8 : options.capacity;
  bool notify = false;
  {
    const MutexLock lock(mutex);
    if (stopped) return false;
    if (unwritten.load(std::memory_order_relaxed) >= limit) {
      if (lost_rows == 0) lost_since_ms = record.time_ms;
      ++lost_rows;
      ++lost_total;
      if (!plain) ++lost_kept;
      // A plain row that survived others of its kind would tell of the match that helps beside it.
      if (limit == options.capacity || !record.help) return false;
      record.verdict = *std::exchange(record.help, std::nullopt);
      limit = options.capacity;
      if (unwritten.load(std::memory_order_relaxed) >= limit) return false;
    }
    unwritten.fetch_add(1, std::memory_order_relaxed);
    ++handed_over;
    queue.rows.push_back(std::move(record));
    notify = queue.rows.size() == 1 || queue.rows.size() == big_batch;
  }
  if (notify) wake.notify_one();
  return true;
}

std::uint64_t AccessLog::Impl::push_event(std::string actor, std::string what, std::string detail,
                                          LogKind kind, Then then) {
  const std::int64_t now = options.now_ms();
  std::uint64_t number = 0;
  {
    const MutexLock lock(mutex);
    if (stopped || queue.events.size() >= max_events) return 0;
    queue.events.push_back({now, std::move(actor), std::move(what), std::move(detail), kind});
    number = ++handed_over;
    if (then == Then::sync) to_be_synced = number;
  }
  wake.notify_one();
  return number;
}

// Waits for something to write and takes it. False when the thread may end.
bool AccessLog::Impl::gather() {
  MutexLock lock(mutex);
  while (!stopping && !flushing && queue.empty() && lock.wait_until(wake, next_sync)) {
  }
  const auto batch_until = Steady::now() + options.batch;
  while (!stopping && !flushing && !queue.empty() && queue.rows.size() < big_batch &&
         lock.wait_until(wake, batch_until)) {
  }
  std::swap(queue, pending);
  pending_taken = pending.rows.size();
  const bool at_the_end = stopping;
  lock.unlock();
  visits.settle(pending.rows);
  upkeep.sum_allowed(pending.rows, at_the_end);
  return !pending.empty() || pending_taken != 0 || !at_the_end;
}

// Tries until it succeeds; false if stop() lost its patience.
bool AccessLog::Impl::write_pending() {
  const auto begun = Steady::now();
  std::optional<Steady::time_point> stop_limit;
  std::string why;
  bool told = false;
  for (;;) {
    const auto stored = store.store(pending);
    tell([&] {
      for (const std::string& path : store.take_damaged()) {
        complain(say("the access log was damaged and has been set aside as {}", path));
        push_event("schoolgate", "log_damaged", JsonObject().add("file", path).text());
      }
    });
    if (stored.ok()) break;
    const auto now = Steady::now();
    if (!told && now - begun >= options.patience) {
      told = true;
      stalled = true;
      complain(say("the access log cannot be written: {}; new requests get 503 until it can",
                   stored.error().message));
    }
    why = stored.error().message.english();
    MutexLock lock(mutex);
    last_error = why;
    if (stopping && !stop_limit) stop_limit = now + options.patience;
    if (stop_limit && now >= *stop_limit) return false;
    while (!(stopping && !stop_limit) && lock.wait_until(wake, now + options.retry)) {
    }
  }
  if (told) {
    stalled = false;
    tell([&] {
      complain(say("the access log can be written again"));
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Steady::now() - begun).count();
      push_event("schoolgate", "log_recovered",
                 JsonObject().add("error", why).add("seconds", seconds).text());
    });
  }
  return true;
}

// After a batch was written: makes room, tells those who wait, and what was lost meanwhile.
void AccessLog::Impl::settle() {
  const std::size_t rows = pending_taken;
  const std::uint64_t stored = pending.rows.size();
  const auto ordinary = static_cast<std::uint64_t>(std::count_if(
      pending.rows.begin(), pending.rows.end(), [](const LogRecord& r) { return is_ordinary(r); }));
  const std::uint64_t items = rows + pending.policies.size() + pending.events.size();
  const std::uint64_t bad = store.unstorable();
  const std::int64_t oldest_ms = stored == 0 ? 0 : pending.rows.front().time_ms;
  tell([&] {  // the next batch brings them too
    upkeep.note_times(pending.rows);
    note_clients();
  });
  pending.rows.clear();
  pending.policies.clear();
  pending.events.clear();
  dirty = dirty || items + stored != 0;
  sync_if_asked(items);
  unwritten.fetch_sub(rows, std::memory_order_relaxed);
  pending_taken = 0;
  {
    const MutexLock lock(mutex);
    settled += items;
    written += ordinary - std::min(ordinary, bad);
    if (bad != 0 && lost_rows == 0) lost_since_ms = oldest_ms;
    lost_total += bad;
    lost_rows += bad;
    last_error.clear();
    if (settled == handed_over) flushing = false;
  }
  tell([&] { tell_losses(); });  // before those who wait for a flush look at it
  done.notify_all();
}

void AccessLog::Impl::tell_losses() {
  std::string detail;
  {
    const MutexLock lock(mutex);
    if (lost_rows == 0) return;
    detail = JsonObject()
                 .add("rows", lost_rows)
                 .add("of_them_not_allowed", lost_kept)
                 .add("since_ms", lost_since_ms)
                 .text();
    lost_rows = lost_kept = 0;
  }
  complain(say("rows of the access log were lost: {}", detail));
  push_event("schoolgate", "rows_lost", std::move(detail));
}

// Once a file: the next start finds it as this version writes it.
void AccessLog::Impl::tell_renewed() {
  for (const std::string& path : store.take_renewed()) {
    const std::string name = path.substr(path.rfind('/') + 1);
    complain(
        say("{}: an older version of Schoolgate wrote it; it has been brought to the form of this one ({}) "
            "and holds all that it held",
            name, options.version));
    push_event("schoolgate", "file_renewed",
               JsonObject().add("file", name).add("version", options.version).text());
  }
}

void AccessLog::Impl::housekeeping() {
  const auto now = Steady::now();
  if (now >= next_sync) {
    if (dirty) (void)store.sync();
    dirty = false;
    for (const std::string& path : store.close_replaced()) {
      complain(say("the access log {} was moved or deleted while in use; a new one is begun", path));
      push_event("schoolgate", "log_moved", JsonObject().add("file", path).text());
    }
    next_sync = now + sync_interval;
  }
  const bool sealing = seal();
  if (upkeep.step() || sealing) next_sync = Steady::now();  // goes on at once
  tell_renewed();
}

// A piece of it. True: there is more. What cannot be sealed keeps nothing waiting but what would delete it.
bool AccessLog::Impl::seal() {
  if (Steady::now() < next_seal) return false;
  Sealer::Step step;
  if (!sealer) {
    step.result = open_sealer();
    if (sealer) sealer->seal_soon();
  }
  const auto until = Steady::now() + seal_at_once;
  for (bool more = sealer.has_value(); more; more = step.more && Steady::now() < until)
    step = sealer->step(options.now_ms());
  if (step.result.failed()) next_seal = Steady::now() + seal_again;
  note_sealed(step.result, step.settled);
  return step.more;
}

Result<void, DbError> AccessLog::Impl::open_sealer() {
  auto opened = Sealer::open(options.settings.directory, options.now_ms());
  if (!opened) {
    store.wait_for_sealer();
    upkeep.wait_for_sealer();
    return opened.error();
  }
  sealer.emplace(std::move(*opened));
  store.use_sealer(*sealer);
  upkeep.use_sealer(*sealer);
  tell_of_sealer();
  return {};
}

void AccessLog::Impl::tell_of_sealer() {
  const std::string key = sealer->public_key().name();
  if (!sealer->former_key().empty()) {
    complain(
        say("the log is sealed by a new key, {}: the one before, {}, is gone", key, sealer->former_key()));
    push_event("schoolgate", "seal_key_new",
               JsonObject().add("key", key).add("before", sealer->former_key()).text());
  }
  for (const std::string& path : sealer->take_damaged()) {
    complain(say("the seals of the access log were damaged and have been set aside as {}", path));
    push_event("schoolgate", "log_damaged", JsonObject().add("file", path).text());
  }
}

// `all_sealed`: all that was due is sealed; less is no end of a failure.
void AccessLog::Impl::note_sealed(const Result<void, DbError>& result, bool all_sealed) {
  const Message failed = result.failed() ? result.error().message : Message();
  bool begins = false, ends = false;
  {
    const MutexLock lock(mutex);
    begins = result.failed() && seal_error.empty();
    ends = all_sealed && !seal_error.empty();
    if (result.failed()) seal_error = failed;
    if (ends) seal_error = Message();
  }
  if (begins) {
    complain(say("the access log cannot be sealed: {}; it is written all the same, and tried again", failed));
    push_event("schoolgate", "seals_fail", JsonObject().add("error", failed.english()).text());
  }
  if (ends) {
    complain(say("the access log is sealed again"));
    push_event("schoolgate", "seals_recovered",
               JsonObject().add("sealed_by", sealer ? sealer->public_key().name() : "").text());
  }
}

void AccessLog::Impl::note_clients() {
  const MutexLock lock(mutex);
  for (const LogRecord& row : pending.rows) {
    if (seen.size() >= max_seen) break;
    if (row.part != LogRecord::Part::tunnel_end) seen.insert(row.client);
  }
}

// Before those who wait for the batch are told of it.
void AccessLog::Impl::sync_if_asked(std::uint64_t items) {
  std::uint64_t reached = 0;
  {
    const MutexLock lock(mutex);
    if (to_be_synced <= synced) return;
    reached = settled + items;
  }
  if (!store.sync()) {
    complain(say("the access log could not be synced to the disk"));
    return;
  }
  dirty = false;
  const MutexLock lock(mutex);
  synced = reached;
}

// At the end, when the disk takes nothing any more: what is left is lost, and said to be.
void AccessLog::Impl::give_up() {
  gave_up = true;
  std::string why;
  const std::size_t rows = unwritten.load(std::memory_order_relaxed);
  {
    const MutexLock lock(mutex);
    lost_total += rows;
    why = last_error;
  }
  complain(say("the access log could not be written before the end: {}; {} rows are lost",
               Message::foreign(why), rows));
}

// Writes what there is; false: the thread may end. What it throws (no memory) loses nothing: what is pending
// is written at the next step.
bool AccessLog::Impl::step() {
  const bool more = pending.empty() && pending_taken == 0 ? gather() : true;
  if (!pending.empty() || pending_taken != 0) {
    if (!write_pending()) {
      give_up();
      return false;
    }
    settle();
  } else if (!more) {
    return false;
  }
  housekeeping();
  return true;
}

void AccessLog::Impl::run() {
  for (bool more = true; more;) {
    try {
      more = step();
    } catch (...) {
      std::this_thread::sleep_for(options.retry);
    }
  }
  try {
    if (dirty) (void)store.sync();
    upkeep.close();
    // Another process that writes here seals what this one wrote.
    if (sealer && !handed_to_another)
      note_sealed(sealer->seal_all(options.now_ms(), "stop", most_rows_at_the_end), false);
  } catch (...) {  // no memory: the clock knows five minutes less
  }
  const MutexLock lock(mutex);
  stopped = true;
  done.notify_all();
}

Result<std::unique_ptr<AccessLog>> AccessLog::open(AccessLogOptions options) {
  if (!options.clocks) {
    options.clocks = [wall = options.now_ms] {
      ClockReading now = read_clocks();
      if (wall) now.wall_ms = wall();
      return now;
    };
  }
  if (!options.now_ms) options.now_ms = [clocks = options.clocks] { return clocks().wall_ms; };
  options.capacity = std::max<std::size_t>(options.capacity, 16);
  const std::string& directory = options.settings.directory;
  std::error_code failed;
  if (std::filesystem::create_directories(directory, failed)) {
    std::filesystem::permissions(directory, std::filesystem::perms(0750), failed);
  }
  if (failed) return Error{say("cannot make the folder {}: {}", directory, system_words(failed))};
  auto store = LogStore::open(directory, options.settings.key_file, options.settings.keep_days);
  if (!store) return store.error();

  auto impl = std::make_unique<Impl>(std::move(options), std::move(*store));
  const std::int64_t now = impl->options.now_ms();
  const std::string last_run = impl->options.takes_over ? "handed over" : impl->store.last_run();
  if (const auto opened = impl->open_sealer(); opened.failed()) {
    impl->note_sealed(opened, false);
  } else if (!impl->options.takes_over) {
    // What the run before this one left; not while its process still writes.
    impl->note_sealed(
        impl->sealer->seal_all(now, last_run == "unclean stop" ? "cut" : "-", most_rows_at_a_start), false);
  }
  Batch first;
  JsonObject begins;
  begins.add("version", impl->options.version).add("last_run", last_run);
  if (impl->sealer) begins.add("sealed_by", impl->sealer->public_key().name());
  first.events.push_back({now, "schoolgate", "start", begins.text()});
  Result<void, DbError> stored;
  const auto limit = Steady::now() + impl->options.patience;
  do {  // another program may hold the file for a moment
    stored = impl->store.store(first);
  } while (stored.failed() && (stored.error().code & 0xff) == SQLITE_BUSY && Steady::now() < limit);
  if (stored.failed())
    return Error{say("cannot write the access log in {}: {}", directory, stored.error().message)};
  impl->tell_renewed();
  if (last_run == "unclean stop") {
    impl->complain(
        say("the last run did not stop in order; tunnels it had open read `cut` in the access log"));
  }
  impl->next_sync = Steady::now() + sync_interval;
  impl->writer = std::thread([raw = impl.get()] { raw->run(); });
  ::pthread_setname_np(impl->writer.native_handle(), "log writer");
  return std::unique_ptr<AccessLog>(new AccessLog(std::move(impl)));
}

AccessLog::AccessLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

AccessLog::~AccessLog() {
  stop();
}

bool AccessLog::write(LogRecord&& record) {
  return impl_->push(std::move(record));
}

void AccessLog::row_lost() noexcept {
  const MutexLock lock(impl_->mutex);
  if (impl_->lost_rows == 0) impl_->lost_since_ms = impl_->options.now_ms();
  ++impl_->lost_rows;
  ++impl_->lost_kept;  // it may have been any
  ++impl_->lost_total;
}

bool AccessLog::has_room() const noexcept {
  return impl_->unwritten.load(std::memory_order_relaxed) < impl_->options.capacity / 2 &&
         !impl_->stalled.load(std::memory_order_relaxed);
}

void AccessLog::policy_loaded(std::shared_ptr<const Snapshot> snapshot) {
  const std::int64_t now = impl_->options.now_ms();
  {
    const MutexLock lock(impl_->mutex);
    if (impl_->stopped) return;
    impl_->queue.policies.push_back(names_of(snapshot, impl_->next_serial, now));
    ++impl_->next_serial;
    ++impl_->handed_over;
  }
  impl_->wake.notify_one();
}

void AccessLog::event(std::string actor, std::string what, std::string detail_json) {
  impl_->push_event(std::move(actor), std::move(what), std::move(detail_json));
}

bool AccessLog::record_first(std::string actor, std::string what, std::string detail_json,
                             std::chrono::milliseconds limit) {
  const std::uint64_t number = impl_->push_event(std::move(actor), std::move(what), std::move(detail_json),
                                                 LogKind::safeguarding, Impl::Then::sync);
  if (number == 0) return false;
  const auto until = Steady::now() + limit;
  MutexLock lock(impl_->mutex);
  while (impl_->synced < number && lock.wait_until(impl_->done, until)) {
  }
  return impl_->synced >= number;
}

const LogSettings& AccessLog::settings() const noexcept {
  return impl_->options.settings;
}

std::vector<IpAddress> AccessLog::seen_clients() const {
  const MutexLock lock(impl_->mutex);
  return {impl_->seen.begin(), impl_->seen.end()};
}

bool AccessLog::flush(std::chrono::milliseconds limit) {
  const auto until = Steady::now() + limit;
  MutexLock lock(impl_->mutex);
  const std::uint64_t target = impl_->handed_over;
  impl_->flushing = true;
  impl_->wake.notify_one();
  while (impl_->settled < target && lock.wait_until(impl_->done, until)) {
  }
  return impl_->settled >= target;
}

void AccessLog::hand_over() noexcept {
  impl_->handed_to_another = true;
}

bool AccessLog::stop() {
  if (!impl_->writer.joinable()) return !impl_->gave_up;
  try {
    impl_->push_event("schoolgate", impl_->handed_to_another ? "drained" : "stop", "{}");
  } catch (...) {  // no memory: the next start says that this one did not end in order
  }
  {
    const MutexLock lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  impl_->writer.join();
  return !impl_->gave_up;
}

AccessLog::Retention AccessLog::retention() const {
  const Upkeep::Times times = impl_->upkeep.times();
  return {times.wall_ms, times.believed_ms, times.cut_ms,
          std::max<std::uint32_t>(impl_->options.settings.keep_days, 1)};
}

void AccessLog::confirm_clock(const std::string& actor) {
  impl_->upkeep.confirm_clock(actor);
}

AccessLog::Health AccessLog::health() const {
  const Retention retention = this->retention();
  const MutexLock lock(impl_->mutex);
  Health health;
  health.retention_behind_ms = std::max<std::int64_t>(retention.wall_ms - retention.believed_ms, 0);
  health.bytes = impl_->upkeep.bytes();
  health.max_bytes = impl_->options.settings.max_bytes;
  health.full = impl_->upkeep.full();
  health.written = impl_->written;
  health.lost = impl_->lost_total;
  health.queued = impl_->unwritten.load(std::memory_order_relaxed);
  health.stalled = impl_->stalled.load(std::memory_order_relaxed);
  health.last_error = impl_->last_error;
  health.seal_error = impl_->seal_error;
  return health;
}

}  // namespace schoolgate
