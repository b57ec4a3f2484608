#include "proxy/audit/read_deadline.h"

#include <optional>

namespace schoolgate::audit {
namespace {

constexpr int steps_between_looks = 20'000;  // of SQLite's virtual machine: a millisecond or so
thread_local std::optional<std::chrono::steady_clock::time_point> read_until;

int is_over(void*) noexcept {
  return read_until && std::chrono::steady_clock::now() >= *read_until ? 1 : 0;
}

}  // namespace

ReadDeadline::ReadDeadline(std::chrono::milliseconds most) noexcept
    : end_(std::chrono::steady_clock::now() + most) {
  read_until = end_;
}

ReadDeadline::~ReadDeadline() {
  read_until.reset();
}

void heed_read_deadline(sqlite3* database) noexcept {
  if (read_until) sqlite3_progress_handler(database, steps_between_looks, is_over, nullptr);
}

}  // namespace schoolgate::audit
