#include "tools/daemon/background.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <future>
#include <system_error>
#include <thread>

namespace schoolgate::tools {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds most_patience = std::chrono::seconds{20};

bool give_way(pid_t thread, bool gives) noexcept {
  const sched_param none{};
  return ::sched_setscheduler(thread, gives ? SCHED_IDLE : SCHED_OTHER, &none) == 0;
}

// Tried by a thread that may be spoilt.
bool may_come_back() {
  bool may = false;
  std::thread([&may] { may = give_way(0, true) && give_way(0, false); }).join();
  return may;
}

nanoseconds processor_time() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds{time.tv_sec} + nanoseconds{time.tv_nsec};
}

}  // namespace

void Background::run(const std::function<void()>& work) {
  bool gives_way = false;
  const nanoseconds patience = std::min(longest_ + longest_ / 2, most_patience);
  std::promise<pid_t> begun;
  std::promise<void> ended;
  nanoseconds took{};
  std::exception_ptr thrown;
  std::thread thread;
  try {
    gives_way = may_come_back();
    thread = std::thread([&] {
      begun.set_value(::gettid());
      try {
        work();
      } catch (...) {
        thrown = std::current_exception();
      }
      took = processor_time();
      ended.set_value();
    });
  } catch (const std::system_error&) {  // no thread to be had
    work();
    return;
  }
  ::pthread_setname_np(thread.native_handle(), "background");
  const pid_t id = begun.get_future().get();
  const std::future<void> end = ended.get_future();
  if (gives_way && give_way(id, true) && end.wait_for(patience) == std::future_status::timeout)
    give_way(id, false);
  thread.join();
  longest_ = std::max(longest_, took);
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace schoolgate::tools
