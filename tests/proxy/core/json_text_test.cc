#include "proxy/core/json_text.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

TEST_CASE("JSON text", "[core]") {
  JsonArray numbers;
  numbers.raw("1").add("a\"b").add(JsonObject().add("x", true));
  JsonObject object;
  object.add("text", "\x1b")
      .add("n", -5)
      .add("list", numbers)
      .add_or_null("none", "")
      .add("empty", JsonObject());
  CHECK(object.text() ==
        "{\"text\":\"\\u001b\",\"n\":-5,\"list\":[1,\"a\\\"b\",{\"x\":true}],\"none\":null,\"empty\":{}}");
}
