#include "tools/lan/neighbours.h"

#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>

#include "config/text/system_words.h"

namespace schoolgate::tools {
namespace {

constexpr std::size_t aligned(std::size_t length) {
  return (length + 3) & ~std::size_t{3};
}

// The value of the first attribute of that kind.
std::string_view attribute(std::string_view bytes, unsigned short kind) {
  while (bytes.size() >= sizeof(rtattr)) {
    rtattr head{};
    std::memcpy(&head, bytes.data(), sizeof head);
    if (head.rta_len < sizeof head || head.rta_len > bytes.size()) return {};
    if (head.rta_type == kind) return bytes.substr(sizeof head, head.rta_len - sizeof head);
    bytes.remove_prefix(std::min(aligned(head.rta_len), bytes.size()));
  }
  return {};
}

std::optional<Neighbour> neighbour_in(std::string_view body) {
  ndmsg head{};
  if (body.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, body.data(), sizeof head);
  constexpr int answered = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT;
  if ((head.ndm_state & answered) == 0 || head.ndm_type == RTN_MULTICAST) return std::nullopt;
  const std::string_view rest = body.substr(std::min(aligned(sizeof head), body.size()));
  const std::string_view to = attribute(rest, NDA_DST), mac = attribute(rest, NDA_LLADDR);
  constexpr std::size_t mac_bytes = 6;
  if (mac.size() != mac_bytes || mac == std::string_view("\0\0\0\0\0\0", mac_bytes)) return std::nullopt;
  Neighbour one;
  if (head.ndm_family == AF_INET && to.size() == 4) {
    std::uint32_t address = 0;
    for (const char c : to) address = (address << 8) | static_cast<unsigned char>(c);
    one.address = IpAddress::v4(address);
  } else if (head.ndm_family == AF_INET6 && to.size() == one.address.bytes.size()) {
    std::memcpy(one.address.bytes.data(), to.data(), to.size());
  } else {
    return std::nullopt;
  }
  char text[18];
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(mac[i])); };
  std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", byte(0), byte(1), byte(2), byte(3),
                byte(4), byte(5));
  one.mac = text;
  return one;
}

}  // namespace

std::vector<Neighbour> neighbours_in(std::string_view messages, bool& ended) {
  std::vector<Neighbour> all;
  while (messages.size() >= sizeof(nlmsghdr)) {
    nlmsghdr head{};
    std::memcpy(&head, messages.data(), sizeof head);
    if (head.nlmsg_len < sizeof head || head.nlmsg_len > messages.size()) break;
    if (head.nlmsg_type == NLMSG_DONE || head.nlmsg_type == NLMSG_ERROR) {
      ended = true;
      break;
    }
    if (head.nlmsg_type == RTM_NEWNEIGH)
      if (auto one = neighbour_in(messages.substr(sizeof head, head.nlmsg_len - sizeof head)))
        all.push_back(std::move(*one));
    messages.remove_prefix(std::min(aligned(head.nlmsg_len), messages.size()));
  }
  return all;
}

Result<std::vector<Neighbour>> neighbours_now() {
  const auto failed = [] {
    return Error{say("the kernel's neighbours cannot be read: {}", system_words(errno))};
  };
  const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return failed();
  struct {
    nlmsghdr head;
    ndmsg body;
  } question{};
  question.head.nlmsg_len = sizeof question;
  question.head.nlmsg_type = RTM_GETNEIGH;
  question.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  std::vector<Neighbour> all;
  bool ended = ::send(fd, &question, sizeof question, 0) != static_cast<ssize_t>(sizeof question);
  const bool asked = !ended;
  constexpr int patience_ms = 2000;
  std::array<char, 65536> bytes{};
  while (!ended) {
    pollfd waiting{fd, POLLIN, 0};
    if (::poll(&waiting, 1, patience_ms) <= 0) break;
    const ssize_t got = ::recv(fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got <= 0) break;
    for (Neighbour& one : neighbours_in({bytes.data(), static_cast<std::size_t>(got)}, ended))
      all.push_back(std::move(one));
  }
  Result<std::vector<Neighbour>> result = all;
  if (!asked || !ended) result = failed();
  ::close(fd);
  return result;
}

Radar look_around(const std::vector<Neighbour>& neighbours, const RadarView& view) {
  const auto of_school = [&](const IpAddress& address) {
    return std::any_of(view.school.begin(), view.school.end(),
                       [&](const Network& network) { return network.contains(address); });
  };
  std::map<std::string, std::vector<IpAddress>> machines;
  std::vector<std::string> routers;
  for (const Neighbour& one : neighbours) {
    if (std::find(view.routers.begin(), view.routers.end(), one.address) != view.routers.end())
      routers.push_back(one.mac);
    if (of_school(one.address)) machines[one.mac].push_back(one.address);
  }
  for (const std::string& mac : routers) machines.erase(mac);
  Radar radar;
  radar.machines = machines.size();
  std::size_t seen = 0;
  for (auto& [mac, addresses] : machines) {
    if (std::any_of(addresses.begin(), addresses.end(), view.seen)) {
      ++seen;
      continue;
    }
    std::sort(addresses.begin(), addresses.end());
    radar.unseen.push_back({mac, std::move(addresses)});
  }
  radar.router_between = seen == 0 && view.clients != 0;
  return radar;
}

}  // namespace schoolgate::tools
