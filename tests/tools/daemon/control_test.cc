#include "tools/daemon/control.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace schoolgate;
using namespace schoolgate::tools;

namespace {

struct SocketPlace {
  SocketPlace() {
    char name[] = "/tmp/sg-control-XXXXXX";
    folder = ::mkdtemp(name);
    path = folder + "/control.sock";
  }
  ~SocketPlace() { std::filesystem::remove_all(folder); }
  SocketPlace(const SocketPlace&) = delete;
  SocketPlace& operator=(const SocketPlace&) = delete;
  std::string folder, path;
};

// Serves one question on a thread of its own.
template <class Handler>
std::thread serve_once(ControlSocket& socket, Handler handler) {
  return std::thread([&socket, handler] {
    pollfd ready{socket.fd(), POLLIN, 0};
    if (::poll(&ready, 1, 10'000) == 1) socket.serve(handler);
  });
}

}  // namespace

TEST_CASE("a question, who asked it, and a reply of any length", "[tools][control]") {
  SocketPlace place;
  auto socket = ControlSocket::open(place.path);
  REQUIRE(socket);
  struct stat info {};
  REQUIRE(::stat(place.path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0660);
  const std::string long_text(300'000, 'x');
  std::string heard;
  uid_t asker = 0;
  std::thread server = serve_once(*socket, [&](const std::string& question, uid_t uid) {
    heard = question;
    asker = uid;
    return Reply{3, "line\n" + long_text};
  });
  const auto reply = ask_proxy(place.path, "reload json");
  server.join();
  REQUIRE(reply);
  CHECK(reply->exit_code == 3);
  CHECK(reply->text == "line\n" + long_text);
  CHECK(heard == "reload json");
  CHECK(asker == ::getuid());
}

TEST_CASE("one proxy per socket; what a dead one left is replaced", "[tools][control]") {
  SocketPlace place;
  {
    const auto first = ControlSocket::open(place.path);
    REQUIRE(first);
    const auto second = ControlSocket::open(place.path);
    REQUIRE_FALSE(second);
    CHECK(second.error().message.english().find(place.path) != std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(place.path));
  // A socket file without a listener, as kill -9 leaves it.
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, place.path.data(), place.path.size());
  const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(dead);
  CHECK(ControlSocket::open(place.path));
}

TEST_CASE("what is no socket is not taken away", "[tools][control]") {
  SocketPlace place;
  std::ofstream(place.path) << "precious";
  CHECK_FALSE(ControlSocket::open(place.path));
  CHECK(std::filesystem::file_size(place.path) == 8);
}

TEST_CASE("nobody answers", "[tools][control]") {
  SocketPlace place;
  CHECK_FALSE(ask_proxy(place.path, "status"));
  CHECK_FALSE(ask_proxy(std::string(200, 'x'), "status"));
  CHECK_FALSE(ControlSocket::open(std::string(200, 'x')));
}

TEST_CASE("a question without an end is dropped, and the next one served", "[tools][control]") {
  SocketPlace place;
  auto socket = ControlSocket::open(place.path);
  REQUIRE(socket);
  int calls = 0;
  const auto handler = [&](const std::string&, uid_t) { return ++calls, Reply{0, "ok"}; };
  std::thread first = serve_once(*socket, handler);
  CHECK_FALSE(ask_proxy(place.path, std::string(10'000, 'x')));
  first.join();
  std::thread second = serve_once(*socket, handler);
  CHECK(ask_proxy(place.path, "status"));
  second.join();
  CHECK(calls == 1);
}

TEST_CASE("who drips, in asking or in reading, is dropped", "[tools][control]") {
  using Clock = std::chrono::steady_clock;
  SocketPlace place;
  auto socket = ControlSocket::open(place.path);
  REQUIRE(socket);
  const bool reads = GENERATE(false, true);
  std::thread server = serve_once(*socket, [](const std::string&, uid_t) {
    return Reply{0, std::string(8'000'000, 'x')};
  });
  const auto began = Clock::now();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, place.path.data(), place.path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  if (reads) REQUIRE(::send(fd, "status\n", 7, MSG_NOSIGNAL) == 7);
  // A byte, or some, each 100 ms, until it ends or 20 s are over.
  char bytes[1000];
  bool open = true;
  while (open && Clock::now() - began < std::chrono::seconds(20)) {
    pollfd closed{fd, static_cast<short>(reads ? 0 : POLLIN), 0};
    ::poll(&closed, 1, 100);
    open = reads ? ::recv(fd, bytes, sizeof bytes, 0) > 0 && (closed.revents & POLLHUP) == 0
                 : ::send(fd, "x", 1, MSG_NOSIGNAL) == 1;
  }
  server.join();
  CHECK_FALSE(open);
  CHECK(Clock::now() - began < std::chrono::seconds(10));
  ::close(fd);
}

TEST_CASE("descriptors come with the reply", "[tools][control]") {
  SocketPlace place;
  auto socket = ControlSocket::open(place.path);
  REQUIRE(socket);
  std::vector<int> ends(2);
  REQUIRE(::pipe(ends.data()) == 0);
  std::vector<int> copies;
  for (int i = 0; i < 150; ++i) copies.push_back(::dup(ends[1]));  // more than one message takes
  std::thread server = serve_once(*socket, [&](const std::string&, uid_t) {
    return Reply{0, "text", copies};
  });
  const auto reply = ask_proxy(place.path, "take-over");
  server.join();
  REQUIRE(reply);
  CHECK(reply->exit_code == 0);
  CHECK(reply->text.substr(0, 4) == "text");
  REQUIRE(reply->fds.size() == 150);
  ::close(ends[1]);
  for (std::size_t i = 0; i < reply->fds.size(); ++i) {
    CHECK((::fcntl(reply->fds[i], F_GETFD) & FD_CLOEXEC) != 0);
    char byte = 0;
    CHECK(::write(reply->fds[i], "x", 1) == 1);
    CHECK(::read(ends[0], &byte, 1) == 1);
    ::close(reply->fds[i]);
  }
  char byte = 0;
  CHECK(::read(ends[0], &byte, 1) == 0);  // the sender's copies are closed
  ::close(ends[0]);
}
