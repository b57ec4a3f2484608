#include "proxy/audit/size_bound.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "proxy/audit/log_store.h"
#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t day = 86'400'000;
constexpr std::int64_t long_ago = march_2026 - 60 * day;  // January
constexpr std::int64_t before = march_2026 - 30 * day;

LogRecord row_of(std::uint32_t client, const std::string& host, std::int64_t time_ms, Action action) {
  LogRecord row = allowed_record(1, host);
  row.client = IpAddress::v4(client);
  row.time_ms = time_ms;
  row.verdict.action = action;
  row.bytes_down = 10;
  return row;
}

// One client that fills the log, two others; old and young rows of each kind.
void fill(const TempDir& dir) {
  std::filesystem::create_directories(dir.path);
  auto store = LogStore::open(dir.path, dir.path + "/keys", 90);
  REQUIRE(store);
  Batch batch;
  for (const std::int64_t time : {long_ago, march_2026}) {
    for (int i = 0; i < 20'000; ++i)
      batch.rows.push_back(row_of(1, "h" + std::to_string(i % 10) + ".vn", time + i, Action::allow));
    for (int i = 0; i < 50; ++i) {
      batch.rows.push_back(row_of(2, "quiet.vn", time + i, Action::allow));
      batch.rows.push_back(row_of(3, "quiet.vn", time + i, Action::allow));
      batch.rows.push_back(row_of(1, "bad.vn", time + i, Action::block));
      batch.rows.push_back(row_of(2, "sad.vn", time + i, Action::help));
    }
  }
  if (const auto stored = store->store(batch); stored.failed()) FAIL(stored.error().message);
}

std::int64_t ask(const TempDir& dir, Month month, const std::string& sql, LogKind kind = LogKind::access) {
  auto db = Database::open(log_path(dir.path, kind, month), Database::Mode::read);
  REQUIRE(db);
  return db->integer(sql);
}

void work(SizeBound& bound) {
  for (int steps = 0;; ++steps) {
    const SizeBound::Shortened done = bound.step(before, march_2026, [](Month) { return false; });
    if (done.result.failed()) FAIL(done.result.error().message);
    if (!done.more) break;
    REQUIRE(steps < 100);
  }
}

const Month january = Month::of(long_ago), march = Month::of(march_2026);
const std::string rows_of_host = "SELECT count(*) FROM log WHERE host=";

}  // namespace

