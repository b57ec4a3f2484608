#include "tools/daemon/control.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "config/text/system_words.h"

#include "config/text/descriptor.h"

namespace schoolgate::tools {
namespace {

// For the whole question, and again for the whole reply: who drips is dropped.
constexpr std::chrono::seconds patience{2};
using Deadline = std::chrono::steady_clock::time_point;
constexpr Deadline no_deadline = Deadline::max();

// Until `fd` is ready for `events`; false when the time is over.
bool wait_for(int fd, short events, Deadline deadline) {
  for (;;) {
    int left_ms = -1;
    if (deadline != no_deadline) {
      const auto left = deadline - std::chrono::steady_clock::now();
      const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
      if (ms <= 0) return false;
      left_ms = static_cast<int>(ms);
    }
    pollfd one{fd, events, 0};
    const int ready = ::poll(&one, 1, left_ms);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

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

bool send_all(int fd, std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    if (!wait_for(fd, POLLOUT, deadline)) return false;
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

constexpr std::size_t fds_per_message = 64;  // the kernel's limit is 253

// Each group of descriptors rides on one blank, after all text.
bool send_descriptors(int fd, const std::vector<int>& fds, Deadline deadline) {
  for (std::size_t begin = 0; begin < fds.size(); begin += fds_per_message) {
    const std::size_t count = std::min(fds.size() - begin, fds_per_message);
    alignas(cmsghdr) char control[CMSG_SPACE(fds_per_message * sizeof(int))] = {};
    char blank = ' ';
    iovec part{&blank, 1};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(header), fds.data() + begin, count * sizeof(int));
    if (!wait_for(fd, POLLOUT, deadline) || ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
      return false;
  }
  return true;
}

void keep_descriptors(msghdr& message, std::vector<int>& fds) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    const std::size_t before = fds.size();
    fds.resize(before + count);
    std::memcpy(fds.data() + before, CMSG_DATA(header), count * sizeof(int));
  }
}

void close_all(std::vector<int>& fds) noexcept {
  for (const int fd : fds) ::close(fd);
  fds.clear();
}

// Up to `stop` (left out), the end of file, or `most` bytes; nullopt on an error. Descriptors that come with
// the bytes go to `fds`; without it the kernel throws them away.
std::optional<std::string> receive(int fd, std::optional<char> stop, std::size_t most, Deadline deadline,
                                   std::vector<int>* fds = nullptr) {
  std::string text;
  char buffer[4096];
  alignas(cmsghdr) char control[CMSG_SPACE(fds_per_message * sizeof(int))];
  while (text.size() < most) {
    iovec part{buffer, sizeof buffer};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = fds != nullptr ? control : nullptr;
    message.msg_controllen = fds != nullptr ? sizeof control : 0;
    if (!wait_for(fd, POLLIN, deadline)) return std::nullopt;
    const ssize_t got = ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (got >= 0 && fds != nullptr) keep_descriptors(message, *fds);
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
  if (!address) return Error{say("the control socket's path is empty or too long: {}", path)};
  if (const int other = connect_to(path); other >= 0) {
    ::close(other);
    return Error{say("another schoolgate is running: it answers at {}", path)};
  }
  struct stat there {};
  if (::lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode)) return Error{say("{} exists and is not a socket", path)};
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
    return Error{say("cannot open the control socket {}: {}", path, system_words(error))};
  }
  return ControlSocket(fd, path);
}

ControlSocket::ControlSocket(ControlSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

ControlSocket::~ControlSocket() {
  if (fd_ < 0) return;
  if (!path_.empty()) ::unlink(path_.c_str());
  ::close(fd_);
}

bool ControlSocket::serve(const std::function<Reply(const std::string&, uid_t)>& reply, std::size_t most) {
  const Descriptor client(::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC));
  if (client.get() < 0) return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(client.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return true;
  const auto soon = [] { return std::chrono::steady_clock::now() + patience; };
  const auto question = receive(client.get(), '\n', most, soon());
  if (!question) return true;
  Reply said = reply(*question, peer.uid);
  const std::string head = std::to_string(said.exit_code) + "\n";
  const Deadline deadline = soon();
  if (send_all(client.get(), head, deadline) && send_all(client.get(), said.text, deadline)) {
    [[maybe_unused]] const bool all = send_descriptors(client.get(), said.fds, deadline);
  }
  close_all(said.fds);
  return true;
}

Result<Reply> ask_proxy(const std::string& path, const std::string& question) {
  const int fd = connect_to(path);
  if (fd < 0)
    return Error{say("no schoolgate answers at {} ({}): is it running?", path, system_words(errno))};
  std::optional<std::string> text;
  std::vector<int> fds;
  if (send_all(fd, question + "\n", no_deadline))
    text = receive(fd, std::nullopt, std::size_t{64} << 20, no_deadline, &fds);
  ::close(fd);
  const auto first_line = text ? text->find('\n') : std::string::npos;
  if (first_line == std::string::npos) {
    close_all(fds);
    return Error{say("the proxy ended before it answered")};
  }
  return Reply{std::atoi(text->c_str()), text->substr(first_line + 1), std::move(fds)};
}

}  // namespace schoolgate::tools
