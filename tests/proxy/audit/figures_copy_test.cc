#include "proxy/audit/figures_copy.h"

#include <catch2/catch.hpp>

#include "proxy/audit/schema.h"
#include "proxy/audit/site_names.h"
#include "proxy/audit/sqlite.h"
#include "proxy/audit/totals.h"
#include "tests/config/support.h"

using namespace schoolgate;
using namespace schoolgate::audit;

namespace {

std::string folder_path(const test::Folder& folder) {
  return folder.path("x").substr(0, folder.path("x").size() - 2);
}

void run_sql(const std::string& path, const std::string& sql) {
  REQUIRE(make_file(path, 0640).ok());
  auto db = Database::open(path, Database::Mode::write);
  REQUIRE(db);
  REQUIRE(db->exec(sql.c_str()) == SQLITE_OK);
}

std::int64_t ask(const std::string& path, const char* sql) {
  auto db = Database::open(path, Database::Mode::read);
  REQUIRE(db);
  return db->integer(sql);
}

// Figures of these hours, so many requests each.
void make_totals(const test::Folder& folder, std::initializer_list<std::pair<int, int>> hours) {
  REQUIRE(open_or_begin(folder.path("totals.db"), totals_kind()));
  std::string sql = "INSERT OR IGNORE INTO name VALUES (NULL,'thcs'),(NULL,'');";
  for (const auto& [hour, requests] : hours)
    sql += "INSERT INTO hourly VALUES (" + std::to_string(hour) + ",1,2,0,0," + std::to_string(requests) +
           ");INSERT INTO visited VALUES (" + std::to_string(hour) + ",1,2,0,0,1);";
  run_sql(folder.path("totals.db"), sql + "INSERT INTO counted VALUES ('2026-11', 7);");
}

void make_names(const test::Folder& folder, const char* rows) {
  REQUIRE(open_or_begin(folder.path("names.db"), names_kind()));
  run_sql(folder.path("names.db"), rows);
}

}  // namespace

TEST_CASE("hours come where a machine has none, once", "[audit][backup]") {
  const test::Folder school, machine;
  make_totals(school, {{100, 5}, {101, 6}});
  make_totals(machine, {{101, 9}});
  const auto copy = copy_totals(folder_path(school));
  REQUIRE(copy);
  for (const std::int64_t come : {1, 0}) {  // once more changes nothing
    const auto joined = join_totals(folder_path(machine), *copy);
    REQUIRE(joined);
    CHECK(*joined == come);
    CHECK(ask(machine.path("totals.db"), "SELECT sum(requests) FROM totals") == 14);
    CHECK(ask(machine.path("totals.db"), "SELECT sum(visits) FROM totals") == 2);
    CHECK(ask(machine.path("totals.db"), "SELECT count(*) FROM counted") == 1);
  }
  // A machine without any: what was counted there of rows that are not here is forgotten.
  const test::Folder bare;
  REQUIRE(join_totals(folder_path(bare), *copy));
  CHECK(ask(bare.path("totals.db"), "SELECT sum(requests) FROM totals") == 11);
  CHECK(ask(bare.path("totals.db"), "SELECT count(*) FROM counted") == 0);
}

TEST_CASE("hours that a machine's rows tell of are left to these", "[audit][backup]") {
  const test::Folder school, machine;
  make_totals(school, {{100, 5}, {101, 6}, {102, 7}});
  run_sql(machine.path("access-1970-01.db"), std::string(create_tables) + "INSERT INTO access VALUES (1," +
                                                 std::to_string(101 * 3'600'000) +
                                                 ",0,1,1,1,0,0,0,80,200,0,0,0,0,NULL);");
  REQUIRE(join_totals(folder_path(machine), *copy_totals(folder_path(school))));
  CHECK(ask(machine.path("totals.db"), "SELECT sum(requests) FROM totals") == 5);
}

TEST_CASE("sites that few asked for are in no copy", "[audit][backup]") {
  const test::Folder school, machine;
  make_names(school, "INSERT INTO site VALUES (1,'many.vn',20000,1),(2,'few.example',20001,0);");
  const auto copy = copy_names(folder_path(school));
  REQUIRE(copy);
  CHECK(copy->find("few.example") == std::string::npos);
  CHECK(copy->find("many.vn") != std::string::npos);
  make_names(machine, "INSERT INTO site VALUES (1,'many.vn',19000,1),(2,'own.vn',20001,0);");
  REQUIRE(join_names(folder_path(machine), *copy));
  CHECK(ask(machine.path("names.db"), "SELECT count(*) FROM site") == 2);
  CHECK(ask(machine.path("names.db"), "SELECT first_day FROM site WHERE name='many.vn'") == 19000);
}

TEST_CASE("no copy that is none, damaged, or of a newer version is taken", "[audit][backup]") {
  const test::Folder school, machine;
  CHECK(*copy_totals(folder_path(school)) == "");
  make_totals(school, {{100, 5}});
  const std::string copy = *copy_totals(folder_path(school));
  CHECK(join_totals(folder_path(machine), "no database").failed());
  CHECK(join_totals(folder_path(machine), copy.substr(0, copy.size() / 2)).failed());
  run_sql(school.path("totals.db"), "PRAGMA user_version=2");
  const auto newer = copy_totals(folder_path(school));
  REQUIRE(newer.failed());
  CHECK(newer.error().message.english().find(
            "totals.db: a newer version of Schoolgate wrote it (form 2, and this one "
            "knows 1): install that version again, or move the file away") != std::string::npos);
  // A view in the place of a table is never asked.
  const test::Folder forged;
  run_sql(forged.path("totals.db"),
          "CREATE TABLE name (id, text); CREATE TABLE visited (x); CREATE VIEW hourly AS "
          "SELECT 1; PRAGMA application_id=" +
              std::to_string(totals_id) + ";PRAGMA user_version=1");
  CHECK(join_totals(folder_path(machine), forged.read("totals.db")).failed());
}
