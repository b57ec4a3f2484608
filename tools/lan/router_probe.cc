#include "tools/lan/router_probe.h"

#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "config/text/system_words.h"
#include "rules/url/ip.h"

namespace schoolgate::tools {
namespace {

constexpr std::size_t advert_bytes = 16, mac_bytes = 6;
constexpr std::size_t unit = 8;  // an option's length is counted in these

std::string mac_text(const char* bytes) {
  char text[18];
  const auto byte = [&](int i) { return static_cast<unsigned>(static_cast<unsigned char>(bytes[i])); };
  std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", byte(0), byte(1), byte(2), byte(3),
                byte(4), byte(5));
  return text;
}

Error cannot_listen(const std::string& interface) {
  return Error{say("cannot listen for IPv6 routers on {}: {}", interface, system_words(errno))};
}

struct RawSocket {
  int fd;
  ~RawSocket() {
    if (fd >= 0) ::close(fd);
  }
};

// To all routers of that network, and open for what they tell all nodes.
bool solicit(int fd, const std::string& interface) {
  constexpr int hops = 255;  // what comes over a router is refused by receivers (RFC 4861 6.1.1)
  const auto index = ::if_nametoindex(interface.c_str());
  icmp6_filter filter{};
  ICMP6_FILTER_SETBLOCKALL(&filter);
  ICMP6_FILTER_SETPASS(ND_ROUTER_ADVERT, &filter);
  ipv6_mreq all_nodes{};
  all_nodes.ipv6mr_interface = index;
  all_nodes.ipv6mr_multiaddr.s6_addr[0] = 0xff;
  all_nodes.ipv6mr_multiaddr.s6_addr[1] = 2;
  all_nodes.ipv6mr_multiaddr.s6_addr[15] = 1;
  if (index == 0 ||
      ::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                   static_cast<socklen_t>(interface.size() + 1)) != 0 ||
      ::setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter) != 0 ||
      ::setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops) != 0 ||
      ::setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &all_nodes, sizeof all_nodes) != 0)
    return false;
  sockaddr_in6 routers{};
  routers.sin6_family = AF_INET6;
  routers.sin6_addr = all_nodes.ipv6mr_multiaddr;
  routers.sin6_addr.s6_addr[15] = 2;
  routers.sin6_scope_id = index;
  nd_router_solicit question{};
  question.nd_rs_type = ND_ROUTER_SOLICIT;
  return ::sendto(fd, &question, sizeof question, 0, reinterpret_cast<const sockaddr*>(&routers),
                  sizeof routers) == static_cast<ssize_t>(sizeof question);
}

}  // namespace

std::optional<std::string> advertising_router(std::string_view bytes) {
  if (bytes.size() < advert_bytes || static_cast<unsigned char>(bytes[0]) != ND_ROUTER_ADVERT ||
      bytes[1] != 0)
    return std::nullopt;
  constexpr std::size_t lifetime_at = 6;
  if (bytes[lifetime_at] == 0 && bytes[lifetime_at + 1] == 0) return std::nullopt;
  std::string mac;
  for (std::string_view rest = bytes.substr(advert_bytes); !rest.empty();) {
    if (rest.size() < 2) return std::nullopt;
    const std::size_t length = static_cast<unsigned char>(rest[1]) * unit;
    if (length == 0 || length > rest.size()) return std::nullopt;
    if (rest[0] == ND_OPT_SOURCE_LINKADDR && length >= 2 + mac_bytes) mac = mac_text(rest.data() + 2);
    rest.remove_prefix(length);
  }
  return mac;
}

Result<std::vector<std::string>> other_routers(const std::string& interface, std::chrono::milliseconds wait) {
  const RawSocket socket{::socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6)};
  if (socket.fd < 0) return cannot_listen(interface);
  ifreq own{};
  std::strncpy(own.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  if (::ioctl(socket.fd, SIOCGIFHWADDR, &own) != 0 || !solicit(socket.fd, interface))
    return cannot_listen(interface);
  const std::string own_mac = mac_text(own.ifr_hwaddr.sa_data);
  std::vector<std::string> routers;
  const auto until = std::chrono::steady_clock::now() + wait;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now())
            .count();
    if (left <= 0) return routers;
    pollfd waiting{socket.fd, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(left) + 1) <= 0) continue;
    std::array<char, 2048> bytes{};
    sockaddr_in6 from{};
    socklen_t length = sizeof from;
    const ssize_t got = ::recvfrom(socket.fd, bytes.data(), bytes.size(), MSG_DONTWAIT,
                                   reinterpret_cast<sockaddr*>(&from), &length);
    if (got <= 0) continue;
    const auto mac = advertising_router({bytes.data(), static_cast<std::size_t>(got)});
    if (!mac || *mac == own_mac) continue;
    IpAddress address;
    std::memcpy(address.bytes.data(), &from.sin6_addr, address.bytes.size());
    std::string router = address.to_string() + (mac->empty() ? "" : " (" + *mac + ")");
    if (std::find(routers.begin(), routers.end(), router) == routers.end())
      routers.push_back(std::move(router));
  }
}

}  // namespace schoolgate::tools
