#include "tools/daemon/paced.h"

#include <sys/resource.h>
#include <time.h>

#include <catch2/catch.hpp>
#include <stdexcept>
#include <thread>

using namespace schoolgate::tools;

namespace {

long times_it_left() {
  rusage used{};
  ::getrusage(RUSAGE_THREAD, &used);
  return used.ru_nvcsw;
}

// How often this thread leaves its processor by itself in 50 ms of it.
long times_it_leaves() {
  const long before = times_it_left();
  timespec begun{}, now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
  do ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  while ((now.tv_sec - begun.tv_sec) * 1'000'000'000 + now.tv_nsec - begun.tv_nsec < 50'000'000);
  return times_it_left() - before;
}

}  // namespace

TEST_CASE("what is paced is done, and what it throws is thrown", "[daemon]") {
  int done = 0;
  paced([&] { ++done; });
  CHECK(done == 1);
  CHECK_THROWS_AS(paced([] { throw std::runtime_error("no"); }), std::runtime_error);
  paced([&] { ++done; });
  CHECK(done == 2);
}

TEST_CASE("long work leaves its processor now and then, and nothing else does", "[daemon]") {
  long paced_leaves = 0, other_leaves = 0;
  paced([&] {
    paced_leaves = times_it_leaves();
    std::thread([&] { other_leaves = times_it_leaves(); }).join();
  });
  CHECK(paced_leaves >= 10);  // 100 where nothing else takes the processor
  CHECK(other_leaves < 5);
  CHECK(times_it_leaves() < 5);
}
