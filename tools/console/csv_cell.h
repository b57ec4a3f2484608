// Text from the network made fit for a spreadsheet; printable() of rules/diagnostic.h does it for a terminal,
// proxy/core/json_text.h for a program. Everything in the log is attacker-made.
#pragma once

#include <string>
#include <string_view>

namespace schoolgate::tools {

// A CSV cell (RFC 4180) of printable(text): quoted where needed; a cell that a spreadsheet would take for a
// formula (=, +, -, @ first) starts with an apostrophe.
[[nodiscard]] std::string csv_cell(std::string_view text);

}  // namespace schoolgate::tools
