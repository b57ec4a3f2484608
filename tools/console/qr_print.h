// An address that a telephone is to open.
#pragma once

#include <string>

#include "tools/console/console.h"

namespace schoolgate::tools {

// The address on a line, and below it as a QR code where the output is a terminal: a file or a program has no
// use for one.
void print_address(const Console& console, const std::string& address);

}  // namespace schoolgate::tools
