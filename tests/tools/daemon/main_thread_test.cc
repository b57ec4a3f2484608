#include "tools/daemon/main_thread.h"

#include <poll.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <new>
#include <stdexcept>
#include <thread>

using schoolgate::tools::MainThread;

namespace {

// As the proxy's main thread does: sleeps until somebody has work, until `tasks` are done. False: somebody
// waits whom nobody woke.
bool serve(MainThread& main, const int& tasks, int wanted) {
  while (tasks < wanted) {
    pollfd bell{main.fd(), POLLIN, 0};
    if (::poll(&bell, 1, 20'000) != 1) return false;
    main.work();
  }
  return true;
}

}  // namespace

TEST_CASE("a task is done on the main thread, and waited for", "[tools][main_thread]") {
  MainThread main;
  int done = 0;
  std::thread::id where;
  bool answer = false, was_done = false;
  std::thread other([&] {
    answer = main.run([&] {
      where = std::this_thread::get_id();
      ++done;
    });
    was_done = done == 1;
  });
  const bool woken = serve(main, done, 1);
  if (!woken) main.close();
  other.join();
  CHECK(woken);
  CHECK(answer);
  CHECK(was_done);
  CHECK(where == std::this_thread::get_id());
}

TEST_CASE("a task that throws is told to who asked; the main thread and the next task do not notice",
          "[tools][main_thread]") {
  MainThread main;
  int done = 0;
  bool no_memory = true, no_file = true, next = false;
  std::thread other([&] {
    no_memory = main.run([&] {
      ++done;
      throw std::bad_alloc();
    });
    no_file = main.run([&] {
      ++done;
      throw std::runtime_error("no file");
    });
    next = main.run([&] { ++done; });
  });
  bool woken = false;
  CHECK_NOTHROW(woken = serve(main, done, 3));
  if (!woken) main.close();
  other.join();
  CHECK(woken);
  CHECK_FALSE(no_memory);
  CHECK_FALSE(no_file);
  CHECK(next);
}

TEST_CASE("who asks a main thread that is on its way out is told so, and not left waiting",
          "[tools][main_thread]") {
  MainThread main;
  std::atomic<bool> before{true};
  std::atomic<int> done{0};
  std::thread other([&] { before = main.run([&] { ++done; }); });
  pollfd bell{main.fd(), POLLIN, 0};
  CHECK(::poll(&bell, 1, 20'000) == 1);  // its task waits
  main.close();
  other.join();
  CHECK_FALSE(before);
  CHECK_FALSE(main.run([&] { ++done; }));
  main.work();
  CHECK(done == 0);
}

TEST_CASE("tasks of many threads: each is done once, one at a time", "[tools][main_thread]") {
  constexpr int threads = 8, tasks = 500;
  MainThread main;
  int done = 0;  // only the main thread counts
  std::atomic<int> answered{0}, refused{0};
  std::vector<std::thread> others;
  for (int i = 0; i < threads; ++i)
    others.emplace_back([&] {
      for (int task = 0; task < tasks; ++task) {
        int mine = 0;
        const bool good = main.run([&] {
          ++done;
          ++mine;
        });
        ++(good && mine == 1 ? answered : refused);
      }
    });
  const bool woken = serve(main, done, threads * tasks);
  main.close();  // nobody is left who would wait for ever
  for (std::thread& other : others) other.join();
  CHECK(woken);
  CHECK(done == threads * tasks);
  CHECK(answered == threads * tasks);
  CHECK(refused == 0);
}
