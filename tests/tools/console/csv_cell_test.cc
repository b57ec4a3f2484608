#include "tools/console/csv_cell.h"

#include <catch2/catch.hpp>

using namespace schoolgate::tools;

TEST_CASE("csv_cell: no formula, no broken row", "[tools]") {
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
