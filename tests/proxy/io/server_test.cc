#include "proxy/io/server.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <exception>
#include <iterator>
#include <string>
#include <thread>
#include <utility>

#include "tests/proxy/io/fixture.h"

using namespace schoolgate;

namespace {

// From here on getrandom(2) fails in this process with that number, as in a sandbox that forbids it. False:
// the kernel has no such filter.
bool refuse_random(unsigned error) {
  sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_getrandom, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error & SECCOMP_RET_DATA)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{static_cast<unsigned short>(std::size(rules)), rules};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

// What a server says that is made where the kernel gives no random bytes.
std::string made_without_random(unsigned error) try {
  if (!refuse_random(error)) return "no filter";
  test::MemorySink sink;
  ServerOptions options;
  options.workers = 1;
  const Server server(sink, std::move(options));
  return "made";
} catch (const std::exception& failure) {
  return failure.what();
}

}  // namespace

TEST_CASE("a kernel that gives no random bytes is an error, and nobody waits for it", "[io][server]") {
  for (const unsigned error : {ENOSYS, EPERM, EIO}) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(20);  // the end of one that would try for ever
      const std::string said = made_without_random(error);
      const bool told = ::write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size());
      ::_exit(told ? 0 : 1);
    }
    ::close(ends[1]);
    std::string said(200, '\0');
    const ssize_t got = ::read(ends[0], said.data(), said.size());
    said.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    if (said == "no filter") {
      WARN("not tested: this kernel takes no seccomp filter");
      return;
    }
    CHECK(status == 0);
    CHECK(said == std::string("the kernel gives no random bytes: ") + std::strerror(static_cast<int>(error)));
  }
}

TEST_CASE("a worker that does not move is seen, and seen to move again", "[io][server]") {
  test::ProxyOptions options;
  options.workers = 2;
  test::Proxy proxy(options);
  const auto silence = [&] { return proxy.server->longest_silence(); };
  const auto wait_for = [&](auto&& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    return condition();
  };
  proxy.sink.hold();
  test::Conn asking = proxy.connect();
  asking.send("GET http://blocked.test/ HTTP/1.1\r\nHost: blocked.test\r\nConnection: close\r\n\r\n");
  const bool seen = wait_for([&] { return silence().lasts > std::chrono::seconds(3); });
  const unsigned stuck = silence().worker;
  proxy.sink.release();
  CHECK(seen);
  CHECK(stuck < 2);
  CHECK(wait_for([&] { return silence().lasts < std::chrono::milliseconds(1'500); }));
}
