#include "tools/console/qr_print.h"

#include <ostream>

#include "proxy/core/pages/qr_code.h"

namespace schoolgate::tools {

void print_address(const Console& console, const std::string& address) {
  console.out << "  " << address << "\n";
  if (!console.out_terminal) return;
  if (const auto code = QrCode::of(address)) console.out << code->half_blocks(console.out_colour);
}

}  // namespace schoolgate::tools
