// What an update would make of a list: what comes and goes, what it opens, and when a person has to look.
#include "config/lists/list_change.h"

#include <catch2/catch.hpp>

#include "config/text/suggest.h"

namespace schoolgate {
namespace {

constexpr ListRole ordinary{}, locked{false, true}, protecting{true, false};

std::string hosts(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += "h" + std::to_string(i) + ".test\n";
  return text;
}

std::string why(std::optional<std::string> old, const std::string& now, ListRole role = ordinary,
                ListFormat format = ListFormat::adblock) {
  const ListChange change =
      compare_lists(old ? std::optional<std::string_view>(*old) : std::nullopt, now, format, role);
  if (change.no_list) return "no list: " + change.no_list->english();
  const auto reasons = why_wait(change, format, role);
  return join_messages(reasons).english();
}

TEST_CASE("what comes and what goes is counted and named", "[config][list_change]") {
  const ListChange change = compare_lists("a.test\nb.test\nc.test\n", "# new\nb.test\nd.test\nd.test\n",
                                          ListFormat::domains, ordinary);
  CHECK(change.was == 3);
  CHECK(change.is == 2);
  CHECK(change.come.count == 1);
  CHECK(change.come.examples == std::vector<std::string>{"d.test"});
  CHECK(change.go.count == 2);
  CHECK(change.opens.count == 0);
  CHECK(message_of(change) == "1 entry comes (d.test), 2 go (a.test, c.test)");
  CHECK(message_of(compare_lists("a.test\n", "a.test\n", ListFormat::domains, ordinary)) ==
        "the same 1 entry");
  CHECK(message_of(compare_lists(std::nullopt, hosts(0, 1200), ListFormat::domains, ordinary)) ==
        "1,200 entries, all of them new");
  CHECK(message_of(compare_lists("a.test\n", hosts(0, 5), ListFormat::domains, ordinary)) ==
        "5 entries come (h0.test, h1.test, h2.test, ...), 1 goes (a.test)");
}

TEST_CASE("the same text with another meaning is another entry", "[config][list_change]") {
  const ListChange change = compare_lists("a.test\n", ".a.test\n", ListFormat::dstdomain, ordinary);
  CHECK(change.come.count == 1);
  CHECK(change.go.count == 1);
  const ListChange lifted =
      compare_lists("||a.test^\n", "@@||a.test^\n||b.test^\n", ListFormat::adblock, ordinary);
  CHECK(lifted.opens.count == 1);
  CHECK(lifted.opens.examples == std::vector<std::string>{"@@a.test"});
}

TEST_CASE("public suffixes that come are told, where they are not meant", "[config][list_change]") {
  const std::string old = "a.test\ncom.vn\n", now = old + "net\nedu.vn\ngithub.io\nb.test\n";
  const ListChange change = compare_lists(old, now, ListFormat::domains, ordinary);
  CHECK(change.suffixes.count == 2);  // neither the one that was there, nor a hoster's
  CHECK(suffixes_left_out(change) ==
        "left out, for they would hold every site below a public suffix: 2 entries (edu.vn, net)");
  CHECK(why_wait(change, ListFormat::domains, ordinary).empty());
  CHECK(suffixes_left_out(compare_lists(old, old + "b.test\n", ListFormat::domains, ordinary)).empty());
  ListRole meant;
  meant.suffixes = true;
  CHECK(suffixes_left_out(compare_lists(old, now, ListFormat::domains, meant)).empty());
}

TEST_CASE("a list that shrank or grew a lot waits", "[config][list_change]") {
  struct Row {
    const char* name;
    int was, is;
    const char* want;
  };
  const Row rows[] = {
      {"as it was", 100, 100, ""},
      {"30 % less", 100, 70, ""},
      {"more than 30 % less", 100, 69, "it has shrunk from 100 entries to 69"},
      {"few lines come and go", 49, 1, ""},
      {"fifty do not", 50, 34, "it has shrunk from 50 entries to 34"},
      {"ten times as many", 10, 100, ""},
      {"more than ten times", 10, 101, "it has grown from 10 entries to 101"},
      {"of one", 1, 11, "it has grown from 1 entry to 11"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(why(hosts(0, row.was), hosts(0, row.is)) == row.want);
    }
  CHECK(why(std::nullopt, hosts(0, 5000)) == "");  // a new list may block as much as it likes
  // Exceptions make no list whole.
  CHECK(why(hosts(0, 2), "@@||a.test^\n") == "it has shrunk from 2 entries to 0");
}

TEST_CASE("a list that opens more than ten hosts waits, and one of a locked category that opens any",
          "[config][list_change]") {
  const std::string old = hosts(0, 100);
  std::string ten, eleven;
  for (int i = 0; i < 11; ++i) {
    if (i < 10) ten += "@@||h" + std::to_string(i) + ".test^\n";
    eleven += "@@||h" + std::to_string(i) + ".test^\n";
  }
  CHECK(why(old, old + ten) == "");
  CHECK(why(old, old + eleven) == "it opens 11 entries (@@h0.test, @@h1.test, @@h10.test, ...)");
  ListRole reaching;
  reaching.reaches = true;
  ListChange first = compare_lists(std::nullopt, "a.test\n@@||b.test^\n", ListFormat::adblock, reaching);
  CHECK(first.opens.count == 1);  // what other lists of the category close
  first = compare_lists(std::nullopt, "a.test\n@@||b.test^\n", ListFormat::adblock, {});
  CHECK(first.opens.count == 0);
  CHECK(why(old, old + "@@||h1.test^\n", locked) == "it opens 1 entry (@@h1.test) of a locked category");
  CHECK(why(old + ten, old + ten, locked) == "");        // they were there
  CHECK(why(std::nullopt, old + eleven, locked) == "");  // lift nothing but what comes with them
  CHECK(why(old, hosts(0, 90), locked) == "");           // what goes is no news
  CHECK(why(old, hosts(0, 110), protecting) == "");
  CHECK(why(old, hosts(0, 111), protecting) == "it opens 11 entries (h100.test, h101.test, h102.test, ...)");
  CHECK(why(std::nullopt, hosts(0, 11), protecting) ==
        "it opens 11 entries (h0.test, h1.test, h10.test, ...)");
  CHECK(why(hosts(0, 20) + eleven, hosts(0, 20), protecting) ==  // what a protecting list spared is open now
        "it opens 11 entries (@@h0.test, @@h1.test, @@h10.test, ...)");
}

TEST_CASE("what is no list is none, whatever a person says", "[config][list_change]") {
  CHECK(why("a.test\n", "") == "no list: no entry in the whole file");
  CHECK_THAT(why("a.test\n", "# nothing today\n", ordinary, ListFormat::domains),
             Catch::StartsWith("no list: "));
  CHECK_THAT(why("a.test\n", std::string("a.test\n\0\n", 9)), Catch::StartsWith("no list: "));
  CHECK_THAT(why(std::nullopt,
                 "\xff\xfe"
                 "a\0\n\0"),
             Catch::StartsWith("no list: "));
}

TEST_CASE("a page of a web server in place of a list waits, or is none", "[config][list_change]") {
  const std::string page =
      "<!DOCTYPE html>\n<html>\n<head><title>404 not found</title></head>\n<body class=\"a b\">\n"
      "<p>Sorry, nothing here</p>\nmaintenance.test\n</body>\n</html>\n";
  CHECK(why(std::nullopt, page, ordinary, ListFormat::domains) != "");
  CHECK(why(hosts(0, 3), page, ordinary, ListFormat::domains) != "");
  CHECK(why(std::nullopt, hosts(0, 3) + "not a host\n", ordinary, ListFormat::domains) == "");
}

}  // namespace
}  // namespace schoolgate
