#include "proxy/audit/month.h"

#include <catch2/catch.hpp>

using namespace schoolgate::audit;

TEST_CASE("Month: of a time, its begin, the next", "[audit]") {
  struct Case {
    std::int64_t time_ms;
    Month month;
    const char* text;
  };
  const Case cases[] = {
      {0, {1970, 1}, "1970-01"},
      {1'772'600'000'123, {2026, 3}, "2026-03"},
      {1'767'225'599'999, {2025, 12}, "2025-12"},  // 2025-12-31T23:59:59.999Z
      {1'767'225'600'000, {2026, 1}, "2026-01"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.text) {
      const Month m = Month::of(c.time_ms);
      CHECK(m == c.month);
      CHECK(m.to_string() == c.text);
      CHECK(Month::parse(c.text) == c.month);
      CHECK(m.begin_ms() <= c.time_ms);
      CHECK(c.time_ms < m.next().begin_ms());
    }
  }
  CHECK(Month{2025, 12}.next() == Month{2026, 1});
  for (const char* bad :
       {"", "2026-3", "2026-13", "2026-00", "2026_03", "20a6-03", "2026-0x", "1969-12", " 026-03"}) {
    DYNAMIC_SECTION("not a month: " << bad) {
      CHECK_FALSE(Month::parse(bad));
    }
  }
  CHECK(utc_text(1'772'600'000'123) == "2026-03-04T04:53:20.123Z");
}
