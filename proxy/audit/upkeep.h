// What the log's writer does between batches: it adds to the totals, and sees that the files stay within
// their days and their size: the clock that deleting goes by, the passes over old rows, the bound on the
// disk.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/main/config.h"
#include "proxy/audit/allowed_sums.h"
#include "proxy/audit/log_store.h"
#include "proxy/audit/retention_clock.h"
#include "proxy/audit/size_bound.h"
#include "proxy/core/log_record.h"
#include "proxy/core/mutex.h"

namespace schoolgate::audit {

inline constexpr std::uint32_t totals_days =
    1'825;  // five school years; of a log that is kept longer, as long

class Upkeep {
 public:
  struct Hooks {
    std::function<ClockReading()> clocks;
    std::function<void(const Message& line)> complain;
    std::function<void(std::string actor, std::string what, std::string detail_json)> event;
  };
  // `store` outlives this.
  Upkeep(LogSettings settings, LogStore& store, Hooks hooks);

  // Before the writer's thread begins, or on it. `sealer` outlives this.
  void use_sealer(Sealer& sealer) { bound_.use_sealer(sealer); }
  void wait_for_sealer() { bound_.wait_for_sealer(); }

  // These four: the writer's thread.
  // The times of rows that were written: evidence for the clock, or rows of one that is behind.
  void note_times(std::span<const LogRecord> rows);
  // While the log is full: allowed rows become sums.
  void sum_allowed(std::vector<LogRecord>& rows, bool at_the_end);
  // A step of what is due. True: more is, at once.
  [[nodiscard]] bool step();
  void close();  // the clock's last word, and the totals'

  // Any thread, as the rest.
  struct Times {
    std::int64_t wall_ms = 0, believed_ms = 0;
    std::int64_t cut_ms = 0;  // older rows go
  };
  [[nodiscard]] Times times() const;
  // A person says that the wall clock is right; `actor` goes into the event.
  void confirm_clock(const std::string& actor);
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }  // on the disk
  [[nodiscard]] bool full() const noexcept { return full_; }

 private:
  [[nodiscard]] bool watch_totals();
  [[nodiscard]] bool watch_clock();
  [[nodiscard]] bool watch_size();
  [[nodiscard]] bool retain(const ClockReading& now) SG_REQUIRES(mutex_);
  void save_clock() SG_REQUIRES(mutex_);

  const LogSettings settings_;
  LogStore& store_;
  const Hooks hooks_;
  SizeBound bound_;
  AllowedSums sums_;
  std::chrono::steady_clock::time_point next_size_{}, next_totals_{};
  std::string size_error_, totals_error_;
  std::atomic<bool> full_{false};
  std::atomic<std::uint64_t> bytes_{0};

  mutable Mutex mutex_;  // taken after no other
  RetentionClock clock_ SG_GUARDED_BY(mutex_);
  std::int64_t next_retention_ms_ SG_GUARDED_BY(mutex_) = 0;  // by ClockReading::running_ms
  std::int64_t next_state_ms_ SG_GUARDED_BY(mutex_) = 0;
  std::optional<std::int64_t> pass_cut_ms_ SG_GUARDED_BY(mutex_);  // of a pass of retention under way
  bool state_written_ SG_GUARDED_BY(mutex_) = true;                // the last attempt
};

}  // namespace schoolgate::audit
