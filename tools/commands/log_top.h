// `schoolgate log top hosts|rules|categories`: what most rows are about.
#pragma once

#include "tools/commands/commands.h"

namespace schoolgate::tools {

void add_top_command(CLI::App& log, Console& console, int& result);

}  // namespace schoolgate::tools
