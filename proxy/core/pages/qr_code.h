// A QR code of an address or a checksum, for pages, reports and terminals: a telephone reads what would be
// long to type. It holds what stands beside it in plain letters, and never a right.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace schoolgate {

class QrCode {
 public:
  // The smallest code of ISO/IEC 18004 that holds these bytes and is still read with 15 % of it hidden (level
  // M). Nullopt for an empty text, one with a zero byte and one too long for any code (over 2,331 bytes).
  [[nodiscard]] static std::optional<QrCode> of(std::string_view text);

  // Modules of a side, 21 to 177, without the margin.
  [[nodiscard]] int side() const noexcept { return side_; }
  // False outside of it: the margin is light.
  [[nodiscard]] bool dark(int column, int row) const noexcept;

  // An <svg> of its own, with the margin of four modules that readers need, black on white in dark mode, too.
  // Its size is that of the class "qr" in the page's style. `title` says what it is to who does not see it;
  // escaped here.
  [[nodiscard]] std::string svg(std::string_view title) const;

  // Lines of half blocks in UTF-8, two rows of modules a line. `colour`: the colours are set, which is right
  // on any terminal; without, it is right where the ground is dark.
  [[nodiscard]] std::string half_blocks(bool colour) const;

 private:
  QrCode(int side, std::vector<bool> modules) : side_(side), modules_(std::move(modules)) {}

  int side_;
  std::vector<bool> modules_;  // row by row; true: dark
};

}  // namespace schoolgate
