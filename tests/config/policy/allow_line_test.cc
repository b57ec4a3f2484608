#include "config/policy/allow_line.h"

#include <catch2/catch.hpp>

#include "config/text/yaml_reader.h"

using namespace schoolgate;

TEST_CASE("a line is put into a tier's file and nothing else is touched", "[config][allow_line]") {
  struct Row {
    const char* name;
    const char* before;
    const char* after;
  };
  const std::string item = R"({domain: "a.vn", why: "x \"y\" \\"})";
  const Row rows[] = {
      {"no allow yet", "tier: t\n# end", "tier: t\n# end\nallow:\n  - ITEM\n"},
      {"a list, with words about it",
       "tier: t\nallow:  # ours\n  # first\n    - b.vn  # why\n    - c.vn\nblock: []\n",
       "tier: t\nallow:  # ours\n  # first\n    - ITEM\n    - b.vn  # why\n    - c.vn\nblock: []\n"},
      {"a list that is not indented", "allow:\n- b.vn\ntier: t\n", "allow:\n- ITEM\n- b.vn\ntier: t\n"},
      {"a list that begins with keys", "allow:\n  - {domain: b.vn, why: z}\n",
       "allow:\n  - ITEM\n  - {domain: b.vn, why: z}\n"},
      {"within brackets", "allow: [b.vn, c.vn]\n", "allow: [ITEM, b.vn, c.vn]\n"},
      {"within empty brackets", "allow: []\ntier: t\n", "allow: [ITEM]\ntier: t\n"},
      {"nothing behind the key", "tier: t\nallow:  # none yet\nblock: [x.vn]\n",
       "tier: t\nallow:  # none yet\n  - ITEM\nblock: [x.vn]\n"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const auto changed = with_allow_line(row.before, "a.vn", "x \"y\" \\");
      REQUIRE(changed);
      std::string want = row.after;
      want.replace(want.find("ITEM"), 4, item);
      CHECK(*changed == want);
      Diagnostics problems;
      const auto read = read_yaml(*changed, "t", problems);
      REQUIRE(read);
      const YamlNode& first = read->find("allow")->children.front();
      CHECK(first.find("domain")->text == "a.vn");
      CHECK(first.find("why")->text == "x \"y\" \\");
    }
}

TEST_CASE("a file that takes no line is left alone", "[config][allow_line]") {
  for (const char* text :
       {"", "- a\n", "allow: b.vn\n", "allow: {a: b}\n", "{tier: t}\n", "a: [", "tier: \x01\n"}) {
    INFO(text);
    const auto changed = with_allow_line(text, "a.vn", "x");
    // "{tier: t}" is read, but has no place for a key of its own.
    CHECK((changed.failed() || std::string(text).starts_with("{")));
  }
}
