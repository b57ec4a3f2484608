// What the benchmarks share: a fine clock, percentiles, and figures printed beside their marks: ratios within
// one run, and sizes, which no machine changes.
#pragma once

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace schoolgate::bench {

// Ticks of the processor where it has a counter that can be read in a few nanoseconds. What was done before
// ticks_before() has ended when it reads, and what is to be timed has ended when ticks_after() reads: else
// the processor, which runs some hundred instructions ahead, counts the wait for one call's memory to the
// next.
inline std::uint64_t ticks_before() noexcept {
#if defined(__x86_64__)
  _mm_lfence();
  return __rdtsc();
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

inline std::uint64_t ticks_after() noexcept {
#if defined(__x86_64__)
  unsigned processor = 0;
  return __rdtscp(&processor);
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

inline double ns_per_tick() {
  static const double value = [] {
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t first = ticks_before();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
    return spent.count() / static_cast<double>(ticks_after() - first);
  }();
  return value;
}

class Seconds {
 public:
  [[nodiscard]] double operator()() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

// Of this process alone: what other programs take does not count.
class CpuSeconds {
 public:
  [[nodiscard]] double operator()() const { return now() - begin_; }

 private:
  static double now() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  }
  double begin_ = now();
};

// Single calls, the clock's own few nanoseconds included.
struct Spread {
  double median = 0, p99 = 0, mean = 0;
};

// Calls prepare(i) and work(i) for i in [0, count) and times each call of work.
template <class Prepare, class Work>
Spread spread(std::size_t count, Prepare&& prepare, Work&& work) {
  std::vector<std::uint64_t> spent(count);
  for (std::size_t i = 0; i < count; ++i) {
    prepare(i);
    const std::uint64_t begin = ticks_before();
    work(i);
    spent[i] = ticks_after() - begin;
  }
  if (count == 0) return {};
  std::sort(spent.begin(), spent.end());
  double sum = 0;
  for (const std::uint64_t s : spent) sum += static_cast<double>(s);
  const double ns = ns_per_tick();
  return {static_cast<double>(spent[count / 2]) * ns,
          static_cast<double>(spent[count - 1 - count / 100]) * ns, sum * ns / static_cast<double>(count)};
}

// The quietest of several passes, by its mean: what other programs of a busy machine take is left out, what
// single calls cost is not.
template <class Prepare, class Work>
Spread quietest(int passes, std::size_t count, Prepare&& prepare, Work&& work) {
  Spread best = spread(count, prepare, work);
  for (int pass = 1; pass < passes; ++pass) {
    const Spread one = spread(count, prepare, work);
    if (one.mean < best.mean) best = one;
  }
  return best;
}

// Prints figures and, if asked, writes each as a line of JSON.
class Report {
 public:
  explicit Report(const std::string& json_file)
      : json_(json_file.empty() ? nullptr : std::fopen(json_file.c_str(), "w")) {}
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;
  ~Report() {
    if (json_ != nullptr) std::fclose(json_);
  }

  enum class Bound : std::uint8_t { none, at_most, at_least };
  void figure(const std::string& name, double value, const std::string& unit, Bound bound = Bound::none,
              double mark = 0) {
    const bool ok = bound == Bound::none || (bound == Bound::at_most ? value <= mark : value >= mark);
    const std::string shown =
        bound == Bound::none ? "" : (bound == Bound::at_most ? "<= " : ">= ") + number(mark);
    std::printf("  %-46s %12s %-5s %12s %s\n", name.c_str(), number(value).c_str(), unit.c_str(),
                shown.c_str(), bound == Bound::none ? "" : (ok ? "ok" : "MISSED"));
    std::fflush(stdout);
    if (json_ == nullptr) return;
    std::fprintf(json_, "{\"name\":\"%s\",\"value\":%.6g,\"unit\":\"%s\",\"mark\":", name.c_str(), value,
                 unit.c_str());
    if (bound == Bound::none)
      std::fprintf(json_, "null}\n");
    else
      std::fprintf(json_, "%.6g,\"at_most\":%s,\"ok\":%s}\n", mark,
                   bound == Bound::at_most ? "true" : "false", ok ? "true" : "false");
  }
  void spread(const std::string& name, const Spread& s) {
    figure(name + ", median", s.median, "ns");
    figure(name + ", p99", s.p99, "ns");
    figure(name + ", mean", s.mean, "ns");
  }

 private:
  static std::string number(double value) {
    char text[40];
    std::snprintf(text, sizeof text, value < 1 ? "%.3f" : value < 100 ? "%.2f" : "%.0f", value);
    return text;
  }
  std::FILE* json_;
};

}  // namespace schoolgate::bench
