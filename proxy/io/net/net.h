// Sockets below Asio: one system call each, no coroutine, no exception.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <optional>
#include <span>

#include "proxy/io/net/asio.h"
#include "rules/url/ip.h"

namespace schoolgate {

[[nodiscard]] tcp::endpoint to_endpoint(const IpAddress& address, std::uint16_t port);
[[nodiscard]] IpAddress to_ip(const asio::ip::address& address) noexcept;  // mapped IPv6 becomes IPv4

struct WriteResult {
  std::size_t bytes = 0;
  int error = 0;  // errno; 0 also when the socket takes no more for now
};
// sendmsg(MSG_DONTWAIT | MSG_NOSIGNAL): as much of `parts` as the socket takes at once.
[[nodiscard]] WriteResult try_write(int fd, std::span<const iovec> parts) noexcept;

// What remains of `parts` once `bytes` of them are gone; entries are changed in place.
[[nodiscard]] std::span<iovec> advance(std::span<iovec> parts, std::size_t bytes) noexcept;
[[nodiscard]] std::size_t total_size(std::span<const iovec> parts) noexcept;
[[nodiscard]] iovec io_part(std::string_view text) noexcept;

// What waits on a connection, without taking it (recv MSG_PEEK).
enum class PeerState : std::uint8_t {
  quiet,     // open, nothing to read
  readable,  // bytes to read
  finished,  // the peer sends no more (FIN)
  gone,      // reset, or not a connection any more
};
[[nodiscard]] PeerState peek(int fd) noexcept;

// The close to come sends RST instead of FIN: the peer must not take what it has for complete.
void reset_on_close(Socket& socket) noexcept;
void set_nodelay(int fd) noexcept;

// A bound, listening, non-blocking, close-on-exec TCP socket with SO_REUSEADDR, SO_REUSEPORT and
// TCP_NODELAY (accepted sockets inherit it). Negative: -errno. IPv6 sockets are IPv6 only, unless bound to
// "::".
// `sole`: -EADDRINUSE when any process listens on the address, also one of the same user whose socket has
// SO_REUSEPORT; once this one listens, open_listener() without `sole` joins it.
[[nodiscard]] int open_listener(const IpAddress& address, std::uint16_t port, bool sole = false) noexcept;

// The most that may wait unsent towards a client that reads slowly (TCP_NOTSENT_LOWAT): what is on its way is
// free to grow with the path, what a stalled reader costs is not.
inline constexpr int unsent_limit = 16 * 1024;
void limit_unsent(int fd) noexcept;

// The most that may wait unread from a peer whose bytes somebody else is slow to take (SO_RCVBUF; the kernel
// allows no more than net.core.rmem_max, and reckons twice that). Until then the kernel begins with little
// and lets it grow as it is read, up to net.ipv4.tcp_rmem's 6 MiB and more: so the limit is set once much
// was.
inline constexpr int receive_limit = 512 * 1024;
void limit_received(int fd) noexcept;

// Where a connection was going before the firewall sent it here.
struct Destination {
  IpAddress address;
  std::uint16_t port = 0;
};
// Of an accepted socket, as the kernel's table of connections knows it (REDIRECT and DNAT of nftables;
// SO_ORIGINAL_DST, IPv6 too). One that was not sent here was going to this very socket's address, if the
// table has it at all; nullopt if not.
[[nodiscard]] std::optional<Destination> original_destination(int fd) noexcept;

// Lets a socket take what goes to other machines (IP_TRANSPARENT, of both families): the firewall hands it
// over by TPROXY. 0, or errno: EPERM without CAP_NET_RAW. One that has it already needs no right.
[[nodiscard]] int take_any_address(int fd) noexcept;

// This machine's address for a peer, as the kernel would choose it. Sends nothing. Nullopt: there is no way.
[[nodiscard]] std::optional<IpAddress> address_towards(const IpAddress& peer) noexcept;

// Whether the kernel knows a way to global IPv6 addresses. Sends nothing.
[[nodiscard]] bool has_ipv6_route() noexcept;

}  // namespace schoolgate
