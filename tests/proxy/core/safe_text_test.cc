#include "proxy/core/safe_text.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

TEST_CASE("csv_cell: no formula, no broken row", "[core]") {
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
      {"a\nb", "a\\x0ab"},
      {"a b", "\"a b\""},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.in) {
      CHECK(csv_cell(c.in) == c.want);
    }
  }
}

TEST_CASE("json_string: valid JSON whatever comes in", "[core]") {
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
