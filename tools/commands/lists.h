// The subcommands of `schoolgate lists` that have a file of their own.
#pragma once

#include "tools/commands/commands.h"

namespace schoolgate::tools {

void add_lists_catalogue(CLI::App& lists, Console& console, int& result);  // catalogue, enable, disable
void add_lists_update(CLI::App& lists, Console& console, int& result);
void add_lists_lookalikes(CLI::App& lists, Console& console, int& result);

}  // namespace schoolgate::tools
