// How long what a thread reads from the log may take: a reader that stays keeps the WAL from being taken up.
#pragma once

#include <sqlite3.h>

#include <chrono>

namespace schoolgate::audit {

// While it lives, files that this thread opens for reading answer SQLITE_INTERRUPT once `most` is over. One
// at a time in a thread.
class ReadDeadline {
 public:
  explicit ReadDeadline(std::chrono::milliseconds most) noexcept;
  ~ReadDeadline();
  ReadDeadline(const ReadDeadline&) = delete;
  ReadDeadline& operator=(const ReadDeadline&) = delete;
  [[nodiscard]] bool passed() const noexcept { return std::chrono::steady_clock::now() >= end_; }

 private:
  std::chrono::steady_clock::time_point end_;
};

// Of sqlite.cc: nothing where the thread has no deadline.
void heed_read_deadline(sqlite3* database) noexcept;

}  // namespace schoolgate::audit
