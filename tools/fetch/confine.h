// What a process that speaks with strangers may do: next to nothing.
#pragma once

#include <vector>

#include "rules/result.h"

namespace schoolgate::tools {

// Every descriptor but these is closed; 0, 1 and 2 lead nowhere. False: the process must not go on.
[[nodiscard]] bool keep_only(std::vector<int> descriptors) noexcept;

// For good, in a child process: dies with its parent, no core, no new rights, at most `largest_file` bytes to
// a file and `cpu_seconds`; root becomes nobody. Where the kernel has Landlock it opens nothing but what
// looking up a name takes, and makes no file. Descriptors that are open stay so. Error: a right that could
// not be given up.
[[nodiscard]] Result<void> confine(unsigned long largest_file, unsigned long cpu_seconds);

}  // namespace schoolgate::tools
