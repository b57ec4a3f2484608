#include "proxy/audit/sqlite.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/proxy/audit/log_fixture.h"
#include "tests/support/child_process.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;

namespace {

// Its owner makes the file; a connection never does.
std::string empty_file(const TempDir& dir, const std::string& name = "a.db") {
  const std::string path = dir.root + "/" + name;
  std::ofstream(path).flush();
  return path;
}

Database opened(const std::string& path, Database::Mode mode = Database::Mode::write) {
  auto db = Database::open(path, mode);
  if (!db) FAIL(db.error().message);
  return std::move(*db);
}

void run_sql(Database& db, const char* sql) {
  INFO(sql);
  if (db.exec(sql) != SQLITE_OK) FAIL(db.error().message);
}

// As the writer of the log has it, one row in it.
Database with_a_row(const std::string& path) {
  Database db = opened(path);
  run_sql(db, "PRAGMA journal_mode=WAL; CREATE TABLE t (n INTEGER, x TEXT); INSERT INTO t VALUES (7, 'a')");
  return db;
}

}  // namespace

TEST_CASE("sqlite: which errors are the file's, which one row's, and which may pass", "[audit][sqlite]") {
  struct Row {
    int code;
    bool damaged, row_only;
  };
  const Row rows[] = {
      {SQLITE_CORRUPT, true, false},
      {SQLITE_CORRUPT_VTAB, true, false},  // an extended code is its primary one's kind
      {SQLITE_NOTADB, true, false},
      {SQLITE_CONSTRAINT, false, true},
      {SQLITE_CONSTRAINT_NOTNULL, false, true},
      {SQLITE_MISMATCH, false, true},
      {SQLITE_TOOBIG, false, true},
      {SQLITE_RANGE, false, true},
      {SQLITE_BUSY, false, false},
      {SQLITE_FULL, false, false},
      {SQLITE_IOERR_WRITE, false, false},
      {SQLITE_NOMEM, false, false},
      {SQLITE_READONLY, false, false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(sqlite3_errstr(row.code) << ' ' << row.code) {
      const DbError error{row.code, {}};
      CHECK(error.damaged() == row.damaged);
      CHECK(error.row_only() == row.row_only);
    }
  CHECK_FALSE(DbError{}.damaged());  // unknown: nothing is set aside or left out for it
  CHECK_FALSE(DbError{}.row_only());
}

TEST_CASE("sqlite: no connection makes a file", "[audit][sqlite]") {
  TempDir dir;
  const std::string path = dir.root + "/none.db";
  for (const Database::Mode mode : {Database::Mode::write, Database::Mode::read}) {
    const auto db = Database::open(path, mode);
    REQUIRE_FALSE(db);
    CHECK((db.error().code & 0xff) == SQLITE_CANTOPEN);
    CHECK_FALSE(db.error().message.empty());
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("sqlite: a path is a path, whatever letters it has", "[audit][sqlite]") {
  TempDir dir;
  for (const char* name : {"a b.db", "100%.db", "a?mode=memory.db", "a#b.db", "%61.db", "Trường.db"})
    DYNAMIC_SECTION(name) {
      const std::string path = empty_file(dir, name);
      Database db = opened(path);
      run_sql(db, "CREATE TABLE t (n)");
      CHECK(std::filesystem::file_size(path) > 0);
    }
}

TEST_CASE("sqlite: texts are kept byte by byte, and an empty one is not NULL", "[audit][sqlite]") {
  TempDir dir;
  Database db = opened(empty_file(dir));
  run_sql(db, "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)");
  const std::string with_nul("a\0b", 3);
  auto add = db.prepare("INSERT INTO t VALUES (?1,?2)");
  REQUIRE(add);
  const auto put = [&] {
    CHECK(add->step() == SQLITE_DONE);
    add->reset();
  };
  add->bind(1, 1).bind(2, with_nul);
  put();
  add->bind(1, 2).bind(2, std::string_view());  // whose pointer is null
  put();
  add->bind(1, 3).bind_null(2);
  put();
  add->bind(1, 4).bind(2, "\xff\xfe");  // no UTF-8
  put();
  CHECK(db.last_id() == 4);
  auto query = db.prepare("SELECT x FROM t ORDER BY id");
  REQUIRE(query);
  const auto next = [&] {
    CHECK(query->step() == SQLITE_ROW);
    return query->text(0);
  };
  CHECK(next() == with_nul);
  CHECK(next().empty());
  CHECK_FALSE(query->is_null(0));
  CHECK(next().empty());
  CHECK(query->is_null(0));
  CHECK(next() == "\xff\xfe");
  CHECK(query->step() == SQLITE_DONE);
}

TEST_CASE("sqlite: what is wrong is said; a question without an answer is 0", "[audit][sqlite]") {
  TempDir dir;
  Database db = opened(empty_file(dir));
  run_sql(db, "CREATE TABLE t (n INTEGER NOT NULL)");
  CHECK(db.integer("SELECT n FROM t") == 0);
  CHECK(db.integer("SELECT no_such_column FROM t") == 0);
  const auto wrong = db.prepare("SELECT no_such_column FROM t");
  REQUIRE_FALSE(wrong);
  CHECK_THAT(wrong.error().message.english(), Catch::Contains("no_such_column"));
  CHECK(db.exec("INSERT INTO t VALUES (NULL)") != SQLITE_OK);
  CHECK(db.error().code == SQLITE_CONSTRAINT_NOTNULL);  // the extended one
  CHECK(db.error().row_only());
}

TEST_CASE("sqlite: a file of other bytes is damaged, not empty", "[audit][sqlite]") {
  TempDir dir;
  const std::string path = dir.root + "/a.db";
  std::ofstream(path) << std::string(8'192, 'x');
  auto db = Database::open(path, Database::Mode::write);
  REQUIRE(db);  // SQLite has not looked yet
  CHECK(db->exec("CREATE TABLE t (n)") != SQLITE_OK);
  CHECK(db->error().damaged());
  const auto read = Database::open(path, Database::Mode::read);
  REQUIRE_FALSE(read);
  CHECK(read.error().damaged());
}

TEST_CASE("sqlite: who reads sees what was committed while it is open, and changes nothing",
          "[audit][sqlite]") {
  TempDir dir;
  const std::string path = empty_file(dir);
  Database writer = with_a_row(path);
  Database reader = opened(path, Database::Mode::read);
  CHECK(reader.integer("SELECT count(*) FROM t") == 1);
  run_sql(writer, "BEGIN; INSERT INTO t VALUES (8, 'b')");
  CHECK(writer.in_transaction());
  CHECK(reader.integer("SELECT count(*) FROM t") == 1);
  run_sql(writer, "COMMIT");
  CHECK_FALSE(writer.in_transaction());
  CHECK(reader.integer("SELECT count(*) FROM t") == 2);
  CHECK(reader.exec("DELETE FROM t") != SQLITE_OK);
  CHECK((reader.error().code & 0xff) == SQLITE_READONLY);
  CHECK(writer.integer("SELECT count(*) FROM t") == 2);
}

TEST_CASE("sqlite: who may not write in the folder reads all the same, the newest rows too",
          "[audit][sqlite]") {
  if (::geteuid() != 0) return;  // it takes another user
  TempDir dir;
  const std::string path = empty_file(dir);
  REQUIRE(::chmod(dir.root.c_str(), 0755) == 0);
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  // As another user: the number of rows, 100 when the file cannot be read.
  const auto rows_for_others = [&path] {
    return test::in_child([&path] {
      if (::setresgid(65'534, 65'534, 65'534) != 0 || ::setresuid(65'534, 65'534, 65'534) != 0) return 101;
      auto db = Database::open(path, Database::Mode::read);
      return db ? static_cast<int>(db->integer("SELECT count(*) FROM t")) : 100;
    });
  };
  {
    Database writer = with_a_row(path);
    run_sql(writer, "INSERT INTO t VALUES (8, 'b')");
    CHECK(std::filesystem::exists(path + "-wal"));
    CHECK(rows_for_others() == 2);
  }
  CHECK_FALSE(std::filesystem::exists(path + "-wal"));  // nobody has it open
  CHECK(rows_for_others() == 2);
  // What stands in a -wal that he may not read would be missing: then there is no answer.
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  Database writer = opened(path);
  run_sql(writer, "INSERT INTO t VALUES (9, 'c')");
  for (const char* suffix : {"-wal", "-shm"}) REQUIRE(::chmod((path + suffix).c_str(), 0600) == 0);
  CHECK(rows_for_others() == 100);
}

TEST_CASE("sqlite: two who write: the second is told soon, and can try again", "[audit][sqlite]") {
  TempDir dir;
  const std::string path = empty_file(dir);
  Database first = with_a_row(path), second = opened(path);
  run_sql(first, "BEGIN IMMEDIATE");
  CHECK(second.exec("INSERT INTO t VALUES (8, 'b')") != SQLITE_OK);
  CHECK((second.error().code & 0xff) == SQLITE_BUSY);
  CHECK_FALSE(second.error().damaged());
  run_sql(first, "COMMIT");
  run_sql(second, "INSERT INTO t VALUES (8, 'b')");
}

TEST_CASE("sqlite: a sync is good before the first row and after the last", "[audit][sqlite]") {
  TempDir dir;
  Database db = opened(empty_file(dir));
  CHECK(db.sync_wal() == SQLITE_OK);
  run_sql(db, "PRAGMA journal_mode=WAL; CREATE TABLE t (n)");
  CHECK(db.sync_wal() == SQLITE_OK);
}
