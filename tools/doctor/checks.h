// From facts to findings: what `schoolgate doctor` says of each, and what it advises. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/main/config.h"
#include "tools/daemon/device_coverage.h"
#include "tools/daemon/health.h"
#include "tools/doctor/findings.h"
#include "tools/lan/gateway_counts.h"
#include "tools/lan/machine.h"

namespace schoolgate::tools {

// Nullopt: it does not answer, for that reason.
[[nodiscard]] Findings on_proxy(const std::optional<Health>& health, const Message& why_not,
                                const Config& config);
[[nodiscard]] Findings on_lists(const Health& health);
[[nodiscard]] Findings on_neighbours(const Health& health);

struct DiskFacts {
  std::uint64_t free_bytes = 0, log_bytes = 0;  // where the log lies; what it holds
  double days = 0;                              // over how many days that came; 0 = too few to say
};
[[nodiscard]] Finding on_disk(const DiskFacts& disk, const LogSettings& log);

struct RightsFact {
  std::string path;
  std::uint32_t mode = 0, forbidden = 0;  // bits of others that it must not have
};
[[nodiscard]] Findings on_rights(const std::vector<RightsFact>& files);

[[nodiscard]] Finding on_authority(std::int64_t not_after, std::int64_t now);
[[nodiscard]] Finding on_clock(bool synchronised);
[[nodiscard]] Finding on_conntrack(std::uint64_t count, std::uint64_t most);
[[nodiscard]] Finding on_routes(const std::vector<FoundRoute>& routes);

// What came for a page of an address that is nobody's: a status, or nullopt. `parent`: asked of the
// provider's proxy, by the configuration.
inline constexpr char nobodys_address[] = "192.0.2.1";  // RFC 5737
[[nodiscard]] Finding on_portal(std::optional<int> status, bool parent);

[[nodiscard]] Finding on_tried(const std::vector<TriedAddress>& tried);
// `schoolgate setup`'s last word: seen from a device. `address`: where our pages are too; "" = not known.
[[nodiscard]] Finding on_coverage(const std::optional<std::vector<RoomCoverage>>& rooms,
                                  const std::string& address);

struct FirewallFacts {
  bool readable = true;        // nft could be asked
  std::string loaded, wanted;  // as `nft -s list table` prints both; "" = there is none
  bool forwards4 = false, forwards6 = false;
  bool hands_over = true;           // what TPROXY takes stays on this machine; true where nothing is taken so
  std::vector<TriedAddress> tried;  // of `loaded`
};
[[nodiscard]] Findings on_firewall(const FirewallFacts& facts);

// The answers to a request through the proxy: a status, or nullopt.
[[nodiscard]] Findings on_requests(std::optional<int> blocked, std::optional<int> own_page);

[[nodiscard]] bool is_gateway(const Config& config);  // some listener takes what was going elsewhere

}  // namespace schoolgate::tools
