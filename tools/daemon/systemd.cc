#include "tools/daemon/systemd.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace schoolgate::tools {

std::vector<int> handed_over_sockets() {
  const char *pid = std::getenv("LISTEN_PID"), *count = std::getenv("LISTEN_FDS");
  std::vector<int> sockets;
  if (pid == nullptr || count == nullptr || std::atol(pid) != static_cast<long>(::getpid())) return sockets;
  const int n = std::atoi(count);
  for (int fd = 3; n > 0 && n < 1000 && fd < 3 + n; ++fd) {
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    sockets.push_back(fd);
  }
  ::unsetenv("LISTEN_PID");
  ::unsetenv("LISTEN_FDS");
  return sockets;
}

void notify_manager(const std::string& state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (path[0] != '/' && path[0] != '@')) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  if (length >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0';  // an abstract name
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  ::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
           static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length));
  ::close(fd);
}

std::optional<std::chrono::milliseconds> watchdog_limit() {
  const char *pid = std::getenv("WATCHDOG_PID"), *microseconds = std::getenv("WATCHDOG_USEC");
  const bool ours = pid == nullptr || std::atol(pid) == static_cast<long>(::getpid());
  const std::int64_t limit_ms = microseconds == nullptr || !ours ? 0 : std::atoll(microseconds) / 1000;
  ::unsetenv("WATCHDOG_PID");
  ::unsetenv("WATCHDOG_USEC");
  if (limit_ms <= 0) return std::nullopt;
  return std::chrono::milliseconds(limit_ms);
}

}  // namespace schoolgate::tools
