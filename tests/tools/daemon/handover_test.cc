#include "tools/daemon/handover.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>
#include <thread>

#include "tools/daemon/control.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using Catch::Contains;

namespace {

// A running proxy that answers one question, with copies of these sockets.
class Running {
 public:
  explicit Running(Reply reply) {
    char name[] = "/tmp/sg-handover-XXXXXX";
    folder_ = ::mkdtemp(name);
    auto opened = ControlSocket::open(path());
    REQUIRE(opened);
    socket_.emplace(std::move(*opened));
    thread_ = std::thread([this, reply = std::move(reply)] {
      pollfd ready{socket_->fd(), POLLIN, 0};
      if (::poll(&ready, 1, 10'000) != 1) return;
      socket_->serve([&](const std::string& question, uid_t) {
        heard_ = question;
        return reply;
      });
    });
  }
  ~Running() {
    if (thread_.joinable()) thread_.join();
    socket_.reset();
    std::filesystem::remove_all(folder_);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  [[nodiscard]] std::string path() const { return folder_ + "/control.sock"; }
  std::string heard() {  // once it was asked
    thread_.join();
    return heard_;
  }

 private:
  std::string folder_, heard_;
  std::optional<ControlSocket> socket_;
  std::thread thread_;
};

int listening_tcp() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0);
  REQUIRE(::listen(fd, 1) == 0);
  return fd;
}

int unix_socket() {
  return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

std::uint16_t port_of(int fd) {
  sockaddr_in name{};
  socklen_t size = sizeof name;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
  return ntohs(name.sin_port);
}

std::size_t open_descriptors() {
  const auto all = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

TEST_CASE("handover: the listening sockets and the control socket, told apart", "[tools][handover]") {
  const int first = listening_tcp(), second = listening_tcp();
  const std::uint16_t ports[] = {port_of(first), port_of(second)};
  Running running(Reply{0, "", {first, second, unix_socket()}});
  const Result<TakenSockets> taken = take_sockets(running.path());
  REQUIRE(taken);
  CHECK(running.heard() == "take-over");
  REQUIRE(taken->listeners.size() == 2);
  for (const std::size_t i : {0u, 1u}) {
    CHECK(port_of(taken->listeners[i]) == ports[i]);  // the very sockets, in their order
    CHECK((::fcntl(taken->listeners[i], F_GETFD) & FD_CLOEXEC) != 0);
    ::close(taken->listeners[i]);
  }
  CHECK(taken->control >= 0);
  ::close(taken->control);
}

TEST_CASE("handover: all or nothing, and no descriptor is left open", "[tools][handover]") {
  struct Row {
    const char* name;
    int exit_code, listeners, controls;
    const char* says;
  };
  const Row rows[] = {
      {"it refuses", 1, 0, 0, "the running schoolgate refuses: not now"},
      {"it refuses, and sends sockets all the same", 1, 1, 1, "the running schoolgate refuses: not now"},
      {"no sockets", 0, 0, 0, "handed over no sockets"},
      {"no control socket", 0, 2, 0, "handed over no sockets"},
      {"nothing to listen on", 0, 0, 1, "handed over no sockets"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const std::size_t before = open_descriptors();
      {
        std::vector<int> sockets;
        for (int i = 0; i < row.listeners; ++i) sockets.push_back(listening_tcp());
        for (int i = 0; i < row.controls; ++i) sockets.push_back(unix_socket());
        Running running(Reply{row.exit_code, "not now", sockets});
        const Result<TakenSockets> taken = take_sockets(running.path());
        REQUIRE_FALSE(taken);
        CHECK_THAT(taken.error().message.english(), Contains(row.says));
      }
      CHECK(open_descriptors() == before);
    }
}

TEST_CASE("handover: where nobody runs there is nothing to take", "[tools][handover]") {
  CHECK_FALSE(take_sockets("/nonexistent/control.sock"));
  CHECK(tell_taken_over("/nonexistent/control.sock").failed());
}

TEST_CASE("handover: the old process goes when it says so, else it serves on", "[tools][handover]") {
  {
    Running running(Reply{0, "draining"});
    CHECK(tell_taken_over(running.path()).ok());
    CHECK(running.heard() == "taken-over " + std::to_string(::getpid()));  // whom the manager follows now
  }
  Running running(Reply{1, "no take-over is under way"});
  const Result<void> told = tell_taken_over(running.path());
  REQUIRE(told.failed());
  CHECK(told.error().message == "the running schoolgate refuses: no take-over is under way");
}
