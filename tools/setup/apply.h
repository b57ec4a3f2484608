// Puts in force what setup wrote, by systemd, and takes it back.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "rules/message.h"
#include "rules/result.h"
#include "tools/setup/answers.h"
#include "tools/setup/changes.h"

namespace schoolgate::tools {

using CommandWords = std::vector<std::string>;
// Runs a command, its output where ours goes; whether it ended with 0.
using RunCommand = std::function<bool(const CommandWords&)>;
[[nodiscard]] bool run_command(const CommandWords& words);

// What `schoolgate setup` starts after it wrote: the firewall first, and nothing after it where that fails.
struct ApplyStep {
  CommandWords words;
  bool needed = true;  // false: a failure is told, and the rest goes on
};
[[nodiscard]] std::vector<ApplyStep> steps_to_apply(const SetupAnswers& answers);
// Back to before `changes`: what is new is stopped, forwarding and table with it, before the files are
// undone; what was there is loaded again after it.
struct WayBack {
  std::vector<CommandWords> before, after;
};
[[nodiscard]] WayBack way_back(const std::vector<FileChange>& changes);

// Runs the steps, prints each by `told`. The first needed one that failed; empty: all is in force.
[[nodiscard]] CommandWords apply(const std::vector<ApplyStep>& steps, const RunCommand& run,
                                 const std::function<void(const Message&)>& told);

// Whether this process was started over ssh: it, or one that it descends from, is sshd's.
[[nodiscard]] bool is_over_ssh();
// Whether "yes" is typed on `fd` in time. No: silence, another word, the end, a terminal that is gone.
[[nodiscard]] bool confirmed(int fd, std::chrono::milliseconds within);

}  // namespace schoolgate::tools
