#include "tools/report/chart.h"

#include <algorithm>

#include "proxy/core/pages/template.h"

namespace schoolgate::tools {
namespace {

std::string attribute(const char* name, int value) {
  return std::string(" ") + name + "=\"" + std::to_string(value) + "\"";
}

std::string text_at(int x, int y, const char* anchor, const std::string& text) {
  return "<text" + attribute("x", x) + attribute("y", y) + " text-anchor=\"" + anchor + "\">" +
         escape_html(text) + "</text>";
}

std::string rectangle(int x, int y, int width, int height, const std::string& kind) {
  return "<rect" + attribute("x", x) + attribute("y", y) + attribute("width", width) +
         attribute("height", height) + " rx=\"2\" class=\"" + kind + "\"/>";
}

std::string svg(const Caption& caption, int width, int height, const std::string& body) {
  const std::string id = escape_html(caption.id);
  return "<svg role=\"img\" aria-labelledby=\"" + id + "-t " + id + "-d\" viewBox=\"0 0 " +
         std::to_string(width) + " " + std::to_string(height) + "\"><title id=\"" + id + "-t\">" +
         escape_html(caption.title) + "</title><desc id=\"" + id + "-d\">" + escape_html(caption.sentence) +
         "</desc>" + body + "</svg>";
}

}  // namespace

std::string bars_svg(const Caption& caption, const std::vector<Bar>& bars) {
  constexpr int width = 720, names = 300, figures = 90, row = 26, thick = 16;
  std::uint64_t longest = 1;
  for (const Bar& bar : bars) longest = std::max(longest, bar.length);
  std::string body;
  int y = 0;
  for (const Bar& bar : bars) {
    // By double: lengths may be larger than what a product holds.
    const double part = static_cast<double>(bar.length) / static_cast<double>(longest);
    const int length = static_cast<int>(part * (width - names - figures));
    body += text_at(names - 10, y + 17, "end", bar.name);
    if (bar.length != 0) body += rectangle(names, y + 5, std::max(length, 2), thick, "bar");
    body += text_at(names + (bar.length != 0 ? std::max(length, 2) : 0) + 8, y + 17, "start", bar.figure);
    y += row;
  }
  return svg(caption, width, std::max(y, row), body);
}

std::string heat_svg(const Caption& caption, const HeatLevels& levels,
                     const std::array<std::string, 7>& days) {
  constexpr int names = 84, top = 22, cell = 26, gap = 2;
  std::string body;
  for (int hour = 0; hour < 24; hour += 2)
    body += text_at(names + hour * cell + cell / 2, 14, "middle", std::to_string(hour));
  for (std::size_t day = 0; day < days.size(); ++day) {
    const int y = top + static_cast<int>(day) * cell;
    body += text_at(names - 8, y + 17, "end", days[day]);
    for (int hour = 0; hour < 24; ++hour) {
      const int level = levels[day][static_cast<std::size_t>(hour)];
      body += rectangle(names + hour * cell, y, cell - gap, cell - gap, "heat h" + std::to_string(level));
    }
  }
  return svg(caption, names + 24 * cell, top + 7 * cell, body);
}

std::string columns_svg(const Caption& caption, const std::vector<Columns>& columns,
                        const std::array<std::string, 2>& figures) {
  constexpr int width = 720, names = 110, step = 9, gap = 8, high = heat_levels * step + gap;
  const int room = (width - names) / static_cast<int>(std::max<std::size_t>(columns.size(), 1));
  std::string body;
  int ground = 0;
  for (std::size_t figure = 0; figure < figures.size(); ++figure) {
    if (figures[figure].empty()) continue;
    ground += high;
    body += text_at(names - 8, ground - 2, "end", figures[figure]);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const int level = columns[i].levels[figure], x = names + static_cast<int>(i) * room;
      // What is hardly anything is a line, so that one sees that nothing is left out.
      const int height = level == 0 ? 1 : level * step;
      body += rectangle(x, ground - height, std::max(room - 3, 2), height, level == 0 ? "heat h0" : "bar");
    }
  }
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (!columns[i].name.empty())
      body += text_at(names + static_cast<int>(i) * room, ground + 16, "start", columns[i].name);
  return svg(caption, width, ground + 22, body);
}

}  // namespace schoolgate::tools
