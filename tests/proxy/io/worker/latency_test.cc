// How long answers took to begin: what is told is never less than it was, and at most an eighth more.
#include "proxy/io/worker/latency.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

using namespace schoolgate;
using namespace std::chrono_literals;

namespace {

using ClockTime = std::chrono::steady_clock::time_point;
const ClockTime noon{12h};

std::uint64_t told(std::chrono::microseconds took, unsigned percent = 50) {
  Latency latency;
  latency.note(noon, noon + took);
  LatencyCounts counts;
  latency.add_to(counts, noon + took);
  return counts.within_us(percent);
}

}  // namespace

TEST_CASE("latency: one answer is told as it was, or an eighth more", "[io][latency]") {
  for (std::int64_t us = 0; us < 60'000'000; us += us / 7 + 1) {
    const auto said = static_cast<double>(told(std::chrono::microseconds(us)));
    CHECK(said >= static_cast<double>(us));
    CHECK(said <= static_cast<double>(us) * 1.125);
  }
  CHECK(told(-5us) == 0);  // a clock that stands
  CHECK(told(24h) == told(48h));
}

TEST_CASE("latency: as sorting all of them would say", "[io][latency]") {
  std::mt19937_64 chance(7);
  std::uniform_int_distribution<std::int64_t> size(0, 25);
  for (int round = 0; round < 20; ++round) {
    Latency latency;
    std::vector<std::uint64_t> all;
    for (int i = 0; i < 1'000; ++i) {
      const std::int64_t us = (std::int64_t{1} << size(chance)) + size(chance);
      all.push_back(static_cast<std::uint64_t>(us));
      latency.note(noon, noon + std::chrono::microseconds(us));
    }
    std::sort(all.begin(), all.end());
    LatencyCounts counts;
    latency.add_to(counts, noon);
    CHECK(counts.all() == all.size());
    for (const unsigned percent : {1u, 50u, 99u, 100u}) {
      const std::uint64_t exact = all[all.size() * percent / 100 - 1];
      CHECK(counts.within_us(percent) >= exact);
      CHECK(static_cast<double>(counts.within_us(percent)) <= static_cast<double>(exact) * 1.125);
    }
  }
}

TEST_CASE("latency: of this span and the last, and of no earlier one", "[io][latency]") {
  Latency latency, other;
  const auto counted = [&](ClockTime now) {
    LatencyCounts counts;
    latency.add_to(counts, now);
    other.add_to(counts, now);
    return counts.all();
  };
  CHECK(counted(noon) == 0);
  CHECK(LatencyCounts{}.within_us(99) == 0);
  latency.note(noon, noon);
  other.note(noon, noon);
  CHECK(counted(noon) == 2);
  CHECK(counted(noon + 5min) == 2);
  latency.note(noon, noon + 5min);
  CHECK(counted(noon + 5min) == 3);
  CHECK(counted(noon + 10min) == 1);  // though nobody has asked since
  CHECK(counted(noon + 15min) == 0);
  latency.note(noon + 20min, noon + 20min);
  CHECK(counted(noon + 20min) == 1);
}
