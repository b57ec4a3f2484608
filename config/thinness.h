// What a snapshot lacks, said plainly: shown in red by start-up, `check` and the status page.
#pragma once

#include <string>
#include <vector>

#include "config/snapshot.h"

namespace schoolgate {

// Of the sealed floor: that it has no entries, or that nobody has signed them. Empty: neither. It stands
// among what_is_thin().
[[nodiscard]] Message what_the_floor_lacks(const Snapshot& snapshot);
[[nodiscard]] std::vector<Message> what_is_thin(const Snapshot& snapshot);

}  // namespace schoolgate
