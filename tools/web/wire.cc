#include "tools/web/wire.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace schoolgate::tools {
namespace {

constexpr std::size_t part_bytes = 8192;

}  // namespace

Wire::Wire(int fd, SSL_CTX* tls) : fd_(fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  if (tls == nullptr) return;
  ssl_.reset(SSL_new(tls));
  if (ssl_) SSL_set_fd(ssl_.get(), fd);
}

Wire::~Wire() {
  ssl_.reset();
  ::close(fd_);
}

bool Wire::wait(short events, Deadline until) const {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd one{fd_, events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool Wire::wait_for_tls(int result, Deadline until) const {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return wait(POLLIN, until);
    case SSL_ERROR_WANT_WRITE:
      return wait(POLLOUT, until);
    default:
      ERR_clear_error();
      return false;
  }
}

bool Wire::begin(Deadline until) {
  while (ssl_) {
    const int result = SSL_accept(ssl_.get());
    if (result == 1) break;
    if (!wait_for_tls(result, until)) return false;
  }
  return true;
}

bool Wire::read_some(std::string& into, Deadline until) {
  char part[part_bytes];
  for (;;) {
    if (ssl_) {
      const int got = SSL_read(ssl_.get(), part, static_cast<int>(sizeof part));
      if (got > 0) {
        into.append(part, static_cast<std::size_t>(got));
        return true;
      }
      if (!wait_for_tls(got, until)) return false;
      continue;
    }
    const ssize_t got = ::recv(fd_, part, sizeof part, 0);
    if (got > 0) {
      into.append(part, static_cast<std::size_t>(got));
      return true;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) return false;
    if (!wait(POLLIN, until)) return false;
  }
}

bool Wire::write(std::string_view bytes, Deadline until) {
  while (!bytes.empty()) {
    if (ssl_) {
      const int size = static_cast<int>(std::min<std::size_t>(bytes.size(), 16 * 1024));
      const int sent = SSL_write(ssl_.get(), bytes.data(), size);
      if (sent > 0)
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      else if (!wait_for_tls(sent, until))
        return false;
      continue;
    }
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0)
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    else if ((errno != EAGAIN && errno != EINTR) || !wait(POLLOUT, until))
      return false;
  }
  return true;
}

void Wire::end() {
  if (ssl_) SSL_shutdown(ssl_.get());  // its answer is not waited for
  ::shutdown(fd_, SHUT_WR);
}

}  // namespace schoolgate::tools
