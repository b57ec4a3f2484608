#include "tests/support/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace schoolgate::test {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Address make_address(const std::string& text, std::uint16_t port) {
  Address out;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
  if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    out.size = sizeof *v4;
  } else if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    out.size = sizeof *v6;
  } else {
    throw std::runtime_error("not an address: " + text);
  }
  return out;
}

int bound_socket(const std::string& address, std::uint16_t& port) {
  Address here = make_address(address, 0);
  const int fd = ::socket(here.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto* name = reinterpret_cast<sockaddr*>(&here.storage);
  if (fd < 0 || ::bind(fd, name, here.size) != 0 || ::getsockname(fd, name, &here.size) != 0)
    throw std::runtime_error("cannot bind " + address);
  port = ntohs(reinterpret_cast<sockaddr_in*>(&here.storage)->sin_port);  // same place in both families
  return fd;
}

void prepare(int fd) {
  const timeval limit{20, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

Conn::Conn(Conn&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), reset_(other.reset_), ahead_(std::move(other.ahead_)) {}

Conn& Conn::operator=(Conn&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
    reset_ = other.reset_;
    ahead_ = std::move(other.ahead_);
  }
  return *this;
}

Conn::~Conn() {
  close();
}

Conn Conn::connect(std::uint16_t port, const std::string& address, const std::string& source) {
  const Address to = make_address(address, port);
  const int fd = ::socket(to.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  prepare(fd);
  if (!source.empty()) {
    const Address from = make_address(source, 0);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&from.storage), from.size) != 0) {
      ::close(fd);
      throw std::runtime_error("cannot connect from " + source);
    }
  }
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to.storage), to.size) != 0) {
    ::close(fd);
    throw std::runtime_error("cannot connect to port " + std::to_string(port));
  }
  return Conn(fd);
}

bool Conn::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      if (errno == EAGAIN) throw std::runtime_error("send took too long");
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string Conn::read_some() {
  if (!ahead_.empty()) return std::exchange(ahead_, {});
  std::array<char, 65536> bytes;
  const ssize_t got = ::recv(fd_, bytes.data(), bytes.size(), 0);
  if (got < 0 && errno == EAGAIN) throw std::runtime_error("read took too long");
  if (got < 0) reset_ = true;
  return got > 0 ? std::string(bytes.data(), static_cast<std::size_t>(got)) : std::string();
}

std::string Conn::read_exactly(std::size_t n) {
  std::string all;
  while (all.size() < n) {
    const std::string piece = read_some();
    if (piece.empty()) return all;
    all += piece;
  }
  ahead_ = all.substr(n);
  all.resize(n);
  return all;
}

std::string Conn::read_until(std::string_view end) {
  std::string all;
  for (;;) {
    const auto found = all.find(end);
    if (found != std::string::npos) {
      ahead_ = all.substr(found + end.size());
      all.resize(found + end.size());
      return all;
    }
    const std::string piece = read_some();
    if (piece.empty()) return all;
    all += piece;
  }
}

std::string Conn::read_all() {
  std::string all;
  for (std::string piece = read_some(); !piece.empty(); piece = read_some()) all += piece;
  return all;
}

std::string Conn::read_response(bool head_request) {
  std::string head = read_head();
  const std::string status = head.substr(0, 12);
  if (head_request || status.ends_with("204") || status.ends_with("304")) return head;
  const auto length_at = head.find("Content-Length: ");
  if (length_at != std::string::npos) {
    std::size_t length = 0;
    std::from_chars(head.data() + length_at + 16, head.data() + head.size(), length);
    return head + read_exactly(length);
  }
  if (head.find("Transfer-Encoding: chunked") == std::string::npos) return head + read_all();
  std::string body;
  for (;;) {
    const std::string line = read_until("\r\n");
    std::size_t size = 0;
    std::from_chars(line.data(), line.data() + line.size(), size, 16);
    if (line.empty()) return head + body + "<cut>";
    if (size == 0) return head + body + (read_until("\r\n") == "\r\n" ? "" : "<cut>");
    const std::string data = read_exactly(size + 2);
    if (data.size() < size + 2) return head + body + "<cut>";
    body += data.substr(0, size);
  }
}

void Conn::shutdown_write() {
  ::shutdown(fd_, SHUT_WR);
}

void Conn::reset() {
  const linger option{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &option, sizeof option);
  close();
}

void Conn::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void Conn::small_buffers() {
  const int size = 4096;
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

Origin::Origin(Script script, const std::string& address)
    : listener_(bound_socket(address, port_)), script_(std::move(script)) {
  ::listen(listener_, 128);
  accepting_ = std::thread([this] {
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0 || stop_) {
        if (fd >= 0) ::close(fd);
        return;
      }
      prepare(fd);
      const int number = accepted_++;
      const std::lock_guard lock(mutex_);
      const int held = ::dup(fd);  // so that the destructor may wake the script; closes with its end
      open_.insert(held);
      threads_.emplace_back([this, fd, held, number] {
        try {
          Conn conn(fd);
          script_(conn, number);
        } catch (const std::exception& error) {
          add(std::string("script: ") + error.what());
        }
        const std::lock_guard closing(mutex_);
        open_.erase(held);
        ::close(held);
      });
    }
  });
}

Origin::~Origin() {
  stop_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  ::close(listener_);
  // Scripts that still read get an end of stream.
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

void Origin::add(std::string text) {
  const std::lock_guard lock(mutex_);
  seen_.push_back(std::move(text));
}

std::vector<std::string> Origin::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

std::uint16_t closed_port() {
  std::uint16_t port = 0;
  ::close(bound_socket("127.0.0.1", port));
  return port;
}

}  // namespace schoolgate::test
