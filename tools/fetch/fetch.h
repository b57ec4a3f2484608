// One list from the network or from a folder, by a process of its own that has no rights and speaks https
// alone. What it brings is bytes in a file, bounded; nobody has read them yet.
#pragma once

#include <string>

#include "rules/result.h"
#include "tools/fetch/fetch_order.h"

namespace schoolgate::tools {

// Writes `file` anew, mode 0640. Error: why there is nothing new, as a sentence for people; the file is gone.
// `part`: where bytes lie until they are whole, and what lies there of an attempt before; afterwards what is
// left for the next one.
[[nodiscard]] Result<Fetched> fetch_list(const FetchOrder& order, const std::string& file,
                                         PartialDownload& part, const FetchProgress& progress);

// The same with what a person brought: `fd` is an open file. It stays the caller's.
[[nodiscard]] Result<Fetched> copy_list(int fd, const FetchLimits& limits, const std::string& inside,
                                        const std::string& file);

}  // namespace schoolgate::tools
