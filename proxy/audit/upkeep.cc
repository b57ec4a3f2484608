#include "proxy/audit/upkeep.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "config/text/whole_file.h"
#include "proxy/audit/month.h"
#include "proxy/core/json_text.h"

namespace schoolgate::audit {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds size_interval{5};
constexpr std::chrono::seconds totals_interval{5};
constexpr std::chrono::seconds last_totals{1};  // at an end; the next start counts the rest
// Of running time.
constexpr std::int64_t retention_interval_ms = day_ms;
constexpr std::int64_t state_interval_ms = 5LL * 60 * 1000;  // what an end by force costs the clock
constexpr std::int64_t worth_telling_ms = 3 * day_ms;        // the wall clock ahead of what is believed

std::string state_path(const std::string& directory) {
  return directory + "/retention.state";
}

// "" when there is none or it cannot be read: then nothing goes at once.
std::string read_state(const std::string& directory) {
  std::ifstream in(state_path(directory), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

RetentionClock first_clock(const LogSettings& settings, LogStore& store, const ClockReading& now) {
  const RowRange rows = store.ends();
  return {read_state(settings.directory), now, settings.keep_days, rows.from_ms, rows.to_ms};
}

}  // namespace

Upkeep::Upkeep(LogSettings settings, LogStore& store, Hooks hooks)
    : settings_(std::move(settings)),
      store_(store),
      hooks_(std::move(hooks)),
      bound_(settings_.directory, settings_.max_bytes),
      clock_(first_clock(settings_, store_, hooks_.clocks())) {
  if (!clock_.state_was_good())
    hooks_.complain(say("there is no {} of an earlier run: retention begins with the oldest row",
                        state_path(settings_.directory)));
}

void Upkeep::note_times(std::span<const LogRecord> rows) {
  const MutexLock lock(mutex_);
  bool late = false;
  for (const LogRecord& row : rows) {
    if (row.part != LogRecord::Part::tunnel_end) late = clock_.wrote(row.time_ms) || late;
  }
  if (late) save_clock();
}

void Upkeep::sum_allowed(std::vector<LogRecord>& rows, bool at_the_end) {
  if (bound_.full()) sums_.take(rows);
  sums_.give(rows, hooks_.clocks().running_ms, at_the_end || !bound_.full());
}

bool Upkeep::step() {
  if (watch_totals()) return true;  // nothing goes before it is counted
  const bool more_days = watch_clock();
  return watch_size() || more_days;
}

void Upkeep::close() {
  const auto until = Steady::now() + last_totals;
  while (store_.add_totals().more && Steady::now() < until) {
  }
  const MutexLock lock(mutex_);
  clock_.tick(hooks_.clocks());
  save_clock();
}

Upkeep::Times Upkeep::times() const {
  const ClockReading now = hooks_.clocks();
  const MutexLock lock(mutex_);
  return {now.wall_ms, clock_.believed_ms(), clock_.cut_ms(now)};
}

void Upkeep::confirm_clock(const std::string& actor) {
  const ClockReading now = hooks_.clocks();
  const MutexLock lock(mutex_);
  hooks_.event(
      actor, "clock_confirmed",
      JsonObject().add("clock", utc_text(now.wall_ms)).add("went_by", utc_text(clock_.believed_ms())).text());
  clock_.tick(now);
  clock_.confirm(now);
  save_clock();
  pass_cut_ms_.reset();
  next_retention_ms_ = 0;
}

// What cannot be counted now is counted later: it keeps neither rows nor retention waiting.
bool Upkeep::watch_totals() {
  if (Steady::now() < next_totals_) return false;
  const LogStore::Counted counted = store_.add_totals();
  if (counted.more) return true;
  next_totals_ = Steady::now() + totals_interval;
  const bool waits = counted.result.failed() && (counted.result.error().code & 0xff) == SQLITE_BUSY;
  const Message failed = counted.result.failed() && !waits ? counted.result.error().message : Message();
  if (!failed.empty() && totals_error_ != failed.english())
    hooks_.complain(
        say("the totals of the access log cannot be written: {}; they are made up for later", failed));
  totals_error_ = failed.english();
  return false;
}

// Goes by the sure time: a wrong clock makes no row old here either.
bool Upkeep::watch_size() {
  if (Steady::now() < next_size_) return false;
  const ClockReading now = hooks_.clocks();
  SizeBound::Shortened shortened;
  {
    const MutexLock lock(mutex_);
    const std::int64_t days = std::min(settings_.min_days, settings_.keep_days);
    shortened = bound_.step(clock_.sure_ms(now) - days * day_ms, now.wall_ms,
                            [&](Month month) SG_REQUIRES(mutex_) { return clock_.protects(month); });
  }
  bytes_ = bound_.bytes();
  const std::string figures =
      JsonObject().add("bytes", bound_.bytes()).add("max_bytes", bound_.max_bytes()).text();
  if (shortened.begun) {
    hooks_.complain(
        say("the access log is over its size (log: max_megabytes): rows older than min_days are summed, then "
            "removed"));
    hooks_.event("schoolgate", "log_over_size", figures);
  }
  if (bound_.full() != full_) {
    full_ = bound_.full();
    hooks_.complain(full_ ? say("the access log is FULL (log: max_megabytes), and nothing in it is older "
                                "than min_days: what "
                                "is allowed is summed from now on; make room, or raise max_megabytes")
                          : say("the access log has room again: each request has its row"));
    hooks_.event("schoolgate", full_ ? "log_full" : "log_has_room", figures);
  }
  const Message failed = shortened.result.failed() ? shortened.result.error().message : Message();
  if (!failed.empty() && size_error_ != failed.english())
    hooks_.complain(say("the access log could not be made smaller: {}", failed));
  size_error_ = failed.english();
  next_size_ = Steady::now() + (shortened.more ? Steady::duration::zero() : Steady::duration(size_interval));
  return shortened.more;
}

void Upkeep::save_clock() {
  const auto written = write_whole_file(state_path(settings_.directory), {clock_.text()}, {.mode = 0600});
  if (written.failed() && state_written_)
    hooks_.complain(say("{}; old rows of the log may stay longer", written.error().message));
  state_written_ = written.ok();
}

bool Upkeep::watch_clock() {
  const ClockReading now = hooks_.clocks();
  const MutexLock lock(mutex_);
  clock_.tick(now);
  if (now.running_ms >= next_state_ms_) {
    next_state_ms_ = now.running_ms + state_interval_ms;
    save_clock();
  }
  return now.running_ms >= next_retention_ms_ && retain(now);
}

// A step. True: there is more.
bool Upkeep::retain(const ClockReading& now) {
  if (!pass_cut_ms_) {
    pass_cut_ms_ = clock_.cut_ms(now);
    if (now.wall_ms - clock_.believed_ms() > worth_telling_ms) {
      hooks_.event("schoolgate", "retention_waits",
                   JsonObject()
                       .add("clock", utc_text(now.wall_ms))
                       .add("goes_by", utc_text(clock_.believed_ms()))
                       .add("why",
                            "the clock is far ahead of the running time of this log; schoolgate log "
                            "retention --confirm says that it is right")
                       .text());
    }
  }
  const LogStore::Retained step = store_.retain(
      *pass_cut_ms_, now.wall_ms, [&](Month month) SG_REQUIRES(mutex_) { return clock_.protects(month); });
  if (step.result.failed())
    hooks_.complain(say("old rows of the access log could not be deleted: {}", step.result.error().message));
  if (step.more) return true;
  const std::uint32_t rows_days = std::max<std::uint32_t>(settings_.keep_days, 1);
  const std::uint32_t days = std::max(totals_days, rows_days);
  const auto totals =
      store_.retain_totals(*pass_cut_ms_ - std::int64_t{days - rows_days} * day_ms, now.wall_ms, days,
                           [&](Month month) SG_REQUIRES(mutex_) { return clock_.protects(month); });
  if (totals.failed()) hooks_.complain(say("old totals could not be deleted: {}", totals.error().message));
  pass_cut_ms_.reset();
  next_retention_ms_ = now.running_ms + retention_interval_ms;
  return false;
}

}  // namespace schoolgate::audit
