#include "proxy/web/labelled_tables.h"

#include <catch2/catch.hpp>

#include "tests/proxy/web/fakes.h"

using namespace schoolgate;
using namespace schoolgate::web_test;
using Catch::Matchers::Contains;

TEST_CASE("each cell knows its column's name", "[web][tables]") {
  struct Row {
    const char *name, *html, *want;
  };
  const Row rows[] = {
      {"none", "<p>text</p>", "<p>text</p>"},
      {"one",
       "<p>a</p><table><thead><tr><th scope=\"col\">Who</th><td></td></tr></thead><tbody><tr><th "
       "scope=\"row\">x</th><td>y</td><td>z</td></tr></tbody></table><td>",
       "<p>a</p><table><thead><tr><th scope=\"col\">Who</th><td></td></tr></thead><tbody><tr><th "
       "data-label=\"Who\" scope=\"row\">x</th><td>y</td><td>z</td></tr></tbody></table><td>"},
      {"two, and elements within",
       "<table><thead><tr><th><b>A &quot;1&quot;</b></th></tr></thead><tr><td class=\"x\"><b>1</b></td></tr>"
       "<tr><td>2</td></tr></table>-<table><thead><tr><th>B</th></tr></thead><tr><td>3</td></tr></table>",
       "<table><thead><tr><th><b>A &quot;1&quot;</b></th></tr></thead><tr><td data-label=\"A &quot;1&quot;\" "
       "class=\"x\"><b>1</b></td></tr><tr><td data-label=\"A &quot;1&quot;\">2</td></tr></table>-<table>"
       "<thead><tr><th>B</th></tr></thead><tr><td data-label=\"B\">3</td></tr></table>"},
      {"cut", "<table><thead><tr><th>A</th></tr>", "<table><thead><tr><th>A</th></tr>"},
      {"ends before it begins", "</table></thead><thead>", "</table></thead><thead>"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(labelled_tables(row.html) == row.want);
    }
}

TEST_CASE("no cell of a page's table is without its column's name", "[web][tables]") {
  Staff school;
  const std::string auditor = school.sign_in("auditor");
  CHECK_THAT(school.get("/log?lang=vi", auditor).body,
             Contains("<td data-label=\"Cấp học\">THCS</td>") && !Contains("<td>THCS"));
  CHECK_THAT(school.get("/rooms", auditor).body, Contains("<th data-label=\"Room\" scope=\"row\">"));
}
