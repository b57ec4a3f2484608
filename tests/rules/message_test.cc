#include "rules/message.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <type_traits>

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

TEST_CASE("the words of another program are told apart where its language is not the reader's",
          "[rules][message]") {
  const Message message = Message::foreign("missing )");
  CHECK(message.english() == "missing )");
  CHECK(message.in(backwards) == "\"missing )\"");
  CHECK(message == "missing )");
}

// Only say() makes a sentence; a text becomes a message where that is written.
static_assert(!std::is_convertible_v<const char*, Message>);
static_assert(!std::is_convertible_v<std::string, Message>);
static_assert(!std::is_convertible_v<std::string_view, Message>);
static_assert(!std::is_convertible_v<int, Message>);
static_assert(!std::is_constructible_v<Message, char>);  // a number, or a text?
static_assert(!std::is_constructible_v<Message, bool>);

TEST_CASE("numbers are grouped by thousands as each language does it", "[rules][message]") {
  const Catalogue points = [](std::string_view english) noexcept -> std::string_view {
    return english == "{},{}" ? "{}.{}" : "";
  };
  CHECK(grouped(0).english() == "0");
  CHECK(grouped(999).in(points) == "999");
  CHECK(grouped(1'000).english() == "1,000");
  CHECK(grouped(1'020'003).english() == "1,020,003");
  CHECK(grouped(1'020'003).in(points) == "1.020.003");
  CHECK(grouped(18'446'744'073'709'551'615U).english() == "18,446,744,073,709,551,615");
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
