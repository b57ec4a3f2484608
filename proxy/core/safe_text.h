// Text from the network made fit for a spreadsheet or a program; printable() of rules/diagnostic.h does it
// for a terminal. Everything in the log is attacker-made.
#pragma once

#include <string>
#include <string_view>

namespace schoolgate {

// A CSV cell (RFC 4180) of printable(text): quoted where needed; a cell that a spreadsheet would take for a
// formula (=, +, -, @ first) starts with an apostrophe.
[[nodiscard]] std::string csv_cell(std::string_view text);

// A JSON string with its quotes (RFC 8259). Lossless for UTF-8; controls and invisible characters are written
// \uNNNN, so that it is harmless on a terminal; bytes that are not UTF-8 become U+FFFD. For text from the log
// use json_string(printable(text)), so that it stays harmless after parsing.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace schoolgate
