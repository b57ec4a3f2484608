// Who is on the local networks, as the kernel knows them, and who of these never passed the filter.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"
#include "rules/url/ip.h"

namespace schoolgate::tools {

struct Neighbour {
  IpAddress address;
  std::string mac;  // "02:00:00:00:00:07"
  friend bool operator==(const Neighbour&, const Neighbour&) = default;
};

// The messages of an answer to RTM_GETNEIGH (rtnetlink(7)): those who have answered once. Pure; what is cut
// or of another kind is passed over. `ended`: the answer's last message was among them.
[[nodiscard]] std::vector<Neighbour> neighbours_in(std::string_view messages, bool& ended);

// Error: the kernel cannot be asked.
[[nodiscard]] Result<std::vector<Neighbour>> neighbours_now();

struct Unseen {
  std::string mac;
  std::vector<IpAddress> addresses;  // by family and number
  friend bool operator==(const Unseen&, const Unseen&) = default;
};
struct Radar {
  std::size_t machines = 0;     // of the school's networks, routers left out
  std::vector<Unseen> unseen;   // of these: none of its addresses ever was a client; by MAC
  bool router_between = false;  // clients come from behind a router, which is all that is seen of them
  friend bool operator==(const Radar&, const Radar&) = default;
};

struct RadarView {
  std::vector<Network> school;                 // who may connect
  std::vector<IpAddress> routers;              // the ways out: no pupils
  std::function<bool(const IpAddress&)> seen;  // was a client since the proxy began
  std::uint64_t clients = 0;                   // how many were
};
// All addresses of one MAC are one machine. Pure.
[[nodiscard]] Radar look_around(const std::vector<Neighbour>& neighbours, const RadarView& view);

}  // namespace schoolgate::tools
