// delegation.yaml: which accounts of the system may open or block for a lesson, in which tiers, and what;
// and which rooms they may switch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/policy/tier_reader.h"
#include "config/text/load_context.h"

namespace schoolgate {

struct DelegationText {
  Placed<std::string> account;
  std::vector<Placed<std::string>> tiers, open, block, rooms;
  bool lines = false, unknown = false;
  std::uint32_t minutes_max = Delegation::most_minutes;
};

// Errors go to the context; an entry with one is left out.
[[nodiscard]] std::vector<DelegationText> read_delegation_file(const std::string& path, LoadContext& context);

}  // namespace schoolgate
