#include "proxy/audit/row_spans.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <random>

#include "proxy/audit/log_reader.h"
#include "proxy/audit/seal_check.h"
#include "tests/proxy/audit/log_fixture.h"
#include "tests/support/draws.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t rows_written = 3 * rows_per_span + 900;

std::string file_of(const std::string& folder) {
  return log_path(folder, LogKind::access, Month::of(march_2026));
}

// Hosts that are asked for often, seldom and in one stretch alone; a clock that is set back twice.
void write_log(const TempDir& dir) {
  const auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  std::mt19937 random(5);
  std::int64_t time_ms = march_2026;
  for (std::uint64_t i = 0; i < rows_written; ++i) {
    time_ms += static_cast<std::int64_t>(random() % 40);
    if (i == 5'000 || i == 9'000) time_ms -= 100'000;
    std::string host = "often" + std::to_string(random() % 20) + ".vn";
    if (random() % 900 == 0) host = "www.seldom.vn";
    if (i > 6'000 && i < 6'100) host = "stretch.vn";
    LogRecord row = random() % 50 == 0 ? blocked_record(i + 1, host, "/x") : allowed_record(i + 1, host);
    row.time_ms = time_ms;
    row.client = IpAddress::v4(static_cast<std::uint32_t>(0x0a000300 + random() % 200));
    while (!log->has_room()) REQUIRE(log->flush(10s));
    REQUIRE(log->write(std::move(row)));
  }
  REQUIRE(log->stop());
}

void make_spans(const std::string& folder) {
  auto db = Database::open(file_of(folder), Database::Mode::write);
  REQUIRE(db);
  for (;;) {
    const auto more = add_row_spans(*db);
    REQUIRE(more);
    if (!*more) break;
  }
  CHECK(db->integer("SELECT count(*) FROM row_span") == rows_written / rows_per_span);
}

void change(const std::string& folder, const char* sql) {
  auto db = Database::open(file_of(folder), Database::Mode::write);
  REQUIRE(db);
  INFO(sql);
  REQUIRE(db->exec(sql) == SQLITE_OK);
}

std::vector<std::int64_t> ids(const LogReader& reader, const LogQuery& query) {
  const auto rows = reader.rows(query);
  if (!rows) FAIL(rows.error().message.english());
  std::vector<std::int64_t> found;
  for (const LogRow& row : *rows) found.push_back(row.id);
  return found;
}

std::string copy_of(const TempDir& dir, const std::string& name) {
  const std::string copy = dir.root + "/" + name;
  std::filesystem::copy(dir.path, copy, std::filesystem::copy_options::recursive);
  return copy;
}

}  // namespace

TEST_CASE("row spans: every question has the answer that reading all rows gives", "[audit]") {
  TempDir dir;
  write_log(dir);
  const std::string plain = copy_of(dir, "plain");
  change(plain, "DROP TABLE row_span");
  make_spans(dir.path);
  const LogReader with(dir.path), without(plain);
  const auto some = without.rows({});
  REQUIRE(some);
  std::mt19937 random(9);
  std::size_t found = 0;
  for (int i = 0; i < test::draws(400); ++i) {
    const LogRow& like = (*some)[random() % some->size()];
    LogQuery query;
    const char* const hosts[] = {"seldom.vn", "stretch.vn", "vn", "never.vn"};
    if (random() % 2 != 0) query.host = random() % 2 != 0 ? std::string(hosts[random() % 4]) : like.host;
    if (random() % 3 == 0) query.client = like.client;
    if (random() % 3 == 0) query.tier = like.tier;
    if (random() % 4 == 0) query.category = like.category;
    if (random() % 6 == 0) query.reason = like.reason;
    if (random() % 6 == 0) query.action = static_cast<int>(like.action);
    query.visits = random() % 8 == 0;
    query.not_allowed = random() % 8 == 0;
    if (random() % 3 == 0) query.since_ms = like.time_ms;
    if (random() % 3 == 0) query.until_ms = like.time_ms + static_cast<std::int64_t>(random() % 200'000);
    query.limit = random() % 3 == 0 ? 0 : 1 + random() % 60;
    const auto want = ids(without, query);
    CAPTURE(i, query.host.value_or("-"), query.limit);
    CHECK(ids(with, query) == want);
    found += want.size();
  }
  CHECK(found > static_cast<std::size_t>(test::draws(10'000)));
}

TEST_CASE("row spans: what is not told of is looked at", "[audit]") {
  TempDir dir;
  write_log(dir);
  make_spans(dir.path);
  auto db = Database::open(file_of(dir.path), Database::Mode::write);
  REQUIRE(db);
  AskedNumbers nobody;
  nobody.hosts.emplace();
  auto runs = runs_that_may_hold(*db, nobody);
  REQUIRE(runs);
  REQUIRE(runs->size() == 1);  // the rows after the last whole span
  CHECK(runs->front().last - runs->front().first < rows_per_span);
  SECTION("a span that is gone") {
    REQUIRE(db->exec("DELETE FROM row_span WHERE span = 1") == SQLITE_OK);
    CHECK(runs_that_may_hold(*db, nobody)->size() == 2);
  }
  SECTION("spans of rows that are gone, whose numbers may be given again") {
    REQUIRE(db->exec("DELETE FROM access WHERE id > 5000") == SQLITE_OK);
    runs = runs_that_may_hold(*db, nobody);
    CHECK(runs->front().last == 5000);
    CHECK_FALSE(*add_row_spans(*db));
    CHECK(db->integer("SELECT max(span) FROM row_span") == 0);
  }
  SECTION("spans before the first row go") {
    REQUIRE(db->exec("DELETE FROM access WHERE id < 8192") == SQLITE_OK);
    CHECK_FALSE(*add_row_spans(*db));
    CHECK(db->integer("SELECT min(span) FROM row_span") == 2);
  }
}

TEST_CASE("row spans: a span that hides rows is told by the check of the seals, and by the script",
          "[audit]") {
  TempDir dir;
  write_log(dir);
  make_spans(dir.path);
  const auto told = [](const std::string& folder) {
    SealQuestion question;
    question.directory = folder;
    const auto checked = check_seals(question);
    if (!checked) FAIL(checked.error().message.english());
    std::vector<std::int64_t> spans;
    for (const Finding& one : checked->findings) {
      if (one.kind != FindingKind::index_changed) continue;
      CHECK_FALSE(checked->whole());
      spans = one.ids;
    }
    const std::string script = "python3 " SCHOOLGATE_SOURCE_DIR "/packaging/auditor/schoolgate-verify.py '" +
                               folder + "' --key '" + folder +
                               "/seal.pub' | grep 'INDEX CHANGED' > /dev/null";
    CHECK((std::system(script.c_str()) == 0) == !spans.empty());
    return spans;
  };
  CHECK(told(dir.path).empty());
  const struct {
    const char *name, *sql;
  } edits[] = {
      {"hosts", "UPDATE row_span SET hosts = x'01' WHERE span = 1"},
      {"clients", "UPDATE row_span SET clients = x'' WHERE span = 1"},
      {"rulings", "UPDATE row_span SET rulings = x'80' WHERE span = 1"},
      {"times", "UPDATE row_span SET to_ms = to_ms - 1 WHERE span = 1"},
  };
  for (const auto& edit : edits) {
    DYNAMIC_SECTION(edit.name) {
      change(dir.path, edit.sql);
      CHECK(told(dir.path) == std::vector<std::int64_t>{1});
    }
  }
}
