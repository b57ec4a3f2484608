#include "tools/report/chart.h"

#include <algorithm>

#include "proxy/core/pages/template.h"

namespace schoolgate::tools {
namespace {

std::string attribute(const char* name, int value) {
  return std::string(" ") + name + "=\"" + std::to_string(value) + "\"";
}

// Of a page's column on a telephone, and of half a sheet: what is drawn at this width is read at both.
constexpr int chart_width = 400;

int letters_of(const std::string& text) {
  int letters = 0;
  for (const char c : text) letters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return letters;
}

// What a text takes at the size of the page's charts: at most, and as most do.
int room_of(const std::string& text) {
  constexpr int wide_letter = 8;
  return letters_of(text) * wide_letter;
}
int usual_room_of(const std::string& text) {
  constexpr int usual_letter = 6;
  return letters_of(text) * usual_letter;
}

// A text that may be wider than `room` is drawn within it; 0 = it is not.
std::string text_at(int x, int y, const char* anchor, const std::string& text, int room = 0) {
  const bool tight = room != 0 && usual_room_of(text) > room;
  return "<text" + attribute("x", x) + attribute("y", y) + " text-anchor=\"" + anchor + "\"" +
         (tight ? attribute("textLength", room) + " lengthAdjust=\"spacingAndGlyphs\"" : "") + ">" +
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
  // The name above its bar and the figure behind it: so it can be read in a narrow window and on half a
  // sheet.
  constexpr int row = 34, thick = 12, gap = 8;
  std::uint64_t longest = 1;
  int figures = 0;
  for (const Bar& bar : bars) {
    longest = std::max(longest, bar.length);
    figures = std::max(figures, gap + room_of(bar.figure));
  }
  std::string body;
  int y = 0;
  for (const Bar& bar : bars) {
    // By double: lengths may be larger than what a product holds.
    const double part = static_cast<double>(bar.length) / static_cast<double>(longest);
    const int length =
        bar.length == 0 ? 0 : std::max(static_cast<int>(part * std::max(chart_width - figures, 40)), 2);
    body += text_at(0, y + 13, "start", bar.name, chart_width);
    if (length != 0) body += rectangle(0, y + 18, length, thick, "bar");
    body += text_at(length == 0 ? 0 : length + gap, y + 29, "start", bar.figure);
    y += row;
  }
  return svg(caption, chart_width, std::max(y, row), body);
}

std::string heat_svg(const Caption& caption, const HeatLevels& levels,
                     const std::array<std::string, 7>& days) {
  constexpr int names = 88, top = 22, cell = (chart_width - names) / 24, high = 22, gap = 2;
  std::string body;
  for (int hour = 0; hour < 24; hour += 3)
    body += text_at(names + hour * cell + cell / 2, 14, "middle", std::to_string(hour));
  for (std::size_t day = 0; day < days.size(); ++day) {
    const int y = top + static_cast<int>(day) * high;
    body += text_at(names - 8, y + 15, "end", days[day]);
    for (int hour = 0; hour < 24; ++hour) {
      const int level = levels[day][static_cast<std::size_t>(hour)];
      body += rectangle(names + hour * cell, y, cell - gap, high - gap, "heat h" + std::to_string(level));
    }
  }
  return svg(caption, chart_width, top + 7 * high, body);
}

std::string columns_svg(const Caption& caption, const std::vector<Columns>& columns,
                        const std::array<std::string, 2>& figures) {
  constexpr int step = 9, gap = 8, high = heat_levels * step + gap;
  const int names = std::max(room_of(figures[0]), room_of(figures[1])) + gap;
  const int room = (chart_width - names) / static_cast<int>(std::max<std::size_t>(columns.size(), 1));
  std::string body;
  int ground = 0;
  for (std::size_t figure = 0; figure < figures.size(); ++figure) {
    if (figures[figure].empty()) continue;
    ground += high;
    body += text_at(names - gap, ground - 2, "end", figures[figure]);
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
  return svg(caption, chart_width, ground + 22, body);
}

}  // namespace schoolgate::tools
