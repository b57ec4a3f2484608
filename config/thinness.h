// What a snapshot lacks, said plainly: shown in red by start-up, `check` and the status page.
#pragma once

#include <string>
#include <vector>

#include "config/snapshot.h"

namespace schoolgate {

[[nodiscard]] std::vector<Message> what_is_thin(const Snapshot& snapshot);

}  // namespace schoolgate
