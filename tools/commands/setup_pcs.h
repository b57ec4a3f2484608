// `schoolgate setup pcs`, a part of the command `setup`.
#pragma once

#include "tools/commands/commands.h"

namespace schoolgate::tools {

CLI::App* add_setup_pcs_command(CLI::App& setup, Console& console, int& result);

}  // namespace schoolgate::tools
