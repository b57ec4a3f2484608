// That a telephone reads them is tried with a reader: tests/integration/test_qr.py.
#include "proxy/core/pages/qr_code.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

using namespace schoolgate;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

namespace {

// What tells a reader where a code is: a dark ring of 7 modules around a dark square of 3.
bool finds_corner(const QrCode& code, int left, int top) {
  for (int row = 0; row < 7; ++row)
    for (int column = 0; column < 7; ++column) {
      const bool ring = row == 0 || row == 6 || column == 0 || column == 6;
      const bool square = row >= 2 && row <= 4 && column >= 2 && column <= 4;
      if (code.dark(left + column, top + row) != (ring || square)) return false;
    }
  return true;
}

std::size_t qr_lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("a QR code is as small as its text allows", "[core][qr]") {
  struct Case {
    const char* name;
    std::string text;
    int side;
  };
  const Case cases[] = {
      {"14 bytes", "http://10.0.0.", 21},
      {"an address", "http://10.0.0.1/test", 25},
      {"digits are shorter than letters", std::string(34, '7'), 21},
      {"so are capitals", std::string(20, 'A'), 21},
      {"a checksum", std::string(64, 'f'), 37},
      {"bytes of any kind", "Trường\xff", 21},
      {"the longest", std::string(2331, 'x'), 177},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto code = QrCode::of(c.text);
      REQUIRE(code);
      CHECK(code->side() == c.side);
      CHECK(finds_corner(*code, 0, 0));
      CHECK(finds_corner(*code, c.side - 7, 0));
      CHECK(finds_corner(*code, 0, c.side - 7));
      CHECK_FALSE(finds_corner(*code, c.side - 7, c.side - 7));
      CHECK_FALSE(code->dark(-1, 0));
      CHECK_FALSE(code->dark(0, c.side));
    }
  }
}

TEST_CASE("no QR code of what none can hold", "[core][qr]") {
  CHECK_FALSE(QrCode::of(""));
  CHECK_FALSE(QrCode::of(std::string("a\0b", 3)));
  CHECK_FALSE(QrCode::of(std::string(2332, 'x')));
  CHECK_FALSE(QrCode::of(std::string(1U << 20U, 'x')));
}

TEST_CASE("a QR code on a page: with its margin, a title, and nothing that a page forbids", "[core][qr]") {
  const std::string svg = QrCode::of("http://10.0.0.1/test")->svg("Mã QR của <http://10.0.0.1/test>");
  CHECK_THAT(svg, StartsWith("<svg class=\"qr\"") && Contains("viewBox=\"0 0 33 33\"") &&
                      Contains("role=\"img\"") &&
                      Contains("<title>Mã QR của &lt;http://10.0.0.1/test&gt;</title>") &&
                      Contains("d=\"M0 0h33v33H0z\"") && Contains("M4 4h7v1h-7z") && EndsWith("</svg>"));
  CHECK_THAT(svg, !Contains("style") && !Contains("<script"));
}

TEST_CASE("a QR code on a terminal: two rows of modules a line", "[core][qr]") {
  const auto code = QrCode::of("http://10.0.0.1/test");
  REQUIRE(code);
  const std::string plain = code->half_blocks(false), coloured = code->half_blocks(true);
  CHECK(qr_lines(plain) == 17);
  CHECK_THAT(plain, !Contains("\x1b"));
  std::string margin;
  for (int column = 0; column < 33; ++column) margin += "█";
  CHECK_THAT(plain, StartsWith(margin + "\n" + margin + "\n████ ▄▄▄▄▄ "));
  std::string end;  // the last line has an upper half alone
  for (int column = 0; column < 33; ++column) end += "▀";
  CHECK_THAT(plain, EndsWith(end + "\n"));
  CHECK_THAT(coloured, StartsWith("\x1b[38;5;231;48;5;16m" + margin + "\x1b[0m\n"));
}
