// schoolgate.yaml and lists.d/*.yaml -> MainFile.
#pragma once

#include <optional>

#include "config/main/main_file.h"
#include "config/text/load_context.h"

namespace schoolgate {

// Nullopt when the file is no YAML map at all; otherwise everything that could be read, errors in the
// context.
[[nodiscard]] std::optional<MainFile> read_main_file(LoadContext& context);

}  // namespace schoolgate
