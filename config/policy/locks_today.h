// What the files lock as they are now, for a load of kept texts: a way back must not loosen a lock that was
// added since.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/floor/signed_floor.h"
#include "config/main/main_file.h"
#include "config/policy/tier_reader.h"

namespace schoolgate {

struct LocksToday {
  LockedFile locked;                  // its lines: blocks alone
  std::vector<FloorEntry> floor;      // where none is signed
  std::optional<SignedFloor> sealed;  // of today, where it is accepted
  struct TierLock {
    std::string tier;
    Placed<std::string> category;
  };
  std::vector<TierLock> tiers;  // "drugs: block+locked" in a tier's own file
};

// Of whatever can be read of the main file, the locked file, the floor and the tiers, at the places that the
// kept main file names and at those that the present one names; what is wrong in them is not reported again.
// Empty for a context that reads the files anyway.
[[nodiscard]] LocksToday read_locks_today(const MainFile& kept, LoadContext& context);

}  // namespace schoolgate
