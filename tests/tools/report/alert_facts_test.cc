#include <catch2/catch.hpp>

#include "proxy/audit/case_book.h"
#include "tests/proxy/audit/log_fixture.h"
#include "tools/report/facts.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using namespace schoolgate::audit_test;

TEST_CASE("alert facts: a case is in one figure of its level, and none under five is told", "[report]") {
  TempDir dir;
  const auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  constexpr std::uint64_t rung = 16;
  for (std::uint64_t i = 1; i <= rung; ++i) {  // 12 of self-harm, 4 of gambling
    LogRecord row = allowed_record(i, "search.vn");
    row.client = IpAddress::v4(0x0a000400 + static_cast<std::uint32_t>(i));
    row.help = row.verdict;
    row.help->action = Action::help;
    row.help->category = i <= 12 ? 1 : 0;
    row.help->flags.alert = true;
    row.alert = i;
    row.alert_until_ms = row.time_ms + 1'000;
    REQUIRE(log->write(std::move(row)));
  }
  REQUIRE(log->stop());
  const audit::CaseBook book(dir.path);
  const auto cases = book.list(false, 100);
  REQUIRE(cases);
  REQUIRE(cases->size() == rung);
  const std::pair<audit::CaseState, std::size_t> steps[] = {
      {audit::CaseState::seen, 2}, {audit::CaseState::handled, 4}, {audit::CaseState::passed_on, 5}};
  std::size_t at = 0;
  for (const auto& [state, times] : steps) {
    for (std::size_t i = 0; i < times; ++at) {
      if ((*cases)[at].theme != "self_harm") continue;
      REQUIRE(book.step((*cases)[at].code, {march_2026 + 1, state, "lead", "x"}));
      ++i;
    }
  }
  const auto facts = gather_alerts(dir.path, march_2026 - 10, march_2026 + 10);
  REQUIRE(facts);
  CHECK(facts->urgent.supported == Folded{6, 0});
  CHECK(facts->urgent.passed_on == Folded{5, 0});
  CHECK(facts->urgent.others == Folded{0, 1});
  CHECK(facts->urgent.all() == Folded{11, 1});
  CHECK(facts->other.all() == Folded{0, 1});
  CHECK(facts->all() == Folded{11, 2});
  const auto later = gather_alerts(dir.path, march_2026 + 10, march_2026 + 20);
  REQUIRE(later);
  CHECK(later->all() == Folded{});
}
