#include "config/text/yaml_reader.h"

#include <catch2/catch.hpp>
#include <string>

#include "config/text/diag_codes.h"

namespace schoolgate {
namespace {

// The first code that is complained of, 0 if the text is good.
int code_of(const std::string& text) {
  Diagnostics out;
  const auto node = read_yaml(text, "x.yaml", out);
  CHECK(node.has_value() == out.empty());
  return out.empty() ? 0 : out.front().code;
}

std::string repeat(const std::string& text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST_CASE("the tree keeps kinds, quotes and places", "[config][yaml]") {
  Diagnostics out;
  const auto root = read_yaml(
      "\xEF\xBB\xBF"
      "a: no\nb: \"no\"\nc: [1, {d: x}]\ne:\nf: |\n  two\n  lines\n",
      "x.yaml", out);
  REQUIRE(root);
  CHECK(root->kind == YamlNode::Kind::map);
  CHECK(root->find("a")->text == "no");
  CHECK_FALSE(root->find("a")->quoted);
  CHECK(root->find("b")->quoted);
  CHECK(root->find("b")->pos == SourcePos{2, 4});
  CHECK(root->find("b")->length == 4);
  CHECK(root->find("c")->children[1].find("d")->text == "x");
  CHECK(root->find("e")->kind == YamlNode::Kind::null);
  CHECK(root->find("e")->pos == SourcePos{4, 1});  // an absent value shows its key
  CHECK(root->find("f")->text == "two\nlines\n");
  CHECK(root->find("g") == nullptr);
}

TEST_CASE("columns count bytes", "[config][yaml]") {
  Diagnostics out;
  const auto root = read_yaml("tiếng Việt: [ắ, b]\n", "x.yaml", out);
  REQUIRE(root);
  CHECK(root->children[1].children[1].pos == SourcePos{1, 23});
}

TEST_CASE("bounds", "[config][yaml]") {
  struct Row {
    const char* name;
    std::string text;
    int code;
  };
  const Row rows[] = {
      {"32 levels are enough", "a: " + repeat("[", 31) + repeat("]", 31), 0},
      {"33 are not", "a: " + repeat("[", 32) + repeat("]", 32), diag::yaml_too_deep},
      {"a hundred thousand brackets", repeat("[", 100'000), diag::yaml_too_deep},
      {"a hundred thousand braces", repeat("{a: ", 100'000), diag::yaml_too_deep},
      {"a hundred thousand dashes", repeat("- ", 100'000), diag::yaml_too_deep},
      {"200,000 values", "[" + repeat("a,", 199'999) + "]", 0},
      {"one more", "[" + repeat("a,", 200'000) + "]", diag::yaml_too_long},
      {"4 MiB of text", "a: " + std::string(YamlLimits::bytes - 3, 'x'), 0},
      {"a byte more", "a: " + std::string(YamlLimits::bytes - 2, 'x'), diag::file_too_large},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      CHECK(code_of(row.text) == row.code);
    }
  }
}

TEST_CASE("what yaml-cpp's own loader loses", "[config][yaml]") {
  struct Row {
    const char *name, *text;
    int code;
  };
  const Row rows[] = {
      {"a list, then keys", "- a\nb: 1\n", diag::second_document},
      {"a second document", "a: 1\n---\nb: 2\n", diag::second_document},
      {"an end mark, then more", "a: 1\n...\nb: 2\n", diag::second_document},
      {"an end mark alone", "a: 1\n...\n", 0},
      {"a start mark alone", "---\na: 1\n", 0},
      {"a duplicate in a flow map", "{a: 1, b: 2, a: 3}\n", diag::duplicate_key},
      {"a duplicate with quotes", "a: 1\n\"a\": 2\n", diag::duplicate_key},
      {"a merge key", "<<: {a: 1}\n", diag::yaml_anchor},
      {"a quoted merge key is a name", "\"<<\": 1\n", 0},
      {"an alias", "a: *b\n", diag::yaml_syntax},
      {"an anchor", "a: &b 1\n", diag::yaml_anchor},
      {"a tag", "a: !!int 1\n", diag::yaml_tag},
      {"a key that is a map", "{a: 1}: 2\n", diag::key_not_text},
      {"an empty key", ": 1\n", diag::key_not_text},
      {"a lone comma does not hang", ",", diag::second_document},
      {"a quote that runs on", "a: \"b\nc\"\n", diag::yaml_syntax},
      {"an escape for a control character", "a: \"b\\0\"\n", diag::control_character},
      {"an escape that yields half a character", "a: \"b\\N\"\n", diag::control_character},
      {"another, in a key", "\"b\\_\": 1\n", diag::control_character},
      {"an escape that yields a whole one", "a: \"b\\u0110\"\n", 0},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      CHECK(code_of(row.text) == row.code);
    }
  }
}

TEST_CASE("an alias bomb is refused before it grows", "[config][yaml]") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeat(before + ", ", 8) + before +
            "]\n";
  }
  Diagnostics out;
  CHECK_FALSE(read_yaml(bomb, "x.yaml", out));
  CHECK(out.front().code == diag::yaml_anchor);
  CHECK(out.size() == 100);
}

TEST_CASE("a flood of mistakes ends", "[config][yaml]") {
  Diagnostics out;
  CHECK_FALSE(read_yaml(repeat("a: 1\n", 50'000), "x.yaml", out));
  CHECK(out.size() == 100);
}

}  // namespace
}  // namespace schoolgate
