// What setup finds on this machine: network interfaces with their addresses, and the ways out.
#pragma once

#include <string>
#include <vector>

#include "rules/result.h"
#include "rules/url/ip.h"

namespace schoolgate::tools {

struct FoundInterface {
  std::string name;
  bool up = false;
  std::vector<IpAddress> addresses;  // beside `networks`, one each; without link-local ones
  std::vector<Network> networks;
};

struct FoundRoute {
  std::string interface;
  std::string router;  // its address; "" where the way needs none
  friend bool operator==(const FoundRoute&, const FoundRoute&) = default;
};

struct Machine {
  std::vector<FoundInterface> interfaces;  // loopback left out, by name
  std::vector<FoundRoute> default_routes;  // IPv4

  [[nodiscard]] const FoundInterface* find(const std::string& interface) const;
};

// As the kernel says it now. Nothing that it does not say is there.
[[nodiscard]] Machine look_at_machine();

// The default routes that /proc/net/route tells, best first. Pure; lines that are none are passed over.
[[nodiscard]] std::vector<FoundRoute> default_routes_in(const std::string& text);

}  // namespace schoolgate::tools
