// These numbers and words stand in files that are years old: a case here fails where one changes its meaning.
#include "proxy/audit/codes.h"

#include <catch2/catch.hpp>
#include <iterator>
#include <string>

using namespace schoolgate;
using namespace schoolgate::audit;

TEST_CASE("codes: how much was seen, by its number", "[audit][codes]") {
  constexpr std::string_view words[] = {"url", "sni", "connect-only", "ech-outer", "nothing", "search-words"};
  for (std::size_t i = 0; i < std::size(words); ++i) CHECK(to_string(static_cast<Seen>(i)) == words[i]);
  CHECK(to_string(static_cast<Seen>(std::size(words))) == "?");  // a new one needs its word, and a line here
}

TEST_CASE("codes: how it ended, by its number", "[audit][codes]") {
  constexpr std::string_view words[] = {
      "done",      "blocked",        "refused",   "client-gone",         "upstream-failed",
      "timed-out", "policy-changed", "shut-down", "certificate-refused", "gave-way"};
  for (std::size_t i = 0; i < std::size(words); ++i) CHECK(to_string(static_cast<Ended>(i)) == words[i]);
  CHECK(to_string(static_cast<Ended>(std::size(words))) == "?");
}

TEST_CASE("codes: actions are the policy's, and one for what was never judged", "[audit][codes]") {
  constexpr std::string_view words[] = {"allow", "warn", "block", "help", "refused"};
  for (int i = 0; i < static_cast<int>(std::size(words)); ++i) {
    CHECK(action_name(i) == words[i]);
    Verdict verdict;
    verdict.action = static_cast<Action>(i);
    verdict.layer = Layer::category;
    if (i < refused_action) CHECK(action_number(verdict) == i);
  }
  // Whatever action it carries.
  CHECK(action_number(Verdict::refused(Reason::bad_request)) == refused_action);
  CHECK(action_number(Verdict{}) == 2);  // nobody decided: a block
}

TEST_CASE("codes: methods of clients, who may invent as many as they like", "[audit][codes]") {
  struct Row {
    const char* method;
    int want;
  };
  const Row rows[] = {
      {"", 0},          {"GET", 1},     {"HEAD", 2},    {"POST", 3},  {"PUT", 4},
      {"DELETE", 5},    {"CONNECT", 6}, {"OPTIONS", 7}, {"TRACE", 8}, {"PATCH", 9},
      {"PROPFIND", 10}, {"BREW", 11},   {"get", 11},    {"GET ", 11}, {"other", 11},
  };
  for (const Row& row : rows) DYNAMIC_SECTION('"' << row.method << '"') {
      CHECK(method_number(row.method) == row.want);
    }
  CHECK(methods[11] == "other");
  CHECK(std::size(methods) == 12);
}

TEST_CASE("codes: flags are one bit each, and bits of a later version are none", "[audit][codes]") {
  CHECK(flags_number({}) == 0);
  CHECK(flags_number({true, false, false}) == 1);
  CHECK(flags_number({false, true, false}) == 2);
  CHECK(flags_number({false, false, true}) == 4);
  for (int number = 0; number < 8; ++number) CHECK(flags_number(flags_of(number)) == number);
  CHECK(flags_of(8) == Flags{});
  CHECK(flags_of(8 | 2) == Flags{false, true, false});
}

TEST_CASE("codes: a decision's code is read as people type it", "[audit][codes]") {
  for (const std::uint64_t n : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x123456789a}, code_mask})
    CHECK(parse_decision_code(decision_code(n)) == n);
  struct Row {
    const char *typed, *meant;
  };
  const Row rows[] = {
      {"7kq2-m4xh", "7KQ2-M4XH"}, {"7KQ2M4XH", "7KQ2-M4XH"},  {"7K-Q2M4-XH-", "7KQ2-M4XH"},
      {"iLoO-0000", "1100-0000"}, {"ZZZZ-ZZZZ", "zzzz-zzzz"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.typed) {
      const auto code = parse_decision_code(row.typed);
      REQUIRE(code);
      CHECK(code == parse_decision_code(row.meant));
      CHECK(*code <= code_mask);
    }
  for (const char* bad : {"", "-", "7KQ2", "7KQ2-M4X", "7KQ2-M4XHA", "7KQ2-M4X!", "7KQ2 M4XH", "UUUU-UUUU"})
    DYNAMIC_SECTION('"' << bad << '"') {
      CHECK_FALSE(parse_decision_code(bad));
    }
}