TEST_CASE("size bound: the client above its share is summed first, and nobody else", "[audit][size]") {
  TempDir dir;
  fill(dir);
  SizeBound measured(dir.path, 1ull << 40);
  work(measured);
  SizeBound bound(dir.path, measured.bytes() * 9 / 10);
  work(bound);
  CHECK_FALSE(bound.full());
  CHECK(bound.bytes() <= bound.max_bytes());
  // A row per client, host and day, which says for how many it stands.
  CHECK(ask(dir, january, "SELECT count(*) FROM log WHERE host LIKE 'h_.vn'") == 10);
  CHECK(ask(dir, january, "SELECT sum(count) FROM log WHERE host LIKE 'h_.vn'") == 20'000);
  CHECK(ask(dir, january, "SELECT sum(bytes_down) FROM log WHERE host LIKE 'h_.vn'") == 200'000);
  CHECK(ask(dir, january, rows_of_host + "'quiet.vn'") == 100);
  CHECK(ask(dir, january, rows_of_host + "'bad.vn'") == 50);
  // Young rows are untouched, his too.
  CHECK(ask(dir, march, "SELECT count(*) FROM access") == 20'150);
  const std::string told = "FROM event WHERE what='log_shortened'";
  CHECK(ask(dir, january, "SELECT count(*) " + told) == 1);
  CHECK(ask(dir, january, "SELECT detail->>'rows' " + told) == 20'000);
  CHECK(ask(dir, january, "SELECT detail->>'left' " + told) == 10);
  CHECK(ask(dir, january, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") == 0);
}

TEST_CASE("size bound: a sum says nothing that was not so of each", "[audit][size]") {
  TempDir dir;
  std::filesystem::create_directories(dir.path);
  {
    auto store = LogStore::open(dir.path, dir.path + "/keys", 90);
    REQUIRE(store);
    Batch batch;
    for (int i = 0; i < 3'000; ++i) {
      LogRecord row = row_of(1, i < 2'000 ? "mixed.vn" : "same.vn", long_ago + i, Action::allow);
      row.duration_ms = static_cast<std::uint32_t>(i);
      row.port = 443;
      row.status = 200;
      row.method = "GET";
      row.cause = "host";
      if (i == 7) {
        row.port = 8443;
        row.status = 502;
        row.method = "POST";
        row.seen = Seen::sni;
        row.cause = "other";
      }
      if (i == 8) row.ended = Ended::timed_out;
      batch.rows.push_back(row);
    }
    batch.rows.push_back(row_of(2, "quiet.vn", long_ago, Action::allow));
    if (const auto stored = store->store(batch); stored.failed()) FAIL(stored.error().message);
  }
  SizeBound measured(dir.path, 1ull << 40);
  work(measured);
  SizeBound bound(dir.path, measured.bytes() * 95 / 100);
  work(bound);
  const std::string of_mixed = " FROM log WHERE host='mixed.vn' AND count=1999";
  CHECK(ask(dir, january, "SELECT count(*) FROM log WHERE host='mixed.vn'") == 2);  // one ended otherwise
  CHECK(ask(dir, january,
            "SELECT port = 0 AND status = 0 AND method = '' AND seen = 'nothing' AND cause IS NULL" +
                of_mixed) == 1);
  CHECK(ask(dir, january, "SELECT duration_ms" + of_mixed) == 1'999);
  CHECK(ask(dir, january,
            "SELECT port = 443 AND status = 200 AND method = 'GET' AND seen = 'url' AND cause = 'host'"
            " AND count = 1000 AND duration_ms = 2999 FROM log WHERE host='same.vn'") == 1);
}

TEST_CASE("size bound: nothing young goes, blocked and safeguarding rows go last", "[audit][size]") {
  TempDir dir;
  fill(dir);
  {  // a file of an older program
    auto db = Database::open(log_path(dir.path, LogKind::safeguarding, january), Database::Mode::write);
    REQUIRE(db);
    REQUIRE(db->exec("DROP VIEW log; DROP TABLE detail; DROP TABLE summed") == SQLITE_OK);
  }
  SizeBound bound(dir.path, 1);
  work(bound);
  CHECK(bound.full());
  CHECK(ask(dir, january, "SELECT count(*) FROM access") == 0);
  CHECK(ask(dir, january, "SELECT count(*) FROM access", LogKind::safeguarding) == 0);
  CHECK(ask(dir, january, "SELECT count(*) FROM summed") == 0);
  CHECK(ask(dir, march, "SELECT count(*) FROM access") == 20'150);
  CHECK(ask(dir, march, "SELECT count(*) FROM access", LogKind::safeguarding) == 50);
  // Each stage says what it did, in the file it did it to, in this order.
  CHECK(ask(dir, january, "SELECT count(*) FROM event WHERE what='log_shortened'") == 4);
  CHECK(ask(dir, january,
            "SELECT max(id) = (SELECT id FROM event WHERE detail->>'did' = 'removed: not allowed') "
            "FROM event") == 1);
  CHECK(ask(dir, january, "SELECT count(*) FROM event WHERE what='log_shortened'", LogKind::safeguarding) ==
        1);
  // It looks again only when another day is old enough.
  CHECK_FALSE(bound.step(before, march_2026, [](Month) { return false; }).more);
}

TEST_CASE("size bound: a month that is protected stays", "[audit][size]") {
  TempDir dir;
  fill(dir);
  SizeBound bound(dir.path, 1);
  while (bound.step(before, march_2026, [](Month) { return true; }).more) {
  }
  CHECK(bound.full());
  CHECK(ask(dir, january, "SELECT count(*) FROM access") == 20'150);
}

TEST_CASE("a full log sums what is allowed, and says so; blocks are kept one by one", "[audit][size]") {
  TempDir dir;
  AccessLogOptions options = log_options(dir);
  options.settings.max_bytes = 1;
  std::string said;
  options.complain = [&](const Message& line) { said += line.english() + "\n"; };
  auto log = AccessLog::open(std::move(options));
  REQUIRE(log);
  for (int i = 0; i < 20 && !(*log)->health().full; ++i) {
    (*log)->event("test", "look", "{}");
    REQUIRE((*log)->flush(10s));
  }
  REQUIRE((*log)->health().full);
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    REQUIRE((*log)->write(allowed_record(i, "site.vn")));
    REQUIRE((*log)->write(allowed_record(i, "h" + std::to_string(i) + ".vn")));
  }
  for (std::uint64_t i = 0; i < 30; ++i) REQUIRE((*log)->write(blocked_record(5'000 + i, "bad.vn", "/x")));
  REQUIRE((*log)->flush(10s));
  (*log)->stop();
  CHECK(said.find("log: max_megabytes") != std::string::npos);
  const auto rows = LogReader(dir.path).rows({});
  REQUIRE(rows);
  std::int64_t allowed = 0, stand_for = 0, blocked = 0;
  for (const LogRow& row : *rows) {
    if (row.action == Action::block)
      ++blocked;
    else
      ++allowed, stand_for += row.count;
  }
  CHECK(blocked == 30);
  CHECK(stand_for == 2'000);
  CHECK(allowed <= 65);  // 64 hosts, and one row for the rest
  const auto events = LogReader(dir.path).events(std::nullopt, 0);
  REQUIRE(events);
  CHECK(std::count_if(events->begin(), events->end(),
                      [](const LogEvent& e) { return e.what == "log_full"; }) == 1);
}
