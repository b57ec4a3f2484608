#include "tools/report/chart.h"

#include <catch2/catch.hpp>
#include <charconv>

using namespace schoolgate;
using namespace schoolgate::tools;

namespace {

constexpr int widest = 400;  // what the page of a telephone and half a sheet have room for

// Where each text begins, with the text.
std::vector<std::pair<int, std::string>> texts_of(const std::string& svg) {
  std::vector<std::pair<int, std::string>> out;
  for (std::size_t at = svg.find("<text x=\""); at != std::string::npos;
       at = svg.find("<text x=\"", at + 1)) {
    int x = 0;
    const char* const digits = svg.data() + at + 9;
    std::from_chars(digits, svg.data() + svg.size(), x);
    const std::size_t begin = svg.find('>', at) + 1;
    out.emplace_back(x, svg.substr(begin, svg.find('<', begin) - begin));
  }
  return out;
}

}  // namespace

TEST_CASE("no bar's name or figure is cut", "[report][chart]") {
  const std::string figure = "1.234.567 (fewer than 5)", name(80, 'w');
  const std::string svg =
      bars_svg({"a", "t", "s"}, {{"short", figure, 1000}, {name, "1", 1}, {"none", "0", 0}});
  CHECK(svg.find("viewBox=\"0 0 400 ") != std::string::npos);
  for (const auto& [x, text] : texts_of(svg))
    if (text == figure) CHECK(x + static_cast<int>(text.size()) * 8 <= widest);
  // A name that has no room is drawn within it, and no other one is.
  CHECK(svg.find("textLength=\"400\" lengthAdjust=\"spacingAndGlyphs\">" + name) != std::string::npos);
  CHECK(svg.find("textLength") == svg.rfind("textLength"));
}

TEST_CASE("charts are drawn for a narrow page", "[report][chart]") {
  const HeatLevels levels{};
  const std::string heat =
      heat_svg({"h", "t", "s"}, levels, {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "", ""});
  const std::string trend =
      columns_svg({"c", "t", "s"}, std::vector<Columns>(31, {"31", {1, 1}}), {"Lượt truy cập", "Bị chặn"});
  for (const std::string& svg : {heat, trend}) {
    CHECK(svg.find("viewBox=\"0 0 400 ") != std::string::npos);
    for (const auto& [x, text] : texts_of(svg)) {
      CHECK(x <= widest);
      // Names of rows end where their rows begin; nothing is cut at the left.
      if (text == "Lượt truy cập" || text == "Wednesday") CHECK(x >= 9 * 8);
      if (text == "Lượt truy cập") CHECK(x >= 13 * 8);
    }
    // Rectangles end within the picture.
    for (std::size_t at = svg.find("<rect x=\""); at != std::string::npos;
         at = svg.find("<rect x=\"", at + 1)) {
      int x = 0, width = 0;
      std::from_chars(svg.data() + at + 9, svg.data() + svg.size(), x);
      const std::size_t wide = svg.find(" width=\"", at) + 8;
      std::from_chars(svg.data() + wide, svg.data() + svg.size(), width);
      CHECK(x + width <= widest);
    }
  }
}
