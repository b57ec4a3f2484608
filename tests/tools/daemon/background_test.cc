#include "tools/daemon/background.h"

#include <sched.h>
#include <time.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>
#include <thread>

using namespace schoolgate::tools;

namespace {

// Uses the processor until it is so; false after twenty seconds.
bool reckons_until(const auto& is_so) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!is_so())
    if (std::chrono::steady_clock::now() > end) return false;
  return true;
}

bool reckons_until_policy(int policy) {
  return reckons_until([&] { return ::sched_getscheduler(0) == policy; });
}

bool may_be_put_back() {
  bool may = false;
  std::thread([&] {
    const sched_param none{};
    may = ::sched_setscheduler(0, SCHED_IDLE, &none) == 0 && ::sched_setscheduler(0, SCHED_OTHER, &none) == 0;
  }).join();
  return may;
}

// Work that takes 20 ms of a processor.
void some_work() {
  timespec time{};
  reckons_until([&] {
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec > 0 || time.tv_nsec > 20'000'000;
  });
}

}  // namespace

TEST_CASE("what is done in the background is done, and what it throws is thrown", "[daemon]") {
  Background background;
  int done = 0;
  background.run([&] { ++done; });
  CHECK(done == 1);
  CHECK_THROWS_AS(background.run([] { throw std::runtime_error("no"); }), std::runtime_error);
  background.run([&] { ++done; });
  CHECK(done == 2);
}

TEST_CASE("long work gives way, and no longer than it may last", "[daemon]") {
  if (!may_be_put_back()) return;  // it needs CAP_SYS_NICE or RLIMIT_NICE
  Background background;
  background.run(some_work);
  bool gave_way = false, came_back = false;
  background.run([&] {
    gave_way = reckons_until_policy(SCHED_IDLE);
    came_back = reckons_until_policy(SCHED_OTHER);
  });
  CHECK(gave_way);
  CHECK(came_back);
}
