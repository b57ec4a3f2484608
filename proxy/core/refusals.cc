#include "proxy/core/refusals.h"

#include <new>
#include <utility>

namespace schoolgate {
namespace {

bool write_all(std::vector<LogRecord>&& rows, LogSink& sink) {
  bool all = true;
  for (LogRecord& row : rows) all = sink.write(std::move(row)) && all;
  return all;
}

}  // namespace

bool Refusals::note(LogRecord&& record, std::int64_t now_ms, LogSink& sink) noexcept try {
  const Kind kind{.client = record.client,
                  .revision = record.revision,
                  .tier = record.tier,
                  .reason = record.verdict.reason,
                  .ended = record.ended,
                  .status = record.status};
  const std::int64_t second = now_ms / 1000;
  std::vector<LogRecord> due;
  {
    const MutexLock lock(mutex_);
    if (kinds_.size() >= capacity_ && !kinds_.contains(kind)) due = take_all_but(-1);
    const auto [at, is_new] = kinds_.try_emplace(kind, Second{second, 0, std::nullopt});
    Second& known = at->second;
    if (!is_new && known.second == second) {
      if (known.sum) {
        add_to_sum(*known.sum, record);
        known.sum->time_ms = known.sum_since_ms;
      } else {
        known.sum_since_ms = now_ms;
        known.sum = std::move(record);
      }
      return true;
    }
    if (known.sum) due.push_back(std::move(*known.sum));
    known = Second{second, 0, std::nullopt};
  }
  due.push_back(std::move(record));
  return write_all(std::move(due), sink);
} catch (const std::bad_alloc&) {
  return false;
}

bool Refusals::flush(std::int64_t now_ms, LogSink& sink, bool last) noexcept try {
  std::vector<LogRecord> due;
  {
    const MutexLock lock(mutex_);
    if (kinds_.empty()) return true;
    due = take_all_but(last ? -1 : now_ms / 1000);
  }
  return write_all(std::move(due), sink);
} catch (const std::bad_alloc&) {
  return false;
}

std::vector<LogRecord> Refusals::take_all_but(std::int64_t second) {
  std::vector<LogRecord> taken;
  for (auto& [kind, one] : kinds_)
    if (one.second != second && one.sum) taken.push_back(std::move(*one.sum));
  std::erase_if(kinds_, [second](const auto& one) { return one.second.second != second; });
  return taken;
}

}  // namespace schoolgate
