#include "rules/diagnostic.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

TEST_CASE("a diagnostic reads like a compiler's", "[rules][diagnostic]") {
  Diagnostic d{Severity::error,
               1204,
               "policy.yaml",
               {12, 9},
               7,
               say("unknown category \"{}\"", "gambing"),
               say("did you mean \"{}\"?", "gambling")};
  CHECK(to_text(d, "  block: gambing", nullptr, false) ==
        "policy.yaml:12:9: error SG1204: unknown category \"gambing\"\n"
        "      block: gambing\n"
        "            ^~~~~~~\n"
        "    hint: did you mean \"gambling\"?\n");

  SECTION("without a line, a column, a file, a code or a hint") {
    d.hint = {};
    d.pos.column = 0;
    CHECK(to_text(d, "", nullptr, false) == "policy.yaml:12: error SG1204: unknown category \"gambing\"\n");
    d.pos.line = 0;
    CHECK(to_text(d, "", nullptr, false) == "policy.yaml: error SG1204: unknown category \"gambing\"\n");
    d.file.clear();
    d.code = 0;
    d.severity = Severity::warning;
    CHECK(to_text(d, "", nullptr, false) == "warning: unknown category \"gambing\"\n");
  }
  SECTION("in another language") {
    const Catalogue catalogue = [](std::string_view english) noexcept -> std::string_view {
      if (english == "error") return "lỗi";
      if (english == "hint: {}") return "gợi ý: {}";
      if (english == "unknown category \"{}\"") return "không có nhóm \"{}\"";
      return {};
    };
    CHECK(to_text(d, "", catalogue, false) ==
          "policy.yaml:12:9: lỗi SG1204: không có nhóm \"gambing\"\n"
          "    gợi ý: did you mean \"gambling\"?\n");
  }
  SECTION("colour wraps, and changes no word") {
    std::string text = to_text(d, "  block: gambing", nullptr, true);
    CHECK(text.find("\x1b[1;31merror SG1204:\x1b[0m") != std::string::npos);
    for (std::size_t at; (at = text.find('\x1b')) != std::string::npos;)
      text.erase(at, text.find('m', at) - at + 1);
    CHECK(text == to_text(d, "  block: gambing", nullptr, false));
  }
}

TEST_CASE("the caret stands under its place", "[rules][diagnostic]") {
  struct Row {
    const char* name;
    const char* line;
    std::uint32_t column, length;
    const char* want;  // the two lines
  };
  const Row rows[] = {
      {"at the start", "abc", 1, 1, "    abc\n    ^\n"},
      {"past the end", "abc", 9, 3, "    abc\n       ^\n"},
      {"a tab counts one", "\tx", 2, 1, "     x\n     ^\n"},
      {"columns are bytes, carets are glyphs", "t\u1eeb x", 6, 1, "    t\u1eeb x\n       ^\n"},
      {"a combining mark takes no room", "e\u0301x", 4, 1, "    e\u0301x\n     ^\n"},
      {"an escaped byte takes four", "\x01x", 2, 1, "    \\x01x\n        ^\n"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const Diagnostic d{Severity::error, 1, "f", {1, row.column}, row.length, Message("m"), {}};
      CHECK(to_text(d, row.line, nullptr, false) ==
            std::string("f:1:") + std::to_string(row.column) + ": error SG0001: m\n" + row.want);
    }
}

TEST_CASE("printable() leaves nothing that moves a terminal", "[rules][diagnostic]") {
  struct Row {
    std::string text, want;
  };
  const Row rows[] = {
      {"plain \u0111\u01b0\u1eddng", "plain \u0111\u01b0\u1eddng"},
      {"a\x1b[2Jb", "a\\x1b[2Jb"},
      {"a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd"},
      {std::string("a\0b", 3), "a\\x00b"},
      {"\x7f", "\\x7f"},
      {"\u202egnp.exe", "\\xe2\\x80\\xaegnp.exe"},
      {"\u2066x", "\\xe2\\x81\\xa6x"},
      {"\u0085", "\\xc2\\x85"},
      {"\xff\xfe", "\\xff\\xfe"},
      {"\xe1\xbb", "\\xe1\\xbb"},
      {"\xc0\xaf", "\\xc0\\xaf"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.want) {
      CHECK(printable(row.text) == row.want);
    }
}

TEST_CASE("only errors are errors", "[rules][diagnostic]") {
  Diagnostics list{{Severity::warning, 1, "", {}, 0, {}, {}}, {Severity::note, 2, "", {}, 0, {}, {}}};
  CHECK_FALSE(has_errors(list));
  list.push_back({Severity::error, 3, "", {}, 0, {}, {}});
  CHECK(has_errors(list));
  CHECK_FALSE(has_errors({}));
}
