#include "config/policy/line_reader.h"

#include <catch2/catch.hpp>
#include <string>

namespace schoolgate {

TEST_CASE("sites as people write them", "[config][lines]") {
  struct Row {
    const char *written, *rule;  // "" = refused
  };
  const Row rows[] = {
      {"a.vn", "a.vn"},
      {"https://www.A.vn/", "www.a.vn"},
      {"*.a.vn", "a.vn"},
      {".a.vn", "a.vn"},
      {"a.vn/Tin tức", ""},
      {"a.vn/Lớp/1", "a.vn/lớp/1"},
      {"bücher.de", "xn--bcher-kva.de"},
      {"https://Trường.vn/Lớp", "xn--trng-rib8295b.vn/lớp"},
      {"xn--bcher-kva.de", "xn--bcher-kva.de"},
      {"127.0.0.1", "127.0.0.1"},
      {"[::1]", "::1"},
      {"a b.vn", ""},
      {"a.*.vn", ""},
      {"a.vn:8080", ""},
      {"u@a.vn", ""},
      {"a.vn/#x", ""},
      {"bü cher.de", ""},
      {"\xff.vn", ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.written) {
      const auto rule = rule_from_text(row.written);
      CHECK((rule ? rule->text : "") == row.rule);
      if (rule.failed()) CHECK_FALSE(rule.error().message.empty());
    }
  }
}

}  // namespace schoolgate
