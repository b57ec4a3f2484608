// The folders that a start needs: looked at before it, all at once.
#pragma once

#include "config/main/config.h"
#include "rules/result.h"

namespace schoolgate::tools {

// Error: those that this process can neither write in nor make, each with the key that names it, and how root
// makes them.
[[nodiscard]] Result<void> missing_folders(const Config& config);

}  // namespace schoolgate::tools
