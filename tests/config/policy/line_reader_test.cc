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
      {"198.51.100.0/24", "network 198.51.100.0/24"},
      {"198.51.100.7/32", "network 198.51.100.7/32"},
      {"2001:DB8::/32", "network 2001:db8::/32"},
      {"0.0.0.0/0", "network 0.0.0.0/0"},
      {"198.51.100.7/24", ""},
      {"2001:db8::1/32", ""},
      {"http://198.51.100.0/24", "198.51.100.0/24"},
      {"198.51.100.0/33", "198.51.100.0/33"},
      {"198.51.100.0/24/x", "198.51.100.0/24/x"},
      {"*.198.51.100.0/24", "198.51.100.0/24"},
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
      const bool network = rule && rule->kind == RuleKind::network;
      CHECK((network ? "network " : "") + (rule ? rule->text : "") == row.rule);
      if (rule.failed()) CHECK_FALSE(rule.error().message.empty());
    }
  }
}

TEST_CASE("a network with host bits is told with the right one", "[config][lines][network]") {
  const auto rule = rule_from_text("198.51.100.7/24");
  REQUIRE(rule.failed());
  CHECK(rule.error().message == "it has more than zeros behind its mask; the network is 198.51.100.0/24");
}

}  // namespace schoolgate
