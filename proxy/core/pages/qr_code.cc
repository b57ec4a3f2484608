#include "proxy/core/pages/qr_code.h"

#include <qrencode.h>

#include <cstddef>
#include <memory>
#include <utility>

#include "proxy/core/pages/template.h"

namespace schoolgate {
namespace {

constexpr int qr_margin = 4;  // ISO/IEC 18004: the quiet zone

}  // namespace

std::optional<QrCode> QrCode::of(std::string_view text) {
  if (text.empty() || text.find('\0') != std::string_view::npos) return std::nullopt;
  // By itself it changes to the shorter modes for digits and capitals.
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString(std::string(text).c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), &QRcode_free);
  if (!code) return std::nullopt;
  const auto side = static_cast<std::size_t>(code->width);
  std::vector<bool> modules(side * side);
  for (std::size_t at = 0; at < modules.size(); ++at) modules[at] = (code->data[at] & 1) != 0;
  return QrCode(code->width, std::move(modules));
}

bool QrCode::dark(int column, int row) const noexcept {
  if (column < 0 || row < 0 || column >= side_ || row >= side_) return false;
  return modules_[static_cast<std::size_t>(row) * static_cast<std::size_t>(side_) +
                  static_cast<std::size_t>(column)];
}

std::string QrCode::svg(std::string_view title) const {
  const std::string all = std::to_string(side_ + 2 * qr_margin);
  std::string out = "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + all + " " +
                    all + "\" role=\"img\" shape-rendering=\"crispEdges\"><title>" + escape_html(title) +
                    "</title><path fill=\"#fff\" d=\"M0 0h" + all + "v" + all +
                    "H0z\"/><path fill=\"#000\" d=\"";
  for (int row = 0; row < side_; ++row)
    for (int column = 0; column < side_; ++column) {
      if (!dark(column, row)) continue;
      const int begin = column;
      while (dark(column + 1, row)) ++column;
      const std::string length = std::to_string(column + 1 - begin);
      out += "M" + std::to_string(begin + qr_margin) + " " + std::to_string(row + qr_margin) + "h" + length +
             "v1h-" + length + "z";
    }
  return out + "\"/></svg>";
}

std::string QrCode::half_blocks(bool colour) const {
  std::string out;
  for (int row = -qr_margin; row < side_ + qr_margin; row += 2) {
    if (colour)
      out += "\x1b[38;5;231;48;5;16m";  // white on black, as numbers: a terminal's own may be anything
    for (int column = -qr_margin; column < side_ + qr_margin; ++column) {
      // Light modules are drawn. The number of rows is odd: below the last one there is nothing.
      const bool upper = !dark(column, row);
      const bool lower = row + 1 < side_ + qr_margin && !dark(column, row + 1);
      out += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }
    if (colour) out += "\x1b[0m";
    out += "\n";
  }
  return out;
}

}  // namespace schoolgate
