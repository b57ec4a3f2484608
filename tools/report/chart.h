// Pictures of figures as SVG within a page: no script, nothing from elsewhere. Colours are the page's, so
// that they read in print and in the dark; all text is escaped here.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace schoolgate::tools {

// What a screen reader says of it: title and sentence. `id`: unique in the page.
struct Caption {
  std::string id, title, sentence;
};

struct Bar {
  std::string name, figure;  // as shown
  std::uint64_t length = 0;
};
// One below the other, the longest as wide as there is room.
[[nodiscard]] std::string bars_svg(const Caption& caption, const std::vector<Bar>& bars);

// By weekday (Monday first) and hour.
inline constexpr int heat_levels = 5;  // 1 .. 5; 0 = nearly nothing
using HeatLevels = std::array<std::array<std::uint8_t, 24>, 7>;
[[nodiscard]] std::string heat_svg(const Caption& caption, const HeatLevels& levels,
                                   const std::array<std::string, 7>& days);

// One after the other in time, two figures each: the first above, the second below, each in steps.
struct Columns {
  std::string name;                    // "" = no room for one
  std::array<std::uint8_t, 2> levels;  // 0 .. heat_levels
};
[[nodiscard]] std::string columns_svg(const Caption& caption, const std::vector<Columns>& columns,
                                      const std::array<std::string, 2>& figures);

}  // namespace schoolgate::tools
