#include "proxy/audit/log_store.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;

namespace {

LogStore open_store(const TempDir& dir, std::uint32_t keep_days) {
  std::filesystem::create_directories(dir.path);
  auto store = LogStore::open(dir.path, dir.path + "/keys", keep_days);
  if (!store) FAIL(store.error().message);
  return std::move(*store);
}

bool none_protected(Month) {
  return false;
}

// What somebody was let through with, and helped.
void add_help(LogRecord& record) {
  record.help = record.verdict;
  record.help->action = Action::help;
}

void put(LogStore& store, std::int64_t time_ms, Action action = Action::allow) {
  Batch batch;
  batch.rows.push_back(allowed_record(static_cast<std::uint64_t>(time_ms), "a.vn"));
  batch.rows.back().time_ms = time_ms;
  if (action == Action::help) add_help(batch.rows.back());
  if (const auto stored = store.store(batch); stored.failed()) FAIL(stored.error().message);
}

std::vector<std::int64_t> times(const TempDir& dir, LogKind kind = LogKind::access) {
  LogQuery query;
  query.kind = kind;
  const auto rows = LogReader(dir.path).rows(query);
  if (!rows) FAIL(rows.error().message);
  std::vector<std::int64_t> result;
  for (const LogRow& row : *rows) result.push_back(row.time_ms);
  return result;
}

// Until this goes, files of this process do not grow beyond `bytes`: a commit that needs more fails.
class NoGrowth {
 public:
  explicit NoGrowth(std::uintmax_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit small = before_;
    small.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~NoGrowth() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  NoGrowth(const NoGrowth&) = delete;
  NoGrowth& operator=(const NoGrowth&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

// The file takes no rows of port 1: such a row can never be stored there, its neighbours can.
void refuse_port_1(const std::string& file) {
  auto db = Database::open(file, Database::Mode::write);
  REQUIRE(db);
  REQUIRE(db->exec("CREATE TRIGGER refuse BEFORE INSERT ON access WHEN NEW.port = 1 "
                   "BEGIN SELECT RAISE(ABORT, 'refused'); END") == SQLITE_OK);
}

LogRecord record_of(std::uint64_t decision, std::int64_t time_ms, std::uint16_t port) {
  LogRecord record = allowed_record(decision, "a.vn");
  record.time_ms = time_ms;
  record.port = port;
  return record;
}

}  // namespace

TEST_CASE("retention: old months go with their keys, old rows out of the month that is cut", "[audit]") {
  TempDir dir;
  LogStore store = open_store(dir, 30);
  const std::int64_t january = Month{2026, 1}.begin_ms() + 1, cut = march_2026 - 30 * day_ms;
  for (const std::int64_t t : {january, cut - 1, cut, march_2026}) put(store, t, Action::help);
  REQUIRE(times(dir) == std::vector<std::int64_t>{january, cut - 1, cut, march_2026});

  const LogStore::Retained done = store.retain(cut, march_2026, none_protected);
  CHECK(done.files == std::vector<std::string>{log_path(dir.path, LogKind::access, {2026, 1}),
                                               log_path(dir.path, LogKind::safeguarding, {2026, 1})});
  CHECK(done.rows == 2);  // one of each kind
  CHECK_FALSE(done.more);
  CHECK(times(dir) == std::vector<std::int64_t>{cut, march_2026});
  CHECK(times(dir, LogKind::safeguarding) == std::vector<std::int64_t>{cut, march_2026});
  std::ifstream keys(dir.path + "/keys");
  const std::string text((std::istreambuf_iterator<char>(keys)), {});
  CHECK(text.find("2026-01") == std::string::npos);
  CHECK(text.find("2026-02") != std::string::npos);
  // Nothing more to do the next time.
  const LogStore::Retained again = store.retain(cut, march_2026, none_protected);
  CHECK(again.files.empty());
  CHECK(again.rows == 0);
  // Each file says what went, once; nothing of the safeguarding file stands in the ordinary one.
  for (const LogKind kind : {LogKind::access, LogKind::safeguarding}) {
    auto db = Database::open(log_path(dir.path, kind, {2026, 3}), Database::Mode::read);
    REQUIRE(db);
    CHECK(db->integer("SELECT count(*) FROM event WHERE what='retention'") == 1);
    CHECK(db->integer("SELECT detail->>'rows' FROM event WHERE what='retention'") == 2);
    CHECK(db->integer("SELECT instr(detail, 'safeguarding') FROM event WHERE what='retention'") ==
          (kind == LogKind::access ? 0 : db->integer("SELECT instr(detail, 'safeguarding') FROM event")));
  }
}

TEST_CASE("retention: many rows go in steps", "[audit]") {
  TempDir dir;
  LogStore store = open_store(dir, 1);
  Batch batch;
  for (int i = 0; i < 7'000; ++i) {
    batch.rows.push_back(allowed_record(static_cast<std::uint64_t>(i), "a.vn"));
    batch.rows.back().time_ms = march_2026 - 2 * day_ms;
  }
  REQUIRE(store.store(batch).ok());
  const std::int64_t cut = march_2026 - day_ms;
  LogStore::Retained step = store.retain(cut, march_2026, none_protected);
  CHECK(step.rows == 5'000);
  CHECK(step.more);
  step = store.retain(cut, march_2026, none_protected);
  CHECK(step.rows == 2'000);
  CHECK_FALSE(step.more);
  CHECK(times(dir).empty());
}

TEST_CASE("a batch that one file refuses is written once in the other", "[audit]") {
  TempDir dir;
  LogStore store = open_store(dir, 90);
  put(store, march_2026, Action::help);
  auto other = Database::open(log_path(dir.path, LogKind::safeguarding, {2026, 3}), Database::Mode::write);
  REQUIRE(other);
  REQUIRE(other->exec("BEGIN IMMEDIATE") == SQLITE_OK);
  Batch batch;
  batch.rows.push_back(allowed_record(1, "b.vn"));
  add_help(batch.rows.back());
  batch.rows.push_back(allowed_record(2, "c.vn"));
  REQUIRE(store.store(batch).failed());
  REQUIRE(store.store(batch).failed());
  REQUIRE(other->exec("ROLLBACK") == SQLITE_OK);
  REQUIRE(store.store(batch).ok());
  CHECK(times(dir).size() == 3);
  CHECK(times(dir, LogKind::safeguarding).size() == 2);
}

TEST_CASE("a failed commit after another file's commit repeats only what is missing", "[audit]") {
  TempDir dir;
  LogStore store = open_store(dir, 90);
  put(store, march_2026);
  put(store, Month{2026, 4}.begin_ms());
  // A reader in rollback mode cannot hold up a commit in WAL mode, so the second file refuses to begin.
  auto other = Database::open(log_path(dir.path, LogKind::access, {2026, 4}), Database::Mode::write);
  REQUIRE(other);
  REQUIRE(other->exec("BEGIN IMMEDIATE") == SQLITE_OK);
  Batch batch;
  LogRecord open_row = allowed_record(5, "t.vn");
  open_row.part = LogRecord::Part::tunnel_open;
  batch.rows.push_back(open_row);
  LogRecord end;
  end.part = LogRecord::Part::tunnel_end;
  end.decision = 5;
  end.ended = Ended::done;
  end.bytes_up = 9;
  batch.rows.push_back(end);
  batch.rows.push_back(allowed_record(6, "u.vn"));
  batch.rows.back().time_ms = Month{2026, 4}.begin_ms();
  REQUIRE(store.store(batch).failed());
  REQUIRE(other->exec("ROLLBACK") == SQLITE_OK);
  REQUIRE(store.store(batch).ok());
  const auto rows = LogReader(dir.path).rows({});
  REQUIRE(rows);
  REQUIRE(rows->size() == 4);
  CHECK(rows->at(1).host == "t.vn");
  CHECK(rows->at(1).ended == "done");
  CHECK(rows->at(1).bytes_up == 9);
}

TEST_CASE("rows that can never be stored are told once, however often their batch is tried", "[audit]") {
  constexpr std::uint16_t bad = 1, good = 443;
  const std::int64_t april = Month{2026, 4}.begin_ms();
  TempDir dir;
  LogStore store = open_store(dir, 90);
  put(store, march_2026, Action::help);
  for (int i = 0; i < 30; ++i) put(store, april + i);  // its WAL is longer than March's
  const std::string april_file = log_path(dir.path, LogKind::access, {2026, 4});
  refuse_port_1(april_file);
  refuse_port_1(log_path(dir.path, LogKind::access, {2026, 3}));
  refuse_port_1(log_path(dir.path, LogKind::safeguarding, {2026, 3}));

  Batch batch;
  batch.rows = {record_of(1, march_2026, bad), record_of(2, march_2026, good), record_of(3, march_2026, bad),
                record_of(4, april, bad), record_of(5, april, good)};
  add_help(batch.rows[0]);  // both files of March refuse it: one row is lost all the same
  {
    // March is committed, then April's commit finds no room.
    const NoGrowth no_growth(std::filesystem::file_size(april_file + "-wal"));
    REQUIRE(store.store(batch).failed());
    CHECK(store.unstorable() == 0);  // it is tried again: nothing is lost yet
    REQUIRE(store.store(batch).failed());
    CHECK(store.unstorable() == 0);
  }
  CHECK(times(dir).size() == 1 + 30 + 1);  // March's good row was committed with the first attempt
  REQUIRE(store.store(batch).ok());
  CHECK(store.unstorable() == 3);
  CHECK(times(dir).size() == 1 + 30 + 2);

  Batch next;
  next.rows = {record_of(6, march_2026, good)};
  REQUIRE(store.store(next).ok());
  CHECK(store.unstorable() == 0);  // what was told is not told again
}

TEST_CASE("a file that was moved away is begun anew", "[audit]") {
  TempDir dir;
  LogStore store = open_store(dir, 90);
  Batch opened;
  opened.rows = {allowed_record(5, "tunnel.vn")};
  opened.rows[0].part = LogRecord::Part::tunnel_open;
  opened.rows[0].time_ms = march_2026;
  REQUIRE(store.store(opened).ok());
  CHECK(store.close_replaced().empty());
  const std::string path = log_path(dir.path, LogKind::access, {2026, 3});
  std::filesystem::rename(path, path + ".away");
  CHECK(store.close_replaced() == std::vector<std::string>{path});
  put(store, march_2026 + 1);
  CHECK(times(dir) == std::vector<std::int64_t>{march_2026 + 1});

  // The tunnel's row went with the file; the row that has its number now is another's.
  Batch end;
  end.rows.emplace_back();
  end.rows[0].part = LogRecord::Part::tunnel_end;
  end.rows[0].decision = opened.rows[0].decision;
  end.rows[0].bytes_up = 9;
  REQUIRE(store.store(end).ok());
  const auto rows = LogReader(dir.path).rows({});
  REQUIRE(rows);
  REQUIRE(rows->size() == 1);
  CHECK(rows->at(0).bytes_up == 0);
}
