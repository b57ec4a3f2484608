// The process that takes this one's place in an upgrade: the program as it lies on the disk by now.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "rules/result.h"

namespace schoolgate::tools {

// Where the running program was started from; "" = nobody knows. Call early: it may be replaced later.
[[nodiscard]] std::string own_program();

struct SuccessorOptions {
  std::string program, config_file, state;
  std::optional<std::chrono::milliseconds> watchdog;  // within which the manager wants to hear of it
};
// Starts `PROGRAM run --take-over`, with this process's output, environment and rights. Error: it cannot be
// started.
[[nodiscard]] Result<pid_t> start_successor(const SuccessorOptions& options);

// Its exit code once it has ended (128 + the signal that ended it); nullopt while it runs.
[[nodiscard]] std::optional<int> ended_with(pid_t successor);

}  // namespace schoolgate::tools
