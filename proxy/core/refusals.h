// Rows of requests that were refused before anybody judged them. One client can make thousands of them a
// second: the first of each kind in a second has its row, the others together have one more.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "proxy/core/log_record.h"
#include "proxy/core/mutex.h"

namespace schoolgate {

// Threads: any. Never throws: a row for which there is no memory is lost.
class Refusals {
 public:
  explicit Refusals(std::size_t capacity = 4096) : capacity_(capacity) {}

  // Either writes `record` or adds it to the sum of its client, reason and second, which is that of `now_ms`,
  // when it was refused. False: `sink` had no room for a row that had to be written.
  [[nodiscard]] bool note(LogRecord&& record, std::int64_t now_ms, LogSink& sink) noexcept;
  // Writes the sums of every second but that of `now_ms`; of all with `last`. False: `sink` had no room.
  [[nodiscard]] bool flush(std::int64_t now_ms, LogSink& sink, bool last = false) noexcept;

 private:
  // Rows may only be summed that say the same.
  struct Kind {
    IpAddress client;
    std::uint64_t revision = 0;
    TierId tier = 0;
    Reason reason{};
    Ended ended{};
    std::uint16_t status = 0;
    friend auto operator<=>(const Kind&, const Kind&) = default;
  };
  struct Second {
    std::int64_t second = 0, sum_since_ms = 0;
    std::optional<LogRecord> sum;
  };
  [[nodiscard]] std::vector<LogRecord> take_all_but(std::int64_t second) SG_REQUIRES(mutex_);

  const std::size_t capacity_;
  Mutex mutex_;
  std::map<Kind, Second> kinds_ SG_GUARDED_BY(mutex_);
};

}  // namespace schoolgate
