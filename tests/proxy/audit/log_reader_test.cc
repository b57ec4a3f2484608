#include "proxy/audit/log_reader.h"

#include <functional>

#include <catch2/catch.hpp>
#include <filesystem>

#include "proxy/audit/sqlite.h"
#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace std::chrono_literals;

namespace {

// Rows 1..4: an allowed and a blocked one in March, the same in April.
std::unique_ptr<AccessLog> two_months(const TempDir& dir) {
  auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  const std::int64_t april = Month{2026, 4}.begin_ms();
  LogRecord rows[] = {allowed_record(1, "www.good.vn"), blocked_record(2, "bad.vn", "/x"),
                      allowed_record(3, "notgood.vn"), blocked_record(4, "good.vn", "/y")};
  rows[1].time_ms = march_2026 + 1;
  rows[2].time_ms = april;
  rows[3].time_ms = april + 1;
  rows[3].client = IpAddress::v4(0x0a000399);
  for (LogRecord& r : rows) REQUIRE(log->write(std::move(r)));
  REQUIRE(log->flush(10s));
  return log;
}

std::vector<std::string> hosts(const std::vector<LogRow>& rows) {
  std::vector<std::string> all;
  for (const LogRow& row : rows) all.push_back(row.host);
  return all;
}

}  // namespace

TEST_CASE("filters", "[audit]") {
  TempDir dir;
  const auto log = two_months(dir);
  const LogReader reader(dir.path);
  const std::int64_t april = Month{2026, 4}.begin_ms();
  struct Case {
    const char* name;
    std::function<void(LogQuery&)> set;
    std::vector<std::string> want;
  };
  const Case cases[] = {
      {"all, oldest first", [](LogQuery&) {}, {"www.good.vn", "bad.vn", "notgood.vn", "good.vn"}},
      {"the newest two", [](LogQuery& q) { q.limit = 2; }, {"notgood.vn", "good.vn"}},
      {"the newest three, over the month's end",
       [](LogQuery& q) { q.limit = 3; },
       {"bad.vn", "notgood.vn", "good.vn"}},
      {"since", [&](LogQuery& q) { q.since_ms = april; }, {"notgood.vn", "good.vn"}},
      {"until", [&](LogQuery& q) { q.until_ms = april; }, {"www.good.vn", "bad.vn"}},
      {"not allowed", [](LogQuery& q) { q.not_allowed = true; }, {"bad.vn", "good.vn"}},
      {"a tier", [](LogQuery& q) { q.tier = "tieu_hoc"; }, {"www.good.vn", "notgood.vn"}},
      {"a tier that is not there", [](LogQuery& q) { q.tier = "x' OR 1"; }, {}},
      {"a host and those below it", [](LogQuery& q) { q.host = "good.vn"; }, {"www.good.vn", "good.vn"}},
      {"a host with a wildcard is a plain name", [](LogQuery& q) { q.host = "%"; }, {}},
      {"the code of a blocked row", [](LogQuery& q) { q.code = 2; }, {"bad.vn"}},
      {"the code of an allowed row", [](LogQuery& q) { q.code = 3; }, {"notgood.vn"}},
      {"all at once",
       [&](LogQuery& q) { q.not_allowed = true, q.since_ms = april, q.tier = "thcs", q.limit = 9; },
       {"good.vn"}},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      LogQuery query;
      c.set(query);
      const auto rows = reader.rows(query);
      REQUIRE(rows);
      CHECK(hosts(*rows) == c.want);
    }
  }
  LogQuery one;
  const std::string who = reader.rows(one)->back().client;
  one.client = who;
  CHECK(hosts(*reader.rows(one)) == std::vector<std::string>{"good.vn"});
}

TEST_CASE("following: each row once, in the order written, over a month's end", "[audit]") {
  TempDir dir;
  const auto log = two_months(dir);
  const LogReader reader(dir.path);
  auto cursor = reader.end(LogKind::access);
  REQUIRE(cursor);
  LogQuery blocked;
  blocked.not_allowed = true;
  CHECK(reader.next(blocked, *cursor)->empty());
  LogRecord may = blocked_record(6, "may.vn", "/");
  may.time_ms = Month{2026, 5}.begin_ms();
  LogRecord april = blocked_record(5, "april.vn", "/");
  april.time_ms = Month{2026, 4}.begin_ms();
  LogRecord allowed = allowed_record(7, "allowed.vn");
  allowed.time_ms = may.time_ms;
  for (LogRecord* r : {&may, &april, &allowed}) REQUIRE(log->write(std::move(*r)));
  REQUIRE(log->flush(10s));
  blocked.limit = 1;
  CHECK(hosts(*reader.next(blocked, *cursor)) == std::vector<std::string>{"april.vn"});
  CHECK(hosts(*reader.next(blocked, *cursor)) == std::vector<std::string>{"may.vn"});
  CHECK(reader.next(blocked, *cursor)->empty());
  CHECK(cursor->month == Month{2026, 5});
}

