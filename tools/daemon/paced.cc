#include "tools/daemon/paced.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <system_error>
#include <thread>

namespace schoolgate::tools {
namespace {

constexpr long turn_ns = 500'000, rest_ns = 50'000;

void rest(int) {
  const int error = errno;
  const timespec moment{0, rest_ns};
  ::clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, nullptr);
  errno = error;
}

// A signal to the thread that makes it, as long as it lives. Where there is no timer to be had, none comes.
class Pace {
 public:
  Pace() noexcept {
    const int signal = SIGRTMIN;
    struct sigaction action {};
    action.sa_handler = rest;
    action.sa_flags = SA_RESTART;
    sigset_t this_one;
    sigemptyset(&this_one);
    sigaddset(&this_one, signal);
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = signal;
    event._sigev_un._tid = ::gettid();
    if (::sigaction(signal, &action, nullptr) != 0 ||
        ::pthread_sigmask(SIG_UNBLOCK, &this_one, nullptr) != 0 ||
        ::timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0)
      return;
    runs_ = true;
    const timespec each{0, turn_ns + rest_ns};
    const itimerspec when{each, each};
    ::timer_settime(timer_, 0, &when, nullptr);
  }
  ~Pace() {
    if (runs_) ::timer_delete(timer_);
  }
  Pace(const Pace&) = delete;
  Pace& operator=(const Pace&) = delete;

 private:
  timer_t timer_{};
  bool runs_ = false;
};

}  // namespace

void paced(const std::function<void()>& work) {
  std::exception_ptr thrown;
  std::thread thread;
  try {
    thread = std::thread([&] {
      const Pace pace;
      try {
        work();
      } catch (...) {
        thrown = std::current_exception();
      }
    });
  } catch (const std::system_error&) {  // no thread to be had
    work();
    return;
  }
  ::pthread_setname_np(thread.native_handle(), "paced");
  thread.join();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace schoolgate::tools
