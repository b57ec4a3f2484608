#include "proxy/core/help_watch.h"

#include <catch2/catch.hpp>
#include <set>

#include "proxy/core/decision_numbers.h"
#include "tests/proxy/core/pages/gallery_school.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

constexpr std::int64_t minute = 60'000, now = 1'000'000'000;
const IpAddress anna = *IpAddress::parse("10.0.0.1"), binh = *IpAddress::parse("10.0.0.2");

}  // namespace

TEST_CASE("a help page is due once in 45 minutes, for each client and rule", "[core][help]") {
  HelpWatch watch;
  CHECK(watch.page_due(anna, "help.1", now));
  CHECK(watch.page_due(anna, "help.1", now));  // asking is not showing
  watch.page_shown(anna, "help.1", now);
  CHECK_FALSE(watch.page_due(anna, "help.1", now));
  CHECK_FALSE(watch.page_due(anna, "help.1", now + 45 * minute - 1));
  CHECK(watch.page_due(anna, "help.1", now + 45 * minute));
  CHECK(watch.page_due(anna, "help.2", now));
  CHECK(watch.page_due(binh, "help.1", now));
  watch.page_shown(anna, "help.1", now + 44 * minute);  // its button was pressed
  CHECK_FALSE(watch.page_due(anna, "help.1", now + 80 * minute));
  CHECK(watch.page_due(anna, "help.1", now));  // the clock was set back
}

TEST_CASE("the page of words is shown once in a while, that of a site each time", "[core][help]") {
  const auto school = gallery_school(Language::vi);
  const Verdict words = verdict_of(Action::help, Reason::search_term, drugs),
                path = verdict_of(Action::help, Reason::path_term, drugs),
                site = verdict_of(Action::help, Reason::category, drugs);
  for (const Verdict& help : {words, path, site}) {
    HelpWatch watch;
    note_help_page(help, anna, *school, now, watch);
    CHECK(watch.page_due(anna, help_rule(*school, help), now) == (help == site));
    CHECK(watch.page_due(binh, help_rule(*school, help), now));
  }
}

TEST_CASE("an alert rings once for each client and theme, and is counted from then on", "[core][help]") {
  HelpWatch watch;
  const std::int64_t until = now + 45 * minute;
  CHECK(watch.alert_of(anna, "self_harm", now, until, 5) == 5);
  CHECK(watch.alert_of(anna, "self_harm", now + minute, until, 6) == 5);
  CHECK(watch.alert_of(anna, "abuse", now + minute, until, 7) == 7);
  CHECK(watch.alert_of(binh, "self_harm", now + minute, until, 8) == 8);
  CHECK(watch.alert_of(anna, "self_harm", now + 44 * minute, until, 9) == 5);
  CHECK(watch.alert_of(anna, "self_harm", now + 45 * minute, until + minute, 10) == 10);
}

TEST_CASE("when there is no room the oldest is forgotten", "[core][help]") {
  HelpWatch watch(2);
  watch.page_shown(anna, "help.1", now);
  watch.page_shown(anna, "help.2", now);
  watch.page_shown(anna, "help.1", now);
  watch.page_shown(anna, "help.3", now);
  CHECK_FALSE(watch.page_due(anna, "help.1", now));
  CHECK(watch.page_due(anna, "help.2", now));
  CHECK_FALSE(watch.page_due(anna, "help.3", now));
}

TEST_CASE("a record says its alert once, and only where it rings", "[core][help]") {
  const auto school = gallery_school(Language::vi);
  HelpWatch watch;
  const auto record = [](std::uint64_t decision) {
    LogRecord out;
    out.decision = decision;
    out.client = anna;
    out.time_ms = now;
    out.alert_until_ms = now + 30 * minute;
    out.verdict.action = Action::allow;
    out.help = verdict_of(Action::help, Reason::search_term, drugs);
    out.help->flags.alert = true;
    return out;
  };
  LogRecord typed = record(1), first = record(2), second = record(3), page = record(4);
  note_alert(typed, false, *school->policy, watch);
  CHECK((!typed.help->flags.alert && typed.alert == 0));
  note_alert(first, true, *school->policy, watch);
  CHECK((first.help->flags.alert && first.alert == 2));
  note_alert(second, true, *school->policy, watch);
  CHECK((!second.help->flags.alert && second.alert == 2));
  page.verdict = *page.help;
  page.help.reset();
  note_alert(page, true, *school->policy, watch);
  CHECK((!page.verdict.flags.alert && page.alert == 2));
}

TEST_CASE("numbers of decisions never come twice and do not count", "[core][help]") {
  const DecisionNumbers numbers(17), others(18);
  const std::uint64_t start = (std::uint64_t{3} << 40) - 500;
  std::set<std::uint64_t> seen, codes;
  std::size_t rising = 0, near = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const std::uint64_t number = numbers.number(start + i), next = numbers.number(start + i + 1);
    seen.insert(number);
    codes.insert(number & ((std::uint64_t{1} << 40) - 1));
    rising += next > number;
    near += (next > number ? next - number : number - next) < 1'000'000;
    CHECK(number >> 40 == (start + i) >> 40);
    CHECK(number != others.number(start + i));
  }
  CHECK(seen.size() == 1000);
  CHECK(codes.size() == 1000);
  CHECK((rising > 400 && rising < 600));
  CHECK(near < 5);
}
