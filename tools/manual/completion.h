// What a shell offers when one types a command and presses Tab.
#pragma once

#include <string>

#include "tools/manual/command_text.h"

namespace schoolgate::tools {

// For bash; needs nothing of the package bash-completion but to be found by it.
[[nodiscard]] std::string bash_completion(const CommandText& program);

}  // namespace schoolgate::tools
