// What the pages and the proxy say to each other.
#include "config/web_question.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

TEST_CASE("questions of the pages", "[config][web]") {
  const auto asked = parse_web_question("change\taccount=lan\ttarget=a=b\twhy=\n");
  REQUIRE(asked);
  CHECK(asked->verb == "change");
  CHECK(asked->get("account") == "lan");
  CHECK(asked->get("target") == "a=b");
  CHECK(asked->get("why").empty());
  CHECK(asked->get("nothing").empty());
  for (const char* bad :
       {"", "\n", "a=b", "tier\tx", "tier\t=x", "tier\ta=1\ta=2", "tier\ta=\x1b", "tier\ta=1\nx"})
    CHECK_FALSE(parse_web_question(bad));
  CHECK_FALSE(parse_web_question("tier\ta=" + std::string(1000, 'x')));
}

TEST_CASE("nothing is asked that would be read otherwise", "[config][web]") {
  CHECK(to_text({"tier", {{"lang", "vi"}, {"tier", "thcs"}}}) == "tier\tlang=vi\ttier=thcs");
  CHECK_FALSE(to_text({"tier", {{"tier", "thcs\taccount=root"}}}));
  CHECK_FALSE(to_text({"tier", {{"tier", "a\nb"}}}));
  CHECK_FALSE(to_text({"tier", {{"a=b", "c"}}}));
}

TEST_CASE("rows of an answer", "[config][web]") {
  const std::string text = web_row({"list", "a\tb", "c\nd", ""}) + web_row({"list", "x"});
  CHECK(text == "list\ta b\tc d\t\nlist\tx\n");
  CHECK(web_rows(text) == std::vector<std::vector<std::string>>{{"list", "a b", "c d", ""}, {"list", "x"}});
  CHECK(web_rows("").empty());
}

TEST_CASE("a text in a field comes back as it was, and only where a text is asked for", "[config][web]") {
  for (const std::string& text : {std::string(), std::string("version: 1\ntier: thcs\n"),
                                  std::string("a\\n\\\tb\n"), std::string("allow: [\"x\\\\y\"]\n")}) {
    CHECK(packed_text(text).find_first_of("\n\t") == std::string::npos);
    CHECK(unpacked_text(packed_text(text)) == text);
  }
  for (const char* bad : {"\\", "a\\x", "\\\\\\"}) CHECK_FALSE(unpacked_text(bad));
  const std::string large(most_text_question - 100, 'x');
  CHECK(parse_web_question("edit\ttext=" + large));
  CHECK_FALSE(parse_web_question("edit\ttext=" + large + large));
  CHECK_FALSE(parse_web_question("tier\ttext=" + large));
}
