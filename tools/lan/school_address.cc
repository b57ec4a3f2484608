#include "tools/lan/school_address.h"

#include <algorithm>

namespace schoolgate::tools {

std::vector<std::string> school_interfaces(const Machine& machine, const Config& config) {
  std::vector<Network> school = config.clients;
  for (const ClientNetwork& line : config.who) school.push_back(line.network);
  std::vector<std::string> names;
  for (const FoundInterface& one : machine.interfaces) {
    const bool of_school =
        std::any_of(one.addresses.begin(), one.addresses.end(), [&](const IpAddress& address) {
          return std::any_of(school.begin(), school.end(),
                             [&](const Network& network) { return network.contains(address); });
        });
    if (one.up && of_school) names.push_back(one.name);
  }
  if (names.size() > 1) std::erase(names, config.gateway.masquerade);
  return names;
}

namespace {

bool is_for_browsers(const Listener& one) {
  return one.entrance == Entrance::proxy && !one.tier && classify(one.address) != AddressClass::loopback;
}

}  // namespace

std::uint16_t browsers_port(const Config& config) {
  const auto found = std::find_if(config.listen.begin(), config.listen.end(), is_for_browsers);
  return found == config.listen.end() ? std::uint16_t{0} : found->port;
}

std::string address_of_pages(const Machine& machine, const Config& config) {
  for (const Listener& one : config.listen) {
    if (!is_for_browsers(one)) continue;
    const bool everywhere = one.address == IpAddress::v4(0) || one.address == IpAddress{};
    for (const std::string& name : school_interfaces(machine, config))
      for (const IpAddress& address : machine.find(name)->addresses)
        if (address.is_v4() && (everywhere || address == one.address))
          return address.to_string() + ":" + std::to_string(one.port);
  }
  return {};
}

}  // namespace schoolgate::tools
