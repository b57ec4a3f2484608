// `schoolgate log export`: rows of the access log for another program, or another office.
#pragma once

#include "tools/commands/commands.h"

namespace schoolgate::tools {

void add_export_command(CLI::App& log, Console& console, int& result);

}  // namespace schoolgate::tools
