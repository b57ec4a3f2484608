// Text from the network made fit for a terminal, a spreadsheet or a program. Everything in the log is
// attacker-made.
#pragma once

#include <string>
#include <string_view>

namespace schoolgate::audit {

// For a terminal: control characters (C0, DEL, C1), bidi and invisible formatting characters, line
// separators, bytes that are not UTF-8 and the backslash itself become \xNN, byte by byte; the rest stays.
// The result is valid UTF-8 on one line.
[[nodiscard]] std::string printable(std::string_view text);

// A CSV cell (RFC 4180) of printable(text): quoted where needed; a cell that a spreadsheet would take for a
// formula
// (=, +, -, @ first) starts with an apostrophe.
[[nodiscard]] std::string csv_cell(std::string_view text);

// A JSON string with its quotes (RFC 8259). Lossless for UTF-8; what printable() calls harmful is written
// \uNNNN, so that it is harmless on a terminal; bytes that are not UTF-8 become U+FFFD. For text from the log
// use json_string(printable(text)), so that it stays harmless after parsing.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace schoolgate::audit
