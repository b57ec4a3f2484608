// What alerts rang about, and what became of it: of cases, which no report tells apart.
#include <limits>

#include "proxy/audit/case_book.h"
#include "tools/report/facts.h"

namespace schoolgate::tools {

Result<AlertFacts> gather_alerts(const std::string& directory, std::int64_t from_ms, std::int64_t to_ms) {
  constexpr auto all_cases = static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
  const auto cases = audit::CaseBook(directory).list(false, all_cases);
  if (!cases) return cases.error();
  struct Numbers {
    std::uint64_t others = 0, supported = 0, passed_on = 0;
  } urgent, other;
  for (const audit::Case& one : *cases) {
    if (one.opened_ms < from_ms || one.opened_ms >= to_ms) continue;
    Numbers& level = audit::is_urgent(one.theme) ? urgent : other;
    switch (one.state) {
      case audit::CaseState::opened:
      case audit::CaseState::wrong:
        ++level.others;
        break;
      case audit::CaseState::seen:
      case audit::CaseState::handled:
        ++level.supported;
        break;
      case audit::CaseState::passed_on:
        ++level.passed_on;
        break;
    }
  }
  const auto told = [](const Numbers& n) {
    return AlertFacts::Level{folded(n.others), folded(n.supported), folded(n.passed_on)};
  };
  return AlertFacts{told(urgent), told(other)};
}

}  // namespace schoolgate::tools
