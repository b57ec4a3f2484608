#include "rules/patterns/build/reach.h"

#include <catch2/catch.hpp>

#include <string>

using namespace schoolgate;

TEST_CASE("pattern reach: whether a pattern holds every address of a host", "[rules][pattern]") {
  struct Row {
    const char* pattern;
    const char* front;
    bool all;
  };
  const Row rows[] = {
      {R"(\bnohu[0-9]+\b)", "https://nohu88.vn/", true},
      {R"(\bnohu[0-9]+\b)", "https://tin.nohu.vn/", false},
      {R"(\bnohu\b)", "https://a.nohu/", true},  // the border is the slash
      {R"(^https://[^/]+/$)", "https://x.vn/", false},
      {R"(^https?://([^/]+\.)?x\.vn/.*$)", "https://a.x.vn/", true},
      {R"(^https?://([^/]+\.)?x\.vn/.*$)", "https://ax.vn/", false},
      {R"(^https?://x\.vn(/|$))", "https://x.vn/", true},
      {R"(^https?://x\.vn(/|$))", "https://x.vn.evil.example/", false},
      {R"(^https?://x\.vn/(a|[^a]|$))", "https://x.vn/", true},
      {R"(^https?://x\.vn/(a|[^ab]|$))", "https://x.vn/", false},
      {R"(x\.vn/\b)", "https://x.vn/", false},  // not of https://x.vn/-/
      {R"(x\.vn/\B)", "https://x.vn/", false},
      {R"(x\.vn/[a-z])", "https://x.vn/", false},
      {R"(x\.vn/game)", "https://x.vn/", false},
      {R"(\.vn:8443/)", "https://x.vn:8443/", true},
      {R"(bet365|casino)", "https://www.bet365.example/", true},
      {R"(https)", "https://x.vn/", true},
      {R"([^k]$)", "https://x.vn/", false},
      {"x\\.vn/([^\u1ea1]|$)", "https://x.vn/", false},  // not of https://x.vn/\u1ea1
      {R"(x\.vn/([^\x{1ea1}]|$))", "https://x.vn/", false},
      {R"(x\.vn/(\PL|[a-z]|$))", "https://x.vn/", false},
      {R"(x\.vn/([^\d]|\d|$))", "https://x.vn/", true},
      {R"(casino.{1000}x|[a-z].{20}y.{20}z|bet)", "https://bet.example/", true},  // too large: RE2 says it
      {R"(casino.{1000}x|[a-z].{20}y.{20}z|game)", "https://bet.example/", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern, row.front);
    WholeHostPattern pattern({row.pattern, PatternTarget::url, false});
    CHECK(pattern.holds_all_of(row.front) == row.all);
    if (row.all) CHECK(pattern.holds_all_of_some_host());
  }
}

TEST_CASE("pattern reach: case counts where the pattern says so", "[rules][pattern]") {
  WholeHostPattern lower({"nohu", PatternTarget::url, true}), upper({"NOHU", PatternTarget::url, true});
  CHECK(lower.holds_all_of("https://nohu.vn/"));
  CHECK_FALSE(upper.holds_all_of("https://nohu.vn/"));
}

TEST_CASE("pattern reach: whether some host is held whole", "[rules][pattern]") {
  struct Row {
    const char* pattern;
    bool some, by_https;
  };
  const Row rows[] = {
      {R"(\bnohu[0-9]+\b)", true, true},
      {R"(^https://[^/]+/$)", false, false},
      {R"(\.jpg$)", false, false},
      {R"(^http://)", true, false},
      {R"(^http://[^/]*casino)", true, false},
      {R"(:8443/)", true, true},
      {R"(/casino/play)", false, false},
      {R"([?&]q=casino)", false, false},
      {R"(casino.*bonus)", true, true},
      {R"(^https?://x\.vn/.*)", true, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    const WholeHostPattern pattern({row.pattern, PatternTarget::url, false});
    CHECK(pattern.holds_all_of_some_host() == row.some);
    CHECK(pattern.holds_all_of_some_host_by_https() == row.by_https);
  }
}

TEST_CASE("pattern reach: patterns that no address can match", "[rules][pattern]") {
  struct Row {
    PatternTarget target;
    const char* pattern;
    bool can;
  };
  const Row rows[] = {
      {PatternTarget::url, R"(^ads\.)", false},
      {PatternTarget::url, R"(^(.+[_.-])?ads[0-9]*\.)", true},
      {PatternTarget::url, R"(\.example\.vn$)", true},  // a path may end so
      {PatternTarget::url, R"(^https?://[^/]*\.example\.vn$)", false},
      {PatternTarget::url, R"(^[a-z.]+\.vn$)", false},
      {PatternTarget::url, R"((^|\.)example\.vn$)", true},
      {PatternTarget::url, R"(^example)", false},
      {PatternTarget::url, R"(a$b)", false},
      {PatternTarget::url, R"(^https://[^/]+/$)", true},
      {PatternTarget::url, R"(casino)", true},
      {PatternTarget::url, R"(CASINO)", true},
      {PatternTarget::url, R"(game online)", true},
      {PatternTarget::url, R"(#part)", false},
      {PatternTarget::host, R"(^ads\.)", true},
      {PatternTarget::host, R"(\.vn$)", true},
      {PatternTarget::host, R"(/ads/)", false},
      {PatternTarget::host, R"(^https)", true},
      {PatternTarget::host, R"(^https:)", false},
      {PatternTarget::path, R"(^ads)", false},
      {PatternTarget::path, R"(^/ads)", true},
      {PatternTarget::path, R"(^https?://)", false},
      {PatternTarget::query, R"(^q=)", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern, static_cast<int>(row.target));
    CHECK(can_match_an_address({row.pattern, row.target, false}) == row.can);
  }
}
