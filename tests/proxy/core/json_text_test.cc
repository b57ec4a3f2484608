#include "proxy/core/json_text.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>

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

TEST_CASE("JSON text: nothing in it is still a value, and empty is not null", "[core]") {
  CHECK(JsonObject().text() == "{}");
  CHECK(JsonObject().add("text", "").text() == R"({"text":""})");
}

TEST_CASE("JSON text: keys are escaped as values are", "[core]") {
  CHECK(JsonObject().add("a\"b\n", "c\\").text() == R"({"a\"b\u000a":"c\\"})");
}

TEST_CASE("JSON text: a text is no bool, and the largest numbers are exact", "[core]") {
  const char* const text = "yes";
  CHECK(JsonObject().add("a", text).text() == R"({"a":"yes"})");
  CHECK(JsonObject().add("n", std::numeric_limits<std::uint64_t>::max()).text() ==
        R"({"n":18446744073709551615})");
  CHECK(JsonObject().add("n", std::numeric_limits<std::int64_t>::min()).text() ==
        R"({"n":-9223372036854775808})");
  CHECK(JsonObject().add("n", std::uint8_t{7}).text() == R"({"n":7})");  // no letter
}
