#include "proxy/audit/case_table.h"

#include <optional>

#include "proxy/audit/codes.h"

namespace schoolgate::audit {
namespace {

constexpr int code_tries = 8;

Result<void, DbError> run_once(Database& db, std::string_view sql,
                               std::initializer_list<std::int64_t> numbers,
                               std::initializer_list<std::string_view> texts = {}) {
  auto statement = db.prepare(sql);
  if (!statement) return statement.error();
  int index = 0;
  for (const std::int64_t number : numbers) statement->bind(++index, number);
  for (const std::string_view text : texts) statement->bind(++index, text);
  if (statement->step() != SQLITE_DONE) return db.error();
  return {};
}

struct OpenCase {
  std::int64_t id = 0;
  std::string state;
};

// Id 0: none.
Result<OpenCase, DbError> find_case(Database& db, const AlertHit& hit) {
  auto find = db.prepare(
      "SELECT c.id, (SELECT state FROM case_step WHERE case_id = c.id ORDER BY id DESC LIMIT 1) FROM "
      "alert_case c"
      " WHERE c.until_ms > ?1 AND c.opened_ms <= ?1 AND c.client_id = ?2 AND c.theme = ?3 ORDER BY c.id DESC "
      "LIMIT 1");
  if (!find) return find.error();
  find->bind(1, hit.time_ms).bind(2, hit.client).bind(3, hit.theme);
  const int code = find->step();
  if (code == SQLITE_DONE) return OpenCase();
  if (code != SQLITE_ROW) return db.error();
  return OpenCase{find->integer(0), find->text(1)};
}

Result<std::int64_t, DbError> open_case(Database& db, const AlertHit& hit) {
  for (int i = 0; i < code_tries; ++i) {
    const auto random = static_cast<std::uint64_t>(db.integer("SELECT random()")) & code_mask;
    std::string code = decision_code(random);
    code = "CA-" + code.substr(0, 4) + code.substr(5);
    auto add = db.prepare("INSERT OR IGNORE INTO alert_case VALUES (NULL,?1,?2,?3,?4,?5,?6,?7,?8)");
    if (!add) return add.error();
    add->bind(1, code).bind(2, hit.time_ms).bind(3, hit.until_ms).bind(4, hit.client).bind(5, hit.theme);
    add->bind(6, hit.tier).bind(7, hit.place).bind(8, std::int64_t{hit.shared ? 1 : 0});
    if (add->step() != SQLITE_DONE) return db.error();
    if (db.integer("SELECT changes()") == 1) return db.last_id();
  }
  return DbError{SQLITE_INTERNAL, say("no code for a case was free")};
}

}  // namespace

std::string forget_cases_sql(std::int64_t before_ms, const UnsealedRows* only) {
  const std::string old = "(SELECT id FROM alert_case WHERE until_ms < " + std::to_string(before_ms) + ")";
  const auto of = [&](const std::string& table, const std::string& which) {
    return "DELETE FROM " + table + " WHERE " + which +
           (only != nullptr ? " AND id <= " + std::to_string(only->base_of(table)) : "") + ";";
  };
  return of("case_message", "step_id IN (SELECT id FROM case_step WHERE case_id IN " + old + ")") +
         of("case_step", "case_id IN " + old) + of("case_hit", "case_id IN " + old) +
         of("alert_case", "until_ms < " + std::to_string(before_ms));
}

bool has_cases(Database& db) {
  return db.integer("SELECT count(*) FROM sqlite_schema WHERE type='table' AND name='case_message'") == 1;
}

Result<void, DbError> note_alert_hit(Database& db, const AlertHit& hit) {
  const auto found = find_case(db, hit);
  if (!found) return found.error();
  std::int64_t id = found->id;
  if (id == 0) {
    const auto opened = open_case(db, hit);
    if (!opened) return opened.error();
    id = *opened;
  }
  if (const auto added = run_once(db, "INSERT OR REPLACE INTO case_hit VALUES (?1,?2)", {hit.row, id});
      added.failed())
    return added;
  if (found->id != 0 && found->state != "seen" && found->state != "handled") return {};
  return run_once(db, "INSERT INTO case_step VALUES (NULL,?1,?2,?3,?4,?5)", {id, hit.time_ms},
                  {"new", "schoolgate", found->id == 0 ? "" : "another alert"});
}

}  // namespace schoolgate::audit
