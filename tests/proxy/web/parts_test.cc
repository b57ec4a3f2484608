// The small parts of the pages: forms, codes of a phone, names.
#include <catch2/catch.hpp>

#include "proxy/core/pages/embedded.h"
#include "proxy/web/account.h"
#include "proxy/web/form.h"
#include "proxy/web/totp.h"

using namespace schoolgate;
using namespace schoolgate::web;

TEST_CASE("forms as browsers send them, and as attackers do", "[web][form]") {
  struct Row {
    const char* name;
    std::string text;
    std::optional<Fields> want;
  };
  const Row rows[] = {
      {"none", "", Fields{}},
      {"two", "a=1&b=2", Fields{{"a", "1"}, {"b", "2"}}},
      {"blanks and escapes", "a=x+y%21&b=%C3%AA", Fields{{"a", "x y!"}, {"b", "ê"}}},
      {"no value", "a&b=", Fields{{"a", ""}, {"b", ""}}},
      {"an equals sign in a value", "a=b=c", Fields{{"a", "b=c"}}},
      {"empty pairs", "&&a=1&", Fields{{"a", "1"}}},
      {"lines", "a=x%0D%0Ay", Fields{{"a", "x\r\ny"}}},
      {"a broken escape", "a=%4", std::nullopt},
      {"no hexadecimal digit", "a=%zz", std::nullopt},
      {"a NUL", "a=%00", std::nullopt},
      {"a control character", "a=%1b[2J", std::nullopt},
      {"no UTF-8", "a=%ff", std::nullopt},
      {"a cut letter", "a=%C3", std::nullopt},
      {"too long", "a=" + std::string(most_form_bytes, 'x'), std::nullopt},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(parse_form(row.text) == row.want);
    }
  std::string many;
  for (std::size_t i = 0; i <= most_form_fields; ++i) many += "a=1&";
  CHECK_FALSE(parse_form(many));
  CHECK(parse_form("a=" + encode_value("ê&=% +"))->front().second == "ê&=% +");
}

TEST_CASE("cookies", "[web][form]") {
  CHECK(parse_cookies("a=1; __Host-sg=abc;b") == Fields{{"a", "1"}, {"__Host-sg", "abc"}});
  CHECK(parse_cookies("").empty());
  CHECK(field(parse_cookies("a=1; a=2"), "a") == "1");
}

// RFC 6238, appendix B, the last six of its eight digits.
TEST_CASE("codes of a phone", "[web][totp]") {
  const std::string secret = "12345678901234567890";
  struct Row {
    std::uint64_t seconds;
    const char* code;
  };
  for (const Row& row : {Row{59, "287082"}, Row{1111111109, "081804"}, Row{1111111111, "050471"},
                         Row{1234567890, "005924"}, Row{2000000000, "279037"}, Row{20000000000, "353130"}})
    CHECK(totp_code(secret, row.seconds / 30) == row.code);
  const std::string base32 = to_base32(secret);
  CHECK(base32 == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  CHECK(from_base32("gezd gnbv gy3t qojq gezd gnbv gy3t qojq") == secret);
  CHECK_FALSE(from_base32("0189"));
  CHECK(totp_step(base32, "050471", 1111111111, 0) == 1111111111 / 30);
  CHECK(totp_step(base32, "050 471", 1111111111 + 30, 0) == 1111111111 / 30);
  CHECK_FALSE(totp_step(base32, "050471", 1111111111 + 90, 0));
  CHECK_FALSE(totp_step(base32, "050471", 1111111111, 1111111111 / 30));
  CHECK_FALSE(totp_step(base32, "", 1111111111, 0));
  CHECK_FALSE(totp_step("", "050471", 1111111111, 0));
}

TEST_CASE("names of accounts", "[web]") {
  for (const char* good : {"lan", "co.lan_2", "a"}) CHECK(is_account_name(good));
  for (const char* bad : {"", "Lan", "2lan", "l n", "lan\n", "làn", "-a"}) CHECK_FALSE(is_account_name(bad));
  CHECK_FALSE(is_account_name(std::string(33, 'a')));
}

TEST_CASE("the one script of the pages is small", "[web]") {
  CHECK(embedded_file("staff.js").size() > 100);
  CHECK(embedded_file("staff.js").size() <= 4096);
  CHECK(embedded_file("staff.css").size() > 100);
}
