#include "proxy/io/upstream/local_addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace schoolgate {
namespace {

int open_socket() noexcept {
  const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (fd < 0) return fd;
  sockaddr_nl here{};
  here.nl_family = AF_NETLINK;
  here.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0) return fd;
  ::close(fd);
  return -1;
}

struct Interfaces {
  ifaddrs* first = nullptr;
  ~Interfaces() {
    if (first != nullptr) ::freeifaddrs(first);
  }
};

std::vector<LocalAddress> read_addresses() {
  Interfaces list;
  if (::getifaddrs(&list.first) != 0)
    throw std::system_error(errno, std::generic_category(), "the addresses of this machine");
  std::vector<LocalAddress> found;
  for (const ifaddrs* entry = list.first; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr) continue;
    const bool loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0;
    if (entry->ifa_addr->sa_family == AF_INET) {
      sockaddr_in v4{};
      std::memcpy(&v4, entry->ifa_addr, sizeof v4);
      found.push_back({IpAddress::v4(ntohl(v4.sin_addr.s_addr)), loopback});
    } else if (entry->ifa_addr->sa_family == AF_INET6) {
      sockaddr_in6 v6{};
      std::memcpy(&v6, entry->ifa_addr, sizeof v6);
      IpAddress ip;
      std::memcpy(ip.bytes.data(), v6.sin6_addr.s6_addr, ip.bytes.size());
      found.push_back({ip, loopback});
    }
  }
  return found;
}

}  // namespace

LocalAddresses::LocalAddresses() noexcept : fd_(open_socket()) {}

LocalAddresses::~LocalAddresses() {
  if (fd_ >= 0) ::close(fd_);
}

const std::vector<LocalAddress>& LocalAddresses::now() {
  const auto time = std::chrono::steady_clock::now();
  if (known_ && time - asked_ < std::chrono::milliseconds(1)) return addresses_;
  asked_ = time;
  if (told_of_change() || fd_ < 0) known_ = false;
  if (!known_) {
    addresses_ = read_addresses();
    known_ = true;
  }
  return addresses_;
}

// What the messages say does not matter. An error (ENOBUFS) is that some were lost.
bool LocalAddresses::told_of_change() noexcept {
  bool told = false;
  char bytes[4096];
  while (fd_ >= 0) {
    if (::recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT) >= 0 || errno == ENOBUFS) {
      told = true;
    } else if (errno != EINTR) {
      break;
    }
  }
  return told;
}

}  // namespace schoolgate
