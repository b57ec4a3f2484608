// What the admin's report on the pages gets from the running proxy, and reads back out of it.
#include "tools/daemon/report_facts.h"

#include <catch2/catch.hpp>
#include <chrono>

#include "tests/config/support.h"
#include "tests/proxy/audit/log_fixture.h"
#include "tools/console/console.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

TEST_CASE("report facts: rules, lists and idle lines of the policy in force, as `schoolgate report` has them",
          "[tools][report_facts]") {
  const test::Folder folder;
  const audit_test::TempDir dir;
  test::write_small_school(folder);
  folder.write("tiers.d/pupil.yaml", R"(version: 1
tier: pupil
name: {vi: Học sinh, en: Pupils}
default: allow
allow: [maths.test, poems.test]
categories: {gambling: block+locked, games: block, learning: allow}
)");
  const LoadResult loaded = folder.load();
  REQUIRE(loaded.snapshot);
  auto mine = std::make_shared<Snapshot>(*loaded.snapshot);
  mine->config.log.directory = dir.path;
  const std::shared_ptr<const Snapshot> school = mine;
  const auto log = audit_test::open_log(dir);
  log->policy_loaded(school);
  REQUIRE_FALSE(school->list_status.empty());
  const ListSource& list = school->list_status.front().source;
  const auto category = school->policy->find_category(list.category);
  REQUIRE(category);
  for (std::uint64_t i = 1; i <= 7; ++i) {
    LogRecord row = audit_test::blocked_record(i, "bet.test", "/");
    row.tier = 0;
    row.revision = school->revision;
    row.visit = Visit::yes;
    row.verdict.category = *category;
    row.verdict.rule = RuleRef{list.source, 1};
    REQUIRE(log->write(std::move(row)));
  }
  REQUIRE(log->flush(10s));
  const auto ask = [&](const std::string& more) {
    const auto asked = parse_web_question("policy_facts\t" + more);
    REQUIRE(asked);
    return policy_facts_reply(*school, *asked, audit_test::march_2026, nullptr);
  };
  const Reply reply = ask("kind=month\tperiod=2026-03");
  CHECK(reply.exit_code == exit_ok);
  CHECK_THAT(reply.text, !Contains("bet.test") && !Contains("HS-"));
  const PolicyFacts read = policy_facts_in(reply.text);
  const auto period = period_asked("month", "2026-03", school->zone);
  REQUIRE(period);
  const SchoolNames names = read_names(school->config, Language::en);
  const FactsOf of{
      .directory = dir.path, .zone = school->zone, .names = names, .now_ms = audit_test::march_2026};
  const auto exact = gather_policy(of, *period, *school);
  REQUIRE(exact);
  REQUIRE(read.rules.size() == 1);
  CHECK(read.rules[0].name == exact->rules.at(0).name);
  CHECK(read.rules[0].blocked == 7);
  REQUIRE(read.lists.size() == exact->lists.size());
  for (std::size_t i = 0; i < read.lists.size(); ++i) {
    CHECK(read.lists[i].name == exact->lists[i].name);
    CHECK(read.lists[i].category == exact->lists[i].category);
    CHECK(read.lists[i].changed == exact->lists[i].changed);
    CHECK(read.lists[i].overdue == exact->lists[i].overdue);
    CHECK(read.lists[i].decided == exact->lists[i].decided);
  }
  CHECK(read.lists.front().decided);
  CHECK(read.idle_lines == exact->idle_lines);
  CHECK_FALSE(read.idle_lines.empty());
  CHECK(read.tests == exact->tests);

  for (const char* wrong : {"kind=month\tperiod=2026-13", "kind=term\tperiod=x", "kind=month\tperiod="}) {
    CHECK(ask(wrong).exit_code == exit_failed);
    CHECK_THAT(ask(wrong).text, Contains("problem\t"));
  }
  CHECK(policy_facts_in("nonsense\nrule\ta\nlist\t1\t2\n").rules.empty());
}
