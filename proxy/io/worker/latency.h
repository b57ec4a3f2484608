// How long clients waited for answers to begin, of the last minutes: counts by size, so that a median and the
// slowest of a hundred can be told without keeping a single request.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace schoolgate {

// Eight steps to each doubling, from a microsecond to a minute: what is told is at most an eighth too much.
inline constexpr std::size_t latency_steps = 8 * 26;

// Of all workers together. Plain numbers; threads: belongs to one.
struct LatencyCounts {
  std::array<std::uint64_t, latency_steps> answers{};
  [[nodiscard]] std::uint64_t all() const noexcept;
  // The longest that so many of a hundred waited at most, in microseconds; 0 = nobody asked. 0 < percent <=
  // 100.
  [[nodiscard]] std::uint64_t within_us(unsigned percent) const noexcept;
};

// Threads: one notes, any read: no locked instruction.
class Latency {
 public:
  static constexpr std::chrono::minutes span{5};  // counts are kept of this one, whole or not, and the last

  void note(std::chrono::steady_clock::time_point began, std::chrono::steady_clock::time_point now) noexcept;
  // Adds what is known at `now` to `to`.
  void add_to(LatencyCounts& to, std::chrono::steady_clock::time_point now) const noexcept;

 private:
  struct Part {
    std::atomic<std::int64_t> number{-1};  // of the span that is counted here
    std::array<std::atomic<std::uint64_t>, latency_steps> answers{};
  };
  std::array<Part, 2> parts_;
};

}  // namespace schoolgate
