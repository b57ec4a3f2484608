// delegation.yaml: which accounts of the system may open or block for a lesson, in which tiers, and what;
// which rooms they may switch; what of their tiers' files they may change for good; who looks after cases.
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
  TierEdit edit = TierEdit::nothing;
  std::uint32_t minutes_max = Delegation::most_minutes;
};

struct DelegationFile {
  std::vector<DelegationText> teachers;
  CaseKeepers case_keepers;
};

// Errors go to the context; an entry with one is left out.
[[nodiscard]] DelegationFile read_delegation_file(const std::string& path, LoadContext& context);

}  // namespace schoolgate
