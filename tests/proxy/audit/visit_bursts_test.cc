#include "proxy/audit/visit_bursts.h"

#include <catch2/catch.hpp>

#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;

namespace {

LogRecord of_burst(const std::string& host, std::int64_t after_ms, std::uint32_t client = 1) {
  LogRecord row = allowed_record(1, host);
  row.client = IpAddress::v4(0x0a000000 + client);
  row.time_ms = march_2026 + after_ms;
  row.visit = Visit::of_burst;
  return row;
}

bool counts(VisitBursts& bursts, LogRecord row) {
  bursts.settle(row);
  REQUIRE(row.visit != Visit::of_burst);
  return row.visit == Visit::yes;
}

}  // namespace

TEST_CASE("bursts: one page is one visit", "[audit][visit]") {
  VisitBursts bursts;
  CHECK(counts(bursts, of_burst("www.bao.com.vn", 0)));
  CHECK_FALSE(counts(bursts, of_burst("img.bao.com.vn", 300)));     // the same site
  CHECK_FALSE(counts(bursts, of_burst("www.bao.com.vn", 100)));     // written late
  CHECK(counts(bursts, of_burst("tin.com.vn", 300)));               // com.vn is nobody's
  CHECK(counts(bursts, of_burst("www.bao.com.vn", 300, 2)));        // another client
  CHECK_FALSE(counts(bursts, of_burst("www.bao.com.vn", 30'100)));  // the page goes on
  CHECK(counts(bursts, of_burst("www.bao.com.vn", 60'101)));        // opened again
  CHECK(counts(bursts, of_burst("www.bao.com.vn", -3'600'000)));    // the clock was set back
}

TEST_CASE("bursts: what never rests is a visit every ten minutes", "[audit][visit]") {
  VisitBursts bursts;
  int visits = 0;
  for (std::int64_t at = 0; at < 60 * 60'000; at += 10'000)
    visits += counts(bursts, of_burst("chat.vn", at)) ? 1 : 0;
  CHECK(visits == 6);
}

TEST_CASE("bursts: a page that is known to be one begins a burst", "[audit][visit]") {
  VisitBursts bursts;
  LogRecord page = of_burst("bao.vn", 0), picture = of_burst("tin.vn", 0);
  page.visit = Visit::yes;
  picture.visit = Visit::no;
  CHECK(counts(bursts, page));
  CHECK_FALSE(counts(bursts, of_burst("bao.vn", 1'000)));
  CHECK(counts(bursts, page));  // whatever was before
  CHECK_FALSE(counts(bursts, picture));
  CHECK(counts(bursts, of_burst("tin.vn", 1'000)));
}

TEST_CASE("bursts: what has no ordinary row takes no visit from one that has", "[audit][visit]") {
  VisitBursts bursts;
  LogRecord help = of_burst("giup.vn", 0);
  help.verdict.action = Action::help;
  CHECK(counts(bursts, help));
  CHECK(counts(bursts, of_burst("giup.vn", 100)));
  help.time_ms += 200;
  CHECK_FALSE(counts(bursts, help));
}

TEST_CASE("bursts: memory has a bound, and what is in use stays", "[audit][visit]") {
  VisitBursts bursts(100);
  CHECK(counts(bursts, of_burst("bao.vn", 0)));
  for (std::uint32_t client = 2; client < 1'000; ++client) {
    CHECK(counts(bursts, of_burst("bao.vn", client, client)));
    CHECK_FALSE(counts(bursts, of_burst("bao.vn", client)));
  }
}
