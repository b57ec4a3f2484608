// `schoolgate log verify`: is the log what it was when it was sealed; `schoolgate log seal`: the last seal,
// to be taken off the box, and the key that verifies it.
#pragma once

#include "tools/commands/commands.h"

namespace schoolgate::tools {

void add_verify_command(CLI::App& log, Console& console, int& result);
void add_seal_command(CLI::App& log, Console& console, int& result);

}  // namespace schoolgate::tools
