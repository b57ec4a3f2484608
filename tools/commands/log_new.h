// `schoolgate log --new SINCE`: sites that were asked for the first time, and `schoolgate log review`: what
// somebody of the school says of one.
#pragma once

#include <cstdint>
#include <string>

#include "tools/commands/commands.h"

namespace schoolgate::tools {

struct NewSites {
  std::string config;     // the main file, beside which reviews lie
  std::string directory;  // of the log
  std::int64_t since_ms = 0;
  bool json = false;
  // Also those of fewer than five clients: asked of the running proxy, which records it with `why` first.
  bool all = false;
  std::string why, control_socket;
};
// An exit code.
[[nodiscard]] int print_new_sites(const NewSites& asked, Console& console);

void add_review_command(CLI::App& log, Console& console, int& result);

}  // namespace schoolgate::tools
