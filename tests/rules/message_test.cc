#include "rules/message.h"

#include <catch2/catch.hpp>

namespace schoolgate {
namespace {

std::string_view backwards(std::string_view english) noexcept {
  if (english == "{} of {}") return "{1}: {0}";
  if (english == "a list") return "một danh sách";
  return {};
}

TEST_CASE("a sentence takes its values in the order of its language", "[rules][message]") {
  const Message message = say("{} of {}", 3, say("a list"));
  CHECK(message.english() == "3 of a list");
  CHECK(message.in(backwards) == "một danh sách: 3");
  CHECK(message.sentence() == "{} of {}");
}

TEST_CASE("what no catalogue has stays English, and what a person wrote stays itself", "[rules][message]") {
  CHECK(say("unknown key {}", "a list").in(backwards) == "unknown key a list");
  CHECK(Message("a list").in(backwards) == "a list");
  CHECK(Message().empty());
  CHECK(Message("").empty());
  CHECK_FALSE(say("a list").empty());
}

TEST_CASE("braces that hold no number are no places", "[rules][message]") {
  static_assert(places_of("https: {mode: inspect, reason: {}}") == 1);
  static_assert(places_of("{1} {0}") == 2);
  static_assert(places_of("{x} { } {10} {") == 0);
  CHECK(say("write {mode: {}} here {", "names").english() == "write {mode: names} here {");
  CHECK(say("{}", "{}").english() == "{}");
}

}  // namespace
}  // namespace schoolgate
