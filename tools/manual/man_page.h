// Manual pages, as man(7) wants them: schoolgate(8), and one for each command.
#pragma once

#include <string>

#include "tools/manual/command_text.h"
#include "tools/manual/words.h"

namespace schoolgate::tools {

// Letters that man(7) would take for its own are escaped; `so` becomes bold.
[[nodiscard]] std::string roff(const std::string& text);

// "schoolgate-ca"
[[nodiscard]] std::string page_name(const CommandText& command);
// `program`: its words, its commands with a reference to their pages. Words are asked for in the order of the
// page.
[[nodiscard]] std::string program_page(const CommandText& program, const Words& words);
// With the commands below it.
[[nodiscard]] std::string command_page(const CommandText& command, const Words& words);

}  // namespace schoolgate::tools
