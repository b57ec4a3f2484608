// One list from the network or from a folder, by a process of its own that has no rights and speaks https
// alone. What it brings is bytes in a file, bounded; nobody has read them yet.
#pragma once

#include <string>

#include "rules/result.h"
#include "tools/fetch/fetch_order.h"

namespace schoolgate::tools {

// Writes `file` anew, mode 0640. Error: why there is nothing new, as a sentence for people; the file is gone.
[[nodiscard]] Result<Fetched> fetch_list(const FetchOrder& order, const std::string& file);

// The same with what a person brought: `fd` is an open file. It stays the caller's.
[[nodiscard]] Result<Fetched> copy_list(int fd, const FetchLimits& limits, const std::string& file);

}  // namespace schoolgate::tools
