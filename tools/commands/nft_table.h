// The gateway's firewall as nftables reads it: nothing is forwarded but what gateway: open: names, and what
// the proxy is to judge is sent to it.
#pragma once

#include <string>
#include <vector>

#include "config/main/config.h"
#include "rules/result.h"

namespace schoolgate::tools {

// The table `inet schoolgate`, which takes the place of an older one: text for `nft -f`. Error: the
// configuration has no listener to send to. Pure; `why` of a hole comes out as a comment and as nothing else.
[[nodiscard]] Result<std::string> nft_table(const Config& config);

// Networks of which `without` is taken out. `from` and `without` are of one family.
struct Sources {
  Network from;
  std::vector<Network> without;  // each within `from`, none within another
};
// Who is in the tier: the narrowest network of `who` speaks, for all others who may connect the unknown
// tier's. Without loopback.
[[nodiscard]] std::vector<Sources> sources_of_tier(const Config& config, const std::string& tier);
// Who may connect, or has a tier: the widest networks. Without loopback.
[[nodiscard]] std::vector<Network> filtered_networks(const Config& config);

}  // namespace schoolgate::tools
