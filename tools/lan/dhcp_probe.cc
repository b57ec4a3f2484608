#include "tools/lan/dhcp_probe.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "config/text/system_words.h"
#include "tools/lan/machine.h"

namespace schoolgate::tools {
namespace {

// RFC 2131 2: op, htype, hlen, hops, xid, secs, flags, four addresses, chaddr(16), sname(64), file(128), then
// the cookie and the options.
constexpr std::size_t mac_at = 28, options_at = 236, least_bytes = 240;
constexpr std::string_view cookie("\x63\x82\x53\x63", 4);
constexpr unsigned char option_pad = 0, option_type = 53, option_server = 54, option_wanted = 55,
                        option_end = 255;
constexpr char discover = 1, offer = 2;

void put32(std::string& into, std::size_t at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i)
    into[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> (24 - 8 * i));
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Error cannot_ask(const std::string& interface) {
  return Error{say("cannot ask for DHCP servers on {}: {}", interface, system_words(errno))};
}

Result<MacAddress> mac_of(int fd, const std::string& interface) {
  ifreq request{};
  std::strncpy(request.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  if (::ioctl(fd, SIOCGIFHWADDR, &request) != 0) return cannot_ask(interface);
  MacAddress mac;
  std::memcpy(mac.data(), request.ifr_hwaddr.sa_data, mac.size());
  return mac;
}

// Everything that comes until then.
void collect(int fd, std::chrono::steady_clock::time_point until, std::uint32_t id, const MacAddress& mac,
             std::vector<IpAddress>& servers) {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    pollfd waiting{fd, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(left.count()) + 1) <= 0) continue;
    std::array<char, 2048> bytes{};
    const ssize_t got = ::recv(fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got <= 0) continue;
    const auto server = dhcp_offer_from({bytes.data(), static_cast<std::size_t>(got)}, id, mac);
    if (server && std::find(servers.begin(), servers.end(), *server) == servers.end())
      servers.push_back(*server);
  }
}

}  // namespace

std::string dhcp_discover(std::uint32_t id, const MacAddress& mac) {
  std::string bytes(options_at, '\0');
  bytes[0] = 1;  // a request
  bytes[1] = 1;  // Ethernet
  bytes[2] = static_cast<char>(mac.size());
  put32(bytes, 4, id);
  bytes[10] = '\x80';  // answer by broadcast: we take no address
  std::memcpy(&bytes[mac_at], mac.data(), mac.size());
  bytes += cookie;
  for (const int option : {int{option_type}, 1, int{discover}, int{option_wanted}, 2, 3, 6, int{option_end}})
    bytes += static_cast<char>(option);
  constexpr std::size_t least_sent = 300;  // some servers drop shorter ones (RFC 1542 2.1)
  bytes.resize(std::max(bytes.size(), least_sent));
  return bytes;
}

std::optional<IpAddress> dhcp_offer_from(std::string_view bytes, std::uint32_t id, const MacAddress& mac) {
  std::string wanted(4, '\0');
  put32(wanted, 0, id);
  if (bytes.size() < least_bytes || bytes[0] != 2 || bytes.substr(4, 4) != wanted) return std::nullopt;
  if (std::memcmp(bytes.data() + mac_at, mac.data(), mac.size()) != 0) return std::nullopt;
  if (bytes.substr(options_at, 4) != cookie) return std::nullopt;
  bool is_offer = false;
  std::optional<IpAddress> server;
  for (std::size_t at = least_bytes; at < bytes.size();) {
    const auto option = static_cast<unsigned char>(bytes[at]);
    if (option == option_end) break;
    if (option == option_pad) {
      ++at;
      continue;
    }
    if (at + 1 >= bytes.size()) return std::nullopt;
    const auto length = static_cast<unsigned char>(bytes[at + 1]);
    const std::string_view value = bytes.substr(at + 2, length);
    if (value.size() != length) return std::nullopt;
    if (option == option_type && length == 1) is_offer = value[0] == offer;
    if (option == option_server && length == 4) {
      std::uint32_t address = 0;
      for (const char c : value) address = (address << 8) | static_cast<unsigned char>(c);
      server = IpAddress::v4(address);
    }
    at += 2U + length;
  }
  return is_offer ? server : std::nullopt;
}

Result<std::vector<IpAddress>> dhcp_servers(const std::string& interface, std::chrono::milliseconds wait) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return cannot_ask(interface);
  const auto mac = mac_of(socket.get(), interface);
  if (!mac) return mac.error();
  constexpr int on = 1;
  constexpr std::uint16_t client_port = 68, server_port = 67;
  sockaddr_in here{}, there{};
  here.sin_family = there.sin_family = AF_INET;
  here.sin_port = htons(client_port);
  there.sin_port = htons(server_port);
  there.sin_addr.s_addr = INADDR_BROADCAST;
  const auto length = static_cast<socklen_t>(interface.size() + 1);
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(), length) != 0 ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0)
    return cannot_ask(interface);
  std::uint32_t id = 0;
  if (::getrandom(&id, sizeof id, 0) != sizeof id) return cannot_ask(interface);
  const std::string question = dhcp_discover(id, *mac);
  std::vector<IpAddress> servers;
  const auto begin = std::chrono::steady_clock::now();
  for (const int half : {1, 2}) {
    if (::sendto(socket.get(), question.data(), question.size(), 0, reinterpret_cast<const sockaddr*>(&there),
                 sizeof there) < 0)
      return cannot_ask(interface);
    collect(socket.get(), begin + wait * half / 2, id, *mac, servers);
  }
  const Machine machine = look_at_machine();
  std::erase_if(servers, [&](const IpAddress& server) {
    return std::any_of(machine.interfaces.begin(), machine.interfaces.end(), [&](const FoundInterface& one) {
      return std::find(one.addresses.begin(), one.addresses.end(), server) != one.addresses.end();
    });
  });
  return servers;
}

}  // namespace schoolgate::tools
