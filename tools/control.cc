#include "tools/control.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

namespace schoolgate::tools {
namespace {

constexpr std::size_t max_question = 256;
constexpr timeval patience{2, 0};

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

int connect_to(const std::string& path) {
  const auto address = address_of(path);
  if (!address) {
    errno = ENAMETOOLONG;
    return -1;
  }
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
    const int error = errno;
    ::close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Up to `stop` (left out), the end of file, or `most` bytes; nullopt on an error.
std::optional<std::string> receive(int fd, std::optional<char> stop, std::size_t most) {
  std::string text;
  char buffer[4096];
  while (text.size() < most) {
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (const auto end = stop ? text.find(*stop) : std::string::npos; end != std::string::npos)
      return text.substr(0, end);
  }
  return std::nullopt;
}

}  // namespace

Result<ControlSocket> ControlSocket::open(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return Error{"the control socket's path is empty or too long: " + path};
  if (const int other = connect_to(path); other >= 0) {
    ::close(other);
    return Error{"another schoolgate is running: it answers at " + path};
  }
  struct stat there {};
  if (::lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode)) return Error{path + " exists and is not a socket"};
    ::unlink(path.c_str());
  }
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const mode_t old_mask = ::umask(0117);
  const bool good = fd >= 0 &&
                    ::bind(fd, reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0 &&
                    ::listen(fd, 16) == 0;
  const int error = errno;
  ::umask(old_mask);
  if (!good) {
    if (fd >= 0) ::close(fd);
    return Error{"cannot open the control socket " + path + ": " + std::strerror(error)};
  }
  return ControlSocket(fd, path);
}

ControlSocket::ControlSocket(ControlSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

ControlSocket::~ControlSocket() {
  if (fd_ < 0) return;
  ::unlink(path_.c_str());
  ::close(fd_);
}

void ControlSocket::serve(const std::function<Answer(const std::string&, uid_t)>& answer) {
  const int client = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) {
    if (const auto question = receive(client, '\n', max_question)) {
      const Answer said = answer(*question, peer.uid);
      send_all(client, std::to_string(said.exit_code) + "\n" + said.text);
    }
  }
  ::close(client);
}

Result<Answer> ask_proxy(const std::string& path, const std::string& question) {
  const int fd = connect_to(path);
  if (fd < 0)
    return Error{"no schoolgate answers at " + path + " (" + std::strerror(errno) + "): is it running?"};
  std::optional<std::string> text;
  if (send_all(fd, question + "\n")) text = receive(fd, std::nullopt, std::size_t{64} << 20);
  ::close(fd);
  const auto first_line = text ? text->find('\n') : std::string::npos;
  if (first_line == std::string::npos) return Error{"the proxy ended before it answered"};
  return Answer{std::atoi(text->c_str()), text->substr(first_line + 1)};
}

}  // namespace schoolgate::tools
