#include "proxy/core/json_text.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

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

TEST_CASE("JSON text", "[core]") {
  JsonArray numbers;
  CHECK(numbers.empty());
  CHECK(numbers.text() == "[]");
  numbers.raw("1").add("a\"b").add(JsonObject().add("x", true));
  CHECK_FALSE(numbers.empty());
  JsonObject object;
  object.add("text", "\x1b")
      .add("n", -5)
      .add("list", numbers)
      .add_or_null("none", "")
      .add("empty", JsonObject());
  CHECK(object.text() ==
        "{\"text\":\"\\u001b\",\"n\":-5,\"list\":[1,\"a\\\"b\",{\"x\":true}],\"none\":null,\"empty\":{}}");
}
