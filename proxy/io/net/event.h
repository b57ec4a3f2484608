// One coroutine waits until something on its own thread says "now": once (Event), or again and again
// (Signal).
#pragma once

#include <optional>
#include <utility>

#include "proxy/io/net/asio.h"

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

// Many times over. notify() never runs the waiter: it is resumed later, from the io_context. What is said
// while nobody waits is kept for the next wait(); several times count once. So the waiter looks at its
// condition anew each time.
class Signal {
 public:
  explicit Signal(Executor executor) noexcept : executor_(executor) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  // Only while not ready(): `if (!signal.ready()) co_await signal.wait(); signal.clear();`
  [[nodiscard]] bool ready() const noexcept { return notified_; }
  void clear() noexcept { notified_ = false; }
  [[nodiscard]] Task<void> wait() {
    auto keep = [this](Handler handler) { handler_.emplace(std::move(handler)); };
    const UseTask token{};
    return asio::async_initiate<const UseTask, void()>(std::move(keep), token);
  }

  void notify() {
    notified_ = true;
    if (!handler_) return;
    Handler handler = std::move(*handler_);
    handler_.reset();
    asio::post(executor_, std::move(handler));
  }

 private:
  using Handler = asio::async_result<UseTask, void()>::handler_type;
  Executor executor_;
  std::optional<Handler> handler_;
  bool notified_ = false;
};

}  // namespace schoolgate
