#include "proxy/io/net/net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace schoolgate {

tcp::endpoint to_endpoint(const IpAddress& address, std::uint16_t port) {
  if (address.is_v4()) return {asio::ip::address_v4(address.v4_value()), port};
  return {asio::ip::address_v6(address.bytes), port};
}

IpAddress to_ip(const asio::ip::address& address) noexcept {
  if (address.is_v4()) return IpAddress::v4(address.to_v4().to_uint());
  IpAddress ip;
  ip.bytes = address.to_v6().to_bytes();
  return ip;
}

WriteResult try_write(int fd, std::span<const iovec> parts) noexcept {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());
  message.msg_iovlen = parts.size();
  for (;;) {
    const ssize_t sent = ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return {static_cast<std::size_t>(sent), 0};
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {0, 0};
    return {0, errno};
  }
}

std::span<iovec> advance(std::span<iovec> parts, std::size_t bytes) noexcept {
  while (!parts.empty() && bytes >= parts.front().iov_len) {
    bytes -= parts.front().iov_len;
    parts = parts.subspan(1);
  }
  if (bytes > 0 && !parts.empty()) {
    parts.front().iov_base = static_cast<char*>(parts.front().iov_base) + bytes;
    parts.front().iov_len -= bytes;
  }
  return parts;
}

std::size_t total_size(std::span<const iovec> parts) noexcept {
  std::size_t sum = 0;
  for (const iovec& part : parts) sum += part.iov_len;
  return sum;
}

iovec io_part(std::string_view text) noexcept {
  return {const_cast<char*>(text.data()), text.size()};
}

PeerState peek(int fd) noexcept {
  char byte;
  for (;;) {
    const ssize_t got = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got > 0) return PeerState::readable;
    if (got == 0) return PeerState::finished;
    if (errno == EINTR) continue;
    return errno == EAGAIN || errno == EWOULDBLOCK ? PeerState::quiet : PeerState::gone;
  }
}

void reset_on_close(Socket& socket) noexcept {
  if (!socket.is_open()) return;
  const linger option{1, 0};
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_LINGER, &option, sizeof option);
}

void set_nodelay(int fd) noexcept {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void limit_unsent(int fd) noexcept {
  const int limit = unsent_limit;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &limit, sizeof limit);
}

void limit_received(int fd) noexcept {
  const int limit = receive_limit;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &limit, sizeof limit);
}

int open_listener(const IpAddress& address, std::uint16_t port, bool sole) noexcept {
  const bool v4 = address.is_v4();
  const int fd = ::socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  const int on = 1, off = 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!sole) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  const bool any6 = !v4 && address == IpAddress{};
  if (!v4) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, any6 ? &off : &on, sizeof on);
  set_nodelay(fd);
  limit_unsent(fd);
  const tcp::endpoint endpoint = to_endpoint(address, port);
  if (::bind(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 || ::listen(fd, 4096) != 0) {
    const int error = errno;
    ::close(fd);
    return -error;
  }
  // To listen without it is what the kernel grants to one alone, however many try at the same time.
  if (sole) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  return fd;
}

std::optional<Destination> original_destination(int fd) noexcept {
  // linux/netfilter_ipv4.h and netfilter_ipv6/ip6_tables.h, which clash with the headers of the C library.
  constexpr int so_original_dst = 80;
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return std::nullopt;
  bool v4 = peer.ss_family == AF_INET;
  if (peer.ss_family == AF_INET6) {  // a socket on "::" has clients of both families
    sockaddr_in6 named{};
    std::memcpy(&named, &peer, sizeof named);
    v4 = IN6_IS_ADDR_V4MAPPED(&named.sin6_addr);
  } else if (!v4) {
    return std::nullopt;
  }
  tcp::endpoint meant;
  size = static_cast<socklen_t>(v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
  if (::getsockopt(fd, v4 ? SOL_IP : SOL_IPV6, so_original_dst, meant.data(), &size) != 0)
    return std::nullopt;
  return Destination{to_ip(meant.address()), meant.port()};
}

int take_any_address(int fd) noexcept {
  int family = 0, on = 0;
  socklen_t size = sizeof family;
  if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0) return errno;
  const bool v4 = family == AF_INET;
  const int level = v4 ? SOL_IP : SOL_IPV6, name = v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT;
  size = sizeof on;
  if (::getsockopt(fd, level, name, &on, &size) == 0 && on != 0) return 0;
  on = 1;
  return ::setsockopt(fd, level, name, &on, sizeof on) == 0 ? 0 : errno;
}

std::optional<IpAddress> address_towards(const IpAddress& peer) noexcept {
  constexpr std::uint16_t some_port = 9;
  const tcp::endpoint there = to_endpoint(peer, some_port);
  const int fd = ::socket(there.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::nullopt;
  tcp::endpoint here;
  auto size = static_cast<socklen_t>(here.capacity());
  // connect() on UDP only asks the routing table.
  const bool known = ::connect(fd, there.data(), static_cast<socklen_t>(there.size())) == 0 &&
                     ::getsockname(fd, here.data(), &size) == 0;
  ::close(fd);
  if (!known) return std::nullopt;
  here.resize(size);
  return to_ip(here.address());
}

bool has_ipv6_route() noexcept {
  const int fd = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_in6 far{};
  far.sin6_family = AF_INET6;
  far.sin6_port = htons(53);
  ::inet_pton(AF_INET6, "2001:4860:4860::8888", &far.sin6_addr);
  // connect() on UDP only asks the routing table.
  const bool ok = ::connect(fd, reinterpret_cast<const sockaddr*>(&far), sizeof far) == 0;
  ::close(fd);
  return ok;
}

}  // namespace schoolgate
