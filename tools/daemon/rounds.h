// Something that is looked at again and again, on a thread of its own: nothing of it is in the way of a
// request.
#pragma once

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <thread>
#include <utility>

#include "rules/message.h"
#include "tools/daemon/main_thread.h"

namespace schoolgate::tools {

class Rounds {
 public:
  Rounds() = default;
  ~Rounds() { close(); }
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;

  // Calls `look` at once, and again each time so long after it has returned.
  void start(std::function<void()> look, int every_ms) {
    thread_ = std::thread([this, look = std::move(look), every_ms] {
      while (!ending_) {
        try {
          look();
        } catch (const std::exception&) {  // no memory: tried again
        }
        pollfd waiting{end_.fd(), POLLIN, 0};
        ::poll(&waiting, 1, every_ms);
      }
    });
  }
  // Waits for the round under way, which is to end soon once `ending()` is true.
  void close() {
    ending_ = true;
    end_.ring();
    if (thread_.joinable()) thread_.join();
  }
  [[nodiscard]] const std::atomic<bool>& ending() const noexcept { return ending_; }

 private:
  Bell end_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

// When what failed is tried again: after a minute, then after twice as long each time, up to a quarter of an
// hour. Times are those of one clock, in milliseconds.
class Retry {
 public:
  // A clock that was set back makes nothing wait longer than the longest wait.
  [[nodiscard]] bool waits(std::int64_t now_ms) const noexcept {
    return now_ms < next_ms_ && next_ms_ - now_ms <= longest_wait_ms;
  }
  // Empty: it did not fail. True: it failed, and had not before.
  bool note(const Message& failure, std::int64_t now_ms) {
    const bool begins = !failure.empty() && failure_.empty();
    wait_ms_ = failure.empty() ? 0 : std::clamp(wait_ms_ * 2, first_wait_ms, longest_wait_ms);
    next_ms_ = failure.empty() ? 0 : now_ms + wait_ms_;
    failure_ = failure;
    return begins;
  }
  [[nodiscard]] const Message& failure() const noexcept { return failure_; }

 private:
  static constexpr std::int64_t first_wait_ms = 60'000, longest_wait_ms = 15 * 60'000;
  std::int64_t next_ms_ = 0, wait_ms_ = 0;
  Message failure_{};
};

}  // namespace schoolgate::tools
