#include "proxy/io/session/patience.h"

#include <algorithm>

#include "proxy/io/worker/worker.h"

namespace schoolgate {
namespace {

// Of a body or a tunnel; in bulk 32 KiB each or more.
constexpr std::uint32_t steps_in_bulk = 32;

}  // namespace

Patience::Patience(Worker& worker, Seat& seat, Expirable& owner)
    : worker_(worker), seat_(seat), slot_(worker.deadlines.add(owner)) {
  note_moved();
}

Patience::~Patience() {
  worker_.deadlines.remove(slot_);
}

void Patience::arm(Wait wait, std::chrono::seconds limit) noexcept {
  note_moved();
  wait_ = wait;
  limit_ = static_cast<std::uint32_t>(limit.count());
  expired_ = false;
  window_began_ = worker_.deadlines.now();
  window_bytes_ = 0;
  if (wait == Wait::response) {
    response_due_ = worker_.deadlines.now() + limit_ + 1;
    limit = std::min(limit, std::chrono::seconds(1));
  }
  worker_.deadlines.set(slot_, limit);
}

void Patience::rest() noexcept {
  wait_ = Wait::nothing;
  worker_.deadlines.clear(slot_);
}

void Patience::touch() noexcept {
  ++steps_;
  note_moved();
  if (!expired_) worker_.deadlines.set(slot_, std::chrono::seconds(limit_));
}

void Patience::note_moved() noexcept {
  seat_.moved_at.store(worker_.second(), std::memory_order_relaxed);
  if (carrier_ != nullptr) carrier_->moved_at.store(worker_.second(), std::memory_order_relaxed);
}

bool Patience::moved(std::size_t bytes) noexcept {
  touch();
  window_bytes_ += bytes;
  const std::uint32_t now = worker_.deadlines.now();
  const std::uint32_t elapsed = now - window_began_;
  if (elapsed <= limit_) return true;
  if (window_bytes_ < std::uint64_t{elapsed} * worker_.config().limits.min_bytes_per_second) expired_ = true;
  window_began_ = now;
  window_bytes_ = 0;
  return !expired_;
}

Task<bool> Patience::flush(Stream& to, std::span<iovec> parts) {
  arm(Wait::body, worker_.config().timeouts.body);
  while (!parts.empty()) {
    const auto [waited] = co_await to.async_wait(Socket::wait_write, use_result);
    const std::size_t before = total_size(parts);
    if (waited || expired_ || !write_some(to, parts)) co_return false;
    if (!moved(before - total_size(parts))) co_return false;
  }
  co_return true;
}

bool Patience::in_bulk() noexcept {
  if (steps_ < steps_in_bulk) return false;
  steps_ = 0;
  return true;
}

bool Patience::look_again() noexcept {
  if (worker_.deadlines.now() >= response_due_) return false;
  worker_.deadlines.set(slot_, std::chrono::seconds(1));
  return true;
}

bool Patience::gave_way() const noexcept {
  return seat_.given_up.load(std::memory_order_relaxed) ||
         (carrier_ != nullptr && carrier_->given_up.load(std::memory_order_relaxed));
}

}  // namespace schoolgate
