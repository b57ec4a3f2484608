// What becomes of a request that a rule of `help` holds: word or list, a tier that opens or lists what it
// opens.
#include <catch2/catch.hpp>

#include "proxy/core/log_record.h"
#include "proxy/core/plan.h"
#include "tests/support/policy_text.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

constexpr char policy_text[] = R"(
category self_harm
category social
category homework
list self_harm : forum.vn
list social : mxh.vn
list homework : tim.vn
engine tim.vn la.vn mxh.vn : q
term self_harm does help+alert : muon tu tu
term self_harm does help : lao hac
tier thcs
  self_harm = help
  social = block
tier thi extends thcs default block
  open : homework
tier giao_vien extends thcs staff
)";

constexpr char page[] = "Accept: text/html\r\n", typed[] = "Accept: */*\r\n";

struct Row {
  const char* name;
  const char* tier;
  const char* url;
  const char* fields;
  bool due;
  const char* want;
};

// "page help, way on", "page block", "forward", "forward by help".
std::string planned(World& world, const Row& row) {
  const std::string text = std::string("GET ") + row.url + " HTTP/1.1\r\nHost: x\r\n" + row.fields + "\r\n";
  RequestHead head;
  REQUIRE(parse_request_head(text, head).ok());
  Url url;
  REQUIRE(url.parse(row.url).ok());
  Judge judge = world.judge();
  const TierId tier = *world.policy->find_tier(row.tier);
  const Judged judged = judge.judge({url, Stage::request, tier, LocalTime{}, {}});
  PlanRequest request{head, url, judged.verdict, world.policy->tiers()[tier]};
  request.help = judged.help ? &*judged.help : nullptr;
  request.help_page_due = row.due;
  const Plan plan_of = plan(request);
  if (const auto* block = std::get_if<Block>(&plan_of)) {
    std::string text_of = block->page == PageKind::help ? "page help" : "page block";
    return block->way_on ? text_of + ", way on" : text_of;
  }
  const auto* forward = std::get_if<Forward>(&plan_of);
  if (forward == nullptr) return "other";
  return forward->by_help ? "forward by help" : "forward";
}

}  // namespace

TEST_CASE("what becomes of a request that helps", "[core][plan][help]") {
  const auto world = parse_world(policy_text);
  const char *alert = "http://tim.vn/?q=muon+tu+tu", *quiet = "http://tim.vn/?q=lao+hac";
  const Row rows[] = {
      {"words with an alert", "thcs", alert, page, true, "page help, way on"},
      {"... whose page was seen", "thcs", alert, page, false, "forward"},
      {"... while they are typed", "thcs", alert, typed, true, "forward"},
      {"... of staff", "giao_vien", alert, page, true, "forward"},
      {"words without an alert", "thcs", quiet, page, true, "forward"},
      {"words on a site that a category blocks", "thcs", "http://mxh.vn/?q=lao+hac", page, true,
       "forward by help"},
      {"... with an alert", "thcs", "http://mxh.vn/?q=muon+tu+tu", page, true, "page help, way on"},
      {"an open site of a tier that lists", "thi", alert, page, true, "page help, way on"},
      {"... seen", "thi", alert, page, false, "forward"},
      {"a closed site of such a tier", "thi", "http://la.vn/?q=muon+tu+tu", page, true, "page help"},
      {"... seen", "thi", "http://la.vn/?q=muon+tu+tu", page, false, "page block"},
      {"... typed", "thi", "http://la.vn/?q=muon+tu+tu", typed, true, "page block"},
      {"... without an alert", "thi", "http://la.vn/?q=lao+hac", page, true, "page block"},
      {"a site of a list", "thcs", "http://forum.vn/", page, true, "page help"},
      {"... seen", "thcs", "http://forum.vn/", page, false, "page help"},
      {"... its pictures", "thcs", "http://forum.vn/a.png", typed, true, "page help"},
      {"... for staff", "giao_vien", "http://forum.vn/", page, true, "page help"},
      {"... in a tier that lists", "thi", "http://forum.vn/", page, true, "page help"},
      {"another search", "thcs", "http://tim.vn/?q=meo", page, true, "forward"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(planned(*world, row) == row.want);
    }
}

TEST_CASE("what a record says of a judgement", "[core][help]") {
  Judged judged;
  judged.verdict.action = Action::help;
  judged.verdict.flags.alert = true;
  judged.help = HelpMatch{judged.verdict, Verdict{}};
  judged.help->without.action = Action::allow;
  LogRecord record;
  set_verdict(record, judged, false);
  CHECK(record.verdict == judged.help->without);
  CHECK(record.help == judged.help->help);
  set_verdict(record, judged, true);
  CHECK(record.verdict == judged.help->help);
  CHECK_FALSE(record.help);
  CHECK(verdict_of_record(judged, false) == judged.help->without);
  CHECK(verdict_of_record(judged, true) == judged.help->help);
  judged.help.reset();
  judged.verdict = Verdict{};
  for (const bool by_help : {false, true}) {
    set_verdict(record, judged, by_help);
    CHECK(record.verdict == judged.verdict);
    CHECK_FALSE(record.help);
    CHECK(verdict_of_record(judged, by_help) == judged.verdict);
  }
}

TEST_CASE("what a tunnel's record says of a judgement", "[core][help]") {
  Judged judged;  // a site that a list of help names
  judged.verdict.action = Action::help;
  judged.verdict.reason = Reason::category;
  judged.help = HelpMatch{judged.verdict, Verdict{}};
  LogRecord record;
  set_tunnel_verdict(record, judged);
  CHECK(record.verdict == judged.help->help);
  CHECK_FALSE(record.help);
  judged.verdict = judged.help->without;  // another rule decides: the match stands beside it
  judged.verdict.action = judged.help->without.action = Action::allow;
  set_tunnel_verdict(record, judged);
  CHECK(record.verdict == judged.help->without);
  CHECK(record.help == judged.help->help);
}

TEST_CASE("an exception for a certificate is recorded, in everybody's log", "[core][help]") {
  Judged judged;
  judged.verdict.action = Action::help;
  judged.help = HelpMatch{judged.verdict, Verdict{}};
  judged.help->without.action = Action::allow;
  const Verdict help = judged.help->help;
  record_exception(judged.verdict, judged.help);
  CHECK(judged.verdict.flags == Flags{.record = true});
  CHECK(judged.help->without.flags == Flags{.record = true});
  CHECK(judged.help->help == help);
  judged.help.reset();
  judged.verdict = Verdict{};
  record_exception(judged.verdict, judged.help);
  CHECK(judged.verdict.flags.record);
  CHECK(judged.verdict.action == Action::block);
  CHECK_FALSE(judged.help);
}
