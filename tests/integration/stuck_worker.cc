// For LD_PRELOAD: once SIGUSR1 has come, and until it comes again, the first worker that accepts a connection
// goes no further.
#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

namespace {

std::atomic<bool> armed{false}, taken{false};

__attribute__((constructor)) void prepare() {
  struct sigaction toggle {};
  toggle.sa_handler = [](int) { armed = !armed; };
  toggle.sa_flags = SA_RESTART;
  ::sigaction(SIGUSR1, &toggle, nullptr);
}

}  // namespace

// A worker wants to know who comes; the control socket does not.
extern "C" int accept4(int fd, sockaddr* peer, socklen_t* size, int flags) {
  using Accept = int (*)(int, sockaddr*, socklen_t*, int);
  static const auto next = reinterpret_cast<Accept>(::dlsym(RTLD_NEXT, "accept4"));
  if (peer != nullptr && armed && !taken.exchange(true)) {
    while (armed) ::usleep(20'000);
    taken = false;
  }
  return next(fd, peer, size, flags);
}
