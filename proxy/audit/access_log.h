// The access log: workers hand their records over in memory, one thread writes them to the month's SQLite
// file.
//
//   worker ──┐  mutex, push       swap every 100 ms       one transaction
//   worker ──┼────────────► queue ───────────────► batch ───────────────► access-2026-03.db
//   worker ──┘  never waits for the disk                  until it succeeds  (and safeguarding-...)
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/main/config.h"
#include "proxy/audit/retention_clock.h"
#include "proxy/core/log_record.h"
#include "rules/result.h"

namespace schoolgate {

struct AccessLogOptions {
  LogSettings settings;
  std::string version;                   // for the start event
  bool takes_over = false;               // from a process that still writes here, until it has drained
  std::size_t capacity = 65'536;         // rows in memory, at least 16
  std::chrono::milliseconds batch{100};  // how long rows are gathered before they are written
  std::chrono::milliseconds patience{
      5'000};  // failing for longer: has_room() is false; also the most stop() waits
  std::chrono::milliseconds retry{100};  // between two attempts
  std::function<std::int64_t()> now_ms;  // UTC; empty = the system clock
  // What retention goes by; empty = the machine's clocks, with `now_ms` as the wall clock where that is
  // given.
  std::function<audit::ClockReading()> clocks;
  std::function<void(const Message&)>
      complain;  // one line for the operator, from the writer thread; may be empty
};

// write() and has_room(): the first half of the queue is for everybody; over it has_room() is false, so that
// no new exchange begins; the last eighth takes only rows of verdicts other than a plain allow, and none of
// what was refused unjudged. What finds no room is counted and told in one event `rows_lost` when there is
// room again.
//
// A batch that cannot be written (locked, disk full, I/O error) is kept and tried again. A damaged file is
// set aside as FILE.damaged-N and a new one begun.
class AccessLog final : public LogSink {
 public:
  // Makes the folder (0750), the key file and this month's file, and writes the event `start`, which says how
  // the last run ended. Errors: any of these fails.
  [[nodiscard]] static Result<std::unique_ptr<AccessLog>> open(AccessLogOptions options);
  ~AccessLog() override;  // as stop()

  bool write(LogRecord&& record) override;
  bool has_room() const noexcept override;
  void row_lost() noexcept override;
  void policy_loaded(std::shared_ptr<const Snapshot> snapshot) override;
  void event(std::string actor, std::string what, std::string detail_json) override;

  // An event of the safeguarding file, for what must be on record before it happens: true once it is on the
  // disk, synced; false if that takes longer than `limit` (it may still be written). Any thread; waits.
  [[nodiscard]] bool record_first(std::string actor, std::string what, std::string detail_json,
                                  std::chrono::milliseconds limit);
  [[nodiscard]] const LogSettings& settings() const noexcept;
  // Clients that had a row since the start, at most 50,000 of them.
  [[nodiscard]] std::vector<IpAddress> seen_clients() const;

  // Waits until everything handed over before is committed; false if that takes longer than `limit`.
  [[nodiscard]] bool flush(std::chrono::milliseconds limit);
  // Another process writes a log here: stop() will write the event `drained` in place of `stop`, so that the
  // other's end is not mistaken. Before stop(), by its thread.
  void hand_over() noexcept;
  // Writes what is queued and the event `stop`, for at most `patience`; then nothing is taken any more.
  // False: some of it could not be written, and is lost.
  bool stop();

  // What retention goes by, for people.
  struct Retention {
    std::int64_t wall_ms = 0, believed_ms = 0, cut_ms = 0;  // rows older than the cut go
    std::uint32_t keep_days = 0;
  };
  [[nodiscard]] Retention retention() const;
  // A person (`actor`) says that the wall clock is right: what is older than keep_days goes now. Writes the
  // event `clock_confirmed`. Any thread.
  void confirm_clock(const std::string& actor);

  struct Health {
    std::uint64_t written = 0, lost = 0;  // rows since the start
    std::size_t queued = 0;
    bool stalled = false;                    // failing for longer than `patience`
    std::string last_error;                  // of the failure that lasts; empty when well
    std::uint64_t bytes = 0, max_bytes = 0;  // on the disk
    Message seal_error;                      // why the log is not sealed; empty when it is
    bool full = false;  // over `max_bytes`, and no row is old enough: what is allowed is summed
    std::int64_t retention_behind_ms = 0;  // the wall clock ahead of the time that retention goes by
  };
  [[nodiscard]] Health health() const;

 private:
  struct Impl;
  explicit AccessLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace schoolgate
