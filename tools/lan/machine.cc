#include "tools/lan/machine.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <memory>
#include <sstream>

#include "config/text/text_file.h"

namespace schoolgate::tools {
namespace {

IpAddress address_in(const sockaddr* from) {
  IpAddress address;
  if (from->sa_family == AF_INET) {
    in_addr v4{};
    std::memcpy(&v4, reinterpret_cast<const char*>(from) + offsetof(sockaddr_in, sin_addr), sizeof v4);
    return IpAddress::v4(ntohl(v4.s_addr));
  }
  std::memcpy(address.bytes.data(), reinterpret_cast<const char*>(from) + offsetof(sockaddr_in6, sin6_addr),
              address.bytes.size());
  return address;
}

unsigned bits_in(const sockaddr* mask) {
  unsigned bits = 0;
  const IpAddress read = address_in(mask);
  const bool v4 = mask->sa_family == AF_INET;
  for (std::size_t i = v4 ? 12 : 0; i < read.bytes.size(); ++i)
    bits += static_cast<unsigned>(std::popcount(read.bytes[i]));
  return bits;
}

void add_address(const ifaddrs& entry, FoundInterface& to) {
  if (entry.ifa_addr == nullptr || entry.ifa_netmask == nullptr) return;
  const int family = entry.ifa_addr->sa_family;
  if (family != AF_INET && family != AF_INET6) return;
  const IpAddress address = address_in(entry.ifa_addr);
  if (classify(address) == AddressClass::link_local) return;
  const auto network =
      Network::around(address.to_string() + "/" + std::to_string(bits_in(entry.ifa_netmask)));
  if (!network) return;
  to.addresses.push_back(address);
  to.networks.push_back(*network);
}

}  // namespace

const FoundInterface* Machine::find(const std::string& interface) const {
  const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                  [&](const FoundInterface& one) { return one.name == interface; });
  return found == interfaces.end() ? nullptr : &*found;
}

std::vector<FoundRoute> default_routes_in(const std::string& text) {
  std::vector<std::pair<unsigned long, FoundRoute>> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string interface, to, router, flags, uses, refs, metric, mask;
    if (!(words >> interface >> to >> router >> flags >> uses >> refs >> metric >> mask)) continue;
    if (to != "00000000" || mask != "00000000") continue;
    const auto hex = [](const std::string& digits) {
      return static_cast<std::uint32_t>(std::strtoul(digits.c_str(), nullptr, 16));
    };
    if ((hex(flags) & 1U) == 0) continue;  // RTF_UP
    const std::uint32_t address = ntohl(hex(router));
    found.push_back({std::strtoul(metric.c_str(), nullptr, 10),
                     {interface, address == 0 ? "" : IpAddress::v4(address).to_string()}});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<FoundRoute> routes;
  for (auto& [metric, route] : found) routes.push_back(std::move(route));
  return routes;
}

Machine look_at_machine() {
  Machine machine;
  std::map<std::string, FoundInterface> by_name;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) == 0) {
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(all, &::freeifaddrs);
    for (const ifaddrs* entry = all; entry != nullptr; entry = entry->ifa_next) {
      if ((entry->ifa_flags & IFF_LOOPBACK) != 0) continue;
      FoundInterface& one = by_name[entry->ifa_name];
      one.name = entry->ifa_name;
      one.up = (entry->ifa_flags & IFF_UP) != 0;
      add_address(*entry, one);
    }
  }
  for (auto& [name, one] : by_name) machine.interfaces.push_back(std::move(one));
  constexpr std::uint64_t most = 4 << 20;
  if (const auto routes = read_file("/proc/net/route", most))
    machine.default_routes = default_routes_in(*routes);
  return machine;
}

}  // namespace schoolgate::tools
