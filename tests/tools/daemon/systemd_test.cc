#include "tools/daemon/systemd.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <optional>

#include "tests/support/child_process.h"

using namespace schoolgate::tools;
using namespace schoolgate::test;

namespace {

void set_variable(const char* name, const char* value) {  // null: not set
  value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
}

// A manager that listens at `name`, "@..." for an abstract one.
class Manager {
 public:
  explicit Manager(const std::string& name) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }
  ~Manager() { ::close(fd_); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;
  // What came, "" = nothing. A datagram on this machine is there when its sender goes on.
  [[nodiscard]] std::string heard() const {
    char text[100];
    const ssize_t size = ::recv(fd_, text, sizeof text, MSG_DONTWAIT);
    return size < 0 ? std::string() : std::string(text, static_cast<std::size_t>(size));
  }

 private:
  int fd_;
};

}  // namespace

TEST_CASE("systemd: sockets from 3 on, as many as it says, closed at an exec and taken once",
          "[tools][systemd]") {
  CHECK(in_child([] {
          const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
          for (const int fd : {3, 4, 5}) ::dup2(socket, fd);  // without close-on-exec
          set_variable("LISTEN_PID", std::to_string(::getpid()).c_str());
          set_variable("LISTEN_FDS", "2");
          const std::vector<int> taken = handed_over_sockets();
          const auto closes = [](int fd) { return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; };
          return first_false({taken == std::vector<int>{3, 4}, closes(3), closes(4), !closes(5),
                              ::getenv("LISTEN_PID") == nullptr, ::getenv("LISTEN_FDS") == nullptr,
                              handed_over_sockets().empty()});
        }) == 0);
}

TEST_CASE("systemd: what was meant for another process, or is no number, is nobody's", "[tools][systemd]") {
  struct Row {
    const char* name;
    const char *pid, *count;  // pid "own": this process's
  };
  const Row rows[] = {
      {"not started by systemd", nullptr, nullptr},
      {"no count", "own", nullptr},
      {"no process", nullptr, "1"},
      {"the parent's", "1", "1"},
      {"no number of a process", "x", "1"},
      {"none", "own", "0"},
      {"fewer than none", "own", "-1"},
      {"no number", "own", "many"},
      {"more than any unit has", "own", "1000"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const int failed = in_child([&row] {
        const std::string own = std::to_string(::getpid());
        const bool mine = row.pid != nullptr && std::string(row.pid) == "own";
        set_variable("LISTEN_PID", mine ? own.c_str() : row.pid);
        set_variable("LISTEN_FDS", row.count);
        return first_false({handed_over_sockets().empty()});
      });
      CHECK(failed == 0);
    }
}

TEST_CASE("systemd: the manager hears one datagram, by path or abstract name", "[tools][systemd]") {
  char folder[] = "/tmp/sg-systemd-XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  for (const std::string& name :
       {std::string(folder) + "/notify", "@" + std::string(folder + 1) + "/notify"}) {
    CAPTURE(name);
    const Manager manager(name);
    set_variable("NOTIFY_SOCKET", name.c_str());
    notify_manager("READY=1");
    CHECK(manager.heard() == "READY=1");
    CHECK(manager.heard().empty());
  }
  set_variable("NOTIFY_SOCKET", nullptr);
  std::filesystem::remove_all(folder);
}

TEST_CASE("systemd: without a manager, or one that is gone, the proxy goes on", "[tools][systemd]") {
  const std::string too_long = "/" + std::string(sizeof sockaddr_un::sun_path, 'x');
  for (const char* name : {static_cast<const char*>(nullptr), "", "relative", "vsock:2:3",
                           "/nonexistent/notify", "@nobody-listens-here", too_long.c_str()}) {
    set_variable("NOTIFY_SOCKET", name);
    CHECK_NOTHROW(notify_manager("READY=1"));
  }
  set_variable("NOTIFY_SOCKET", nullptr);
}

TEST_CASE("systemd: within which time it wants to hear of us, if it does, and asked once",
          "[tools][systemd]") {
  using std::chrono::milliseconds;
  const std::string own = std::to_string(::getpid());
  struct Row {
    const char* name;
    const char *pid, *microseconds;
    std::optional<milliseconds> want;
  };
  const Row rows[] = {
      {"it does not wait", nullptr, nullptr, std::nullopt},
      {"half a minute", own.c_str(), "30000000", milliseconds(30'000)},
      {"whoever is started", nullptr, "1500", milliseconds(1)},
      {"another process", "1", "30000000", std::nullopt},
      {"no number of a process", "x", "30000000", std::nullopt},
      {"no time", own.c_str(), "0", std::nullopt},
      {"less than a millisecond", own.c_str(), "999", std::nullopt},
      {"before now", own.c_str(), "-30000000", std::nullopt},
      {"no number", own.c_str(), "soon", std::nullopt},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      set_variable("WATCHDOG_PID", row.pid);
      set_variable("WATCHDOG_USEC", row.microseconds);
      CHECK(watchdog_limit() == row.want);
      CHECK_FALSE(watchdog_limit());  // a child is nobody's to wait for
      CHECK(::getenv("WATCHDOG_PID") == nullptr);
      CHECK(::getenv("WATCHDOG_USEC") == nullptr);
    }
}
