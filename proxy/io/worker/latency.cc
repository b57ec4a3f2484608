#include "proxy/io/worker/latency.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace schoolgate {
namespace {

constexpr std::uint64_t steps_of_doubling = 8;
constexpr unsigned bits_of_step = 3;

// 1 to 8 us: a step each; then eight to each doubling.
std::size_t latency_step(std::uint64_t us) noexcept {
  if (us < steps_of_doubling) return static_cast<std::size_t>(us);
  const auto doubling = static_cast<unsigned>(std::bit_width(us)) - 1 - bits_of_step;
  const std::uint64_t step = (us >> doubling) - steps_of_doubling;
  return std::min(static_cast<std::size_t>((doubling + 1) * steps_of_doubling + step), latency_steps - 1);
}

// The largest that falls into that step.
std::uint64_t most_of_latency_step(std::size_t step) noexcept {
  if (step < steps_of_doubling) return step;
  const std::size_t doubling = step / steps_of_doubling - 1;
  return ((steps_of_doubling + step % steps_of_doubling + 1) << doubling) - 1;
}

std::int64_t span_number(std::chrono::steady_clock::time_point now) noexcept {
  return now.time_since_epoch() / Latency::span;
}

}  // namespace

std::uint64_t LatencyCounts::all() const noexcept {
  return std::accumulate(answers.begin(), answers.end(), std::uint64_t{0});
}

std::uint64_t LatencyCounts::within_us(unsigned percent) const noexcept {
  const std::uint64_t total = all();
  if (total == 0) return 0;
  const std::uint64_t wanted = std::max<std::uint64_t>((total * percent + 99) / 100, 1);
  std::uint64_t seen = 0;
  std::size_t step = 0;
  while (step + 1 < latency_steps && (seen += answers[step]) < wanted) ++step;
  return most_of_latency_step(step);
}

void Latency::note(std::chrono::steady_clock::time_point began,
                   std::chrono::steady_clock::time_point now) noexcept {
  const std::int64_t number = span_number(now);
  Part& part = parts_[static_cast<std::size_t>(number) % parts_.size()];
  if (part.number.load(std::memory_order_relaxed) != number) {
    for (auto& one : part.answers) one.store(0, std::memory_order_relaxed);
    part.number.store(number, std::memory_order_relaxed);
  }
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now - began).count();
  auto& counted = part.answers[latency_step(static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0)))];
  counted.store(counted.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void Latency::add_to(LatencyCounts& to, std::chrono::steady_clock::time_point now) const noexcept {
  const std::int64_t current = span_number(now);
  for (const Part& part : parts_) {
    const std::int64_t number = part.number.load(std::memory_order_relaxed);
    if (number != current && number != current - 1) continue;
    for (std::size_t i = 0; i < latency_steps; ++i)
      to.answers[i] += part.answers[i].load(std::memory_order_relaxed);
  }
}

}  // namespace schoolgate
