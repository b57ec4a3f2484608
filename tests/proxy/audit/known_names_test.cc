#include "proxy/audit/known_names.h"

#include <catch2/catch.hpp>
#include <functional>

#include "proxy/audit/codes.h"
#include "proxy/audit/log_reader.h"
#include "proxy/audit/month_file.h"
#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;

TEST_CASE("known names: a month that cannot have the row is told by its small tables", "[audit]") {
  TempDir dir;
  const auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  REQUIRE(log->write(allowed_record(1, "www.good.vn")));
  REQUIRE(log->write(blocked_record(2, "bad.vn", "/x")));
  REQUIRE(log->stop());
  const LogReader reader(dir.path);
  const auto rows = reader.rows({});
  REQUIRE(rows);
  REQUIRE(rows->size() == 2);
  const LogRow& blocked = rows->back();
  auto db = Database::open(log_path(dir.path, LogKind::access, Month::of(march_2026)), Database::Mode::read);
  REQUIRE(db);

  struct Row {
    const char* name;
    std::function<void(LogQuery&)> set;
    bool want;
  };
  const Row cases[] = {
      {"nothing asked", [](LogQuery&) {}, true},
      {"a host", [](LogQuery& q) { q.host = "www.good.vn"; }, true},
      {"what it is below", [](LogQuery& q) { q.host = "good.vn"; }, true},
      {"a name that only ends like it", [](LogQuery& q) { q.host = "ood.vn"; }, false},
      {"a host that was never asked for", [](LogQuery& q) { q.host = "other.vn"; }, false},
      {"a client", [&](LogQuery& q) { q.client = blocked.client; }, true},
      {"one of another month", [](LogQuery& q) { q.client = "HS-00000000"; }, false},
      {"a tier", [&](LogQuery& q) { q.tier = blocked.tier; }, true},
      {"a tier of no row", [](LogQuery& q) { q.tier = "none"; }, false},
      {"a category of no row", [](LogQuery& q) { q.category = "none"; }, false},
      {"an action", [](LogQuery& q) { q.action = static_cast<int>(Action::block); }, true},
      {"an action of no row", [](LogQuery& q) { q.action = static_cast<int>(Action::warn); }, false},
      {"refused, of no row", [](LogQuery& q) { q.action = refused_action; }, false},
      {"each is there, but in no ruling together",
       [&](LogQuery& q) {
         q.reason = rows->front().reason;
         q.action = static_cast<int>(blocked.action);
       },
       rows->front().reason == blocked.reason},
  };
  for (const Row& one : cases) {
    DYNAMIC_SECTION(one.name) {
      LogQuery query;
      one.set(query);
      CHECK(knows_names(*db, {query.host, query.client, query.tier, query.category, query.reason,
                              query.action}) == one.want);
      const auto found = reader.rows(query);
      REQUIRE(found);
      CHECK(found->empty() == !one.want);  // and the rows say the same
    }
  }
}
