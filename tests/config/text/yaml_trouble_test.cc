// Where a text that is no YAML goes wrong. What is said of it stands in
// tests/golden/diagnostics/tired_yaml.txt.
#include "config/text/yaml_trouble.h"

#include <catch2/catch.hpp>

#include "config/text/yaml_reader.h"

namespace schoolgate {
namespace {

TEST_CASE("the first place that goes wrong", "[config][yaml_trouble]") {
  struct Row {
    const char *name, *text;
    SourcePos pos;  // {0, 0}: none
  };
  const Row rows[] = {
      {"nothing", "a: 1\nb:\n  - c\n  - {d: e, f: 'g'}\nh: [i,\n  j]\n", {0, 0}},
      {"a text over two lines", "a: one\n  two\nb:\n  three\n  four\n", {0, 0}},
      {"a text below its key", "a: |\n  any [ \" text\nb: >\n  - {\n\n  more\nc: d\n", {0, 0}},
      {"items at the key's own column", "a:\n- b\n- c: d\n  e: f\ng: h\n", {0, 0}},
      {"items in items", "- - a\n  - b\n- c\n", {0, 0}},
      {"quotes with quotes", "a: 'it''s' # no\nb: \"say \\\"c\\\"\"\n'd e': f\n", {0, 0}},
      {"a bracket", "a: [b, c\nd: e\n", {1, 4}},
      {"the inner one", "a: {b: [c, d}\n", {1, 8}},
      {"a quote", "a: b\nc: \"d\ne: f\n", {2, 4}},
      {"a tab", "a:\n \t- b\n", {2, 2}},
      {"a tab before a comment is none", "a: b\n\t# c\n\t\n", {0, 0}},
      {"a colon", "a: b: c\n", {1, 5}},
      {"no colon", "a: b\nc\nd: e\n", {2, 1}},
      {"no blank behind it", "a: b\nc:d\ne: f\n", {2, 1}},
      {"between two columns", "a:\n    b: c\n  d: e\n", {3, 3}},
      {"too deep", "a: b\n  c: d\n", {2, 3}},
      {"Windows' ends of lines", "a: b\r\nc: [d\r\ne: f\r\n", {2, 4}},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const auto trouble = find_yaml_trouble(row.text, 1000);
      CHECK((trouble ? trouble->pos : SourcePos{}) == row.pos);
      if (trouble) CHECK_FALSE(trouble->message.empty());
      // What goes wrong below the place where the parser gave up is none of its reasons.
      if (trouble) CHECK_FALSE(find_yaml_trouble(row.text, row.pos.line - 1));
    }
  }
}

}  // namespace
}  // namespace schoolgate