TEST_CASE("each row, oldest first, in pieces of any size, until enough", "[audit]") {
  const TempDir dir;
  const auto log = two_months(dir);
  const LogReader reader(dir.path);
  const auto read = [&](LogQuery query, std::size_t piece, std::size_t enough) {
    std::vector<LogRow> rows;
    const auto done = reader.each_row(query, piece, [&](const LogRow& row) {
      rows.push_back(row);
      return rows.size() < enough;
    });
    CHECK(done.ok());
    return hosts(rows);
  };
  using Hosts = std::vector<std::string>;
  LogQuery blocked, april;
  blocked.not_allowed = true;
  april.since_ms = Month{2026, 4}.begin_ms();
  for (const std::size_t piece : {1U, 2U, 3U, 100U}) {
    CAPTURE(piece);
    CHECK(read({}, piece, 9) == Hosts{"www.good.vn", "bad.vn", "notgood.vn", "good.vn"});
    CHECK(read({}, piece, 3) == Hosts{"www.good.vn", "bad.vn", "notgood.vn"});
    CHECK(read(blocked, piece, 9) == Hosts{"bad.vn", "good.vn"});
    CHECK(read(april, piece, 9) == Hosts{"notgood.vn", "good.vn"});
  }
}

TEST_CASE("why a list waits: of each the last time", "[audit]") {
  const TempDir dir;
  const auto log = two_months(dir);
  const auto wait = [&](std::int64_t after_ms, const std::string& detail) {
    REQUIRE(append_event(dir.path, march_2026 + after_ms, "uid 0", "list_waits", detail).ok());
  };
  wait(1, R"({"list":"games","why":["it has lost 41 %","opens 12 hosts"]})");
  wait(2, R"({"list":"bets","why":["it \"shrank\""]})");
  wait(3, R"({"list":"games","why":["it has lost 60 %"]})");
  wait(4, R"({"list":"odd"})");
  const auto found = LogReader(dir.path).list_waits(march_2026);
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK((*found)[0].list == "bets");
  CHECK((*found)[0].why == std::vector<std::string>{"it \"shrank\""});
  CHECK((*found)[1].list == "games");
  CHECK((*found)[1].why == std::vector<std::string>{"it has lost 60 %"});
  CHECK(LogReader(dir.path).list_waits(march_2026 + 100)->empty());
}

TEST_CASE("hosts that many clients visited", "[audit]") {
  TempDir dir;
  const auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  const std::int64_t april = Month{2026, 4}.begin_ms();
  std::uint64_t code = 1;
  const auto visit = [&](const std::string& host, int clients, std::int64_t time_ms, bool allowed = true) {
    for (int i = 0; i < clients; ++i)
      for (int twice = 0; twice < 2; ++twice) {
        LogRecord row = allowed ? allowed_record(code++, host) : blocked_record(code++, host, "/");
        row.time_ms = time_ms;
        row.client = IpAddress::v4(0x0a000100u + static_cast<std::uint32_t>(i));
        REQUIRE(log->write(std::move(row)));
      }
  };
  visit("many.vn", 6, april - 1000);
  visit("many.vn", 4, april + 1000);  // other pseudonyms: nobody knows whether they are the same
  visit("some.vn", 5, april + 1000);
  visit("few.vn", 4, april + 1000);
  visit("blocked.vn", 9, april + 1000, false);
  visit("before.vn", 9, april - 5000);
  REQUIRE(log->flush(10s));
  const auto visited = LogReader(dir.path).visited(april - 2000, april + 2000, 5);
  REQUIRE(visited);
  std::vector<std::pair<std::string, std::uint64_t>> got;
  for (const Visited& one : *visited) got.emplace_back(one.host, one.clients);
  CHECK(got == std::vector<std::pair<std::string, std::uint64_t>>{{"many.vn", 6}, {"some.vn", 5}});
  CHECK(LogReader(dir.path).visited(april + 2000, april + 3000, 1)->empty());
}

TEST_CASE("what cannot be read is an error with the path", "[audit]") {
  TempDir dir;
  const auto missing = LogReader(dir.path).rows({});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message.english().find(dir.path) != std::string::npos);
  std::filesystem::create_directories(dir.path);
  CHECK(LogReader(dir.path).rows({})->empty());
  auto log = open_log(dir);
  log->stop();
  const std::string path = log_path(dir.path, LogKind::access, {2026, 3});
  {
    auto db = Database::open(path, Database::Mode::write);
    REQUIRE(db);
    REQUIRE(db->exec("PRAGMA user_version=99") == SQLITE_OK);
  }
  const auto later = LogReader(dir.path).rows({});
  REQUIRE_FALSE(later);
  CHECK(later.error().message.english().find("a newer version of Schoolgate wrote it") != std::string::npos);
}

TEST_CASE("events from outside are appended", "[audit]") {
  TempDir dir;
  const auto log = open_log(dir);
  REQUIRE(append_event(dir.path, march_2026 + 5, "uid 1000", "safeguarding_read", R"({"why":"call"})").ok());
  const auto events = LogReader(dir.path).events(march_2026 + 1, 10);
  REQUIRE(events);
  REQUIRE(events->size() == 1);
  CHECK(events->front().actor == "uid 1000");
  CHECK(events->front().detail == R"({"why":"call"})");
  CHECK(append_event(dir.path, 0, "a", "b", "not json").failed());
}
