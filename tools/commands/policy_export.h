// `schoolgate policy export`: what commands changed is brought back into a folder of files.
#pragma once

#include <string>

#include "rules/result.h"
#include "tools/console/console.h"

namespace schoolgate::tools {

// Into `folder`, or where it is "" into that of the configuration, where files that were changed under what
// is laid over them are put aside first, as NAME.before-export, as are those that no longer belong there.
// Says what it did; the exit code.
[[nodiscard]] int export_policy(const std::string& config_file, const std::string& folder, Console& console);

}  // namespace schoolgate::tools
