#include "proxy/audit/safe_text.h"

#include <catch2/catch.hpp>

using namespace schoolgate::audit;

TEST_CASE("printable: nothing moves the cursor or the reading order", "[audit]") {
  struct Case {
    const char* name;
    std::string in, want;
  };
  const Case cases[] = {
      {"plain text stays", "vi.wikipedia.org/wiki/Toán_học", "vi.wikipedia.org/wiki/Toán_học"},
      {"line ends", "a\r\nb", R"(a\x0D\x0Ab)"},
      {"a terminal's escape", "\x1b[2J", R"(\x1B[2J)"},
      {"NUL and DEL", std::string("\0\x7f", 2), R"(\x00\x7F)"},
      {"C1: CSI in UTF-8", "\xc2\x9b", R"(\xC2\x9B)"},
      {"right-to-left override",
       "a\xe2\x80\xae"
       "b",
       R"(a\xE2\x80\xAEb)"},
      {"isolates", "\xe2\x81\xa6", R"(\xE2\x81\xA6)"},
      {"zero width space", "\xe2\x80\x8b", R"(\xE2\x80\x8B)"},
      {"line separator", "\xe2\x80\xa8", R"(\xE2\x80\xA8)"},
      {"tag characters", "\xf3\xa0\x80\x81", R"(\xF3\xA0\x80\x81)"},
      {"a lone byte", "a\xff", R"(a\xFF)"},
      {"a cut sequence", "\xe2\x80", R"(\xE2\x80)"},
      {"an overlong slash", "\xc0\xaf", R"(\xC0\xAF)"},
      {"a surrogate", "\xed\xa0\x80", R"(\xED\xA0\x80)"},
      {"past the last character", "\xf4\x90\x80\x80", R"(\xF4\x90\x80\x80)"},
      {"a forged escape is told apart", R"(\x1B)", R"(\x5Cx1B)"},
      {"four bytes", "\xf0\x9f\x8f\xab", "\xf0\x9f\x8f\xab"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(printable(c.in) == c.want);
    }
  }
}

TEST_CASE("csv_cell: no formula, no broken row", "[audit]") {
  struct Case {
    const char *in, *want;
  };
  const Case cases[] = {
      {"plain.vn", "plain.vn"},
      {"", ""},
      {"=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""},
      {"+1", "\"'+1\""},
      {"-1", "\"'-1\""},
      {"@SUM(A1)", "\"'@SUM(A1)\""},
      {"\t=1", "\\x09=1"},
      {"a,b", "\"a,b\""},
      {"a\"b", "\"a\"\"b\""},
      {"a\nb", "a\\x0Ab"},
      {"a b", "\"a b\""},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.in) {
      CHECK(csv_cell(c.in) == c.want);
    }
  }
}

TEST_CASE("json_string: valid JSON whatever comes in", "[audit]") {
  struct Case {
    const char* name;
    std::string in, want;
  };
  const Case cases[] = {
      {"quotes and backslashes", R"(a"b\d)", R"("a\"b\\d")"},
      {"controls", std::string("\0\n\x1b", 3), R"("\u0000\u000a\u001b")"},
      {"bidi, lossless", "\xe2\x80\xae", R"("\u202e")"},
      {"over the first plane", "\xf3\xa0\x80\x81", R"("\udb40\udc01")"},
      {"no UTF-8", "a\xff", "\"a\xef\xbf\xbd\""},
      {"letters stay", "Trường", "\"Trường\""},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(json_string(c.in) == c.want);
    }
  }
}
