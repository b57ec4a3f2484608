// One coroutine waits until something on its own thread says "now".
#pragma once

#include <optional>
#include <utility>

#include "proxy/io/asio.h"

namespace schoolgate {

// Not for threads: waiter and setter live on one io_context. One waiter at a time. Costs no timer and no
// system call. set() resumes the waiter inside the call, and the waiter may destroy this object:
// set() must be the last thing its caller does with it.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  [[nodiscard]] bool is_set() const noexcept { return set_; }

  // Only while not is_set(): `if (!event.is_set()) co_await event.wait();`. No coroutine of its own, for the
  // sake of those who wait long.
  [[nodiscard]] Task<void> wait() {
    auto keep = [this](Handler handler) { handler_.emplace(std::move(handler)); };
    const UseTask token{};
    return asio::async_initiate<const UseTask, void()>(std::move(keep), token);
  }

  void set() {
    if (std::exchange(set_, true) || !handler_) return;
    Handler handler = std::move(*handler_);
    handler_.reset();
    handler();
  }

 private:
  using Handler = asio::async_result<UseTask, void()>::handler_type;
  std::optional<Handler> handler_;
  bool set_ = false;
};

}  // namespace schoolgate
