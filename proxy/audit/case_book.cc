#include "proxy/audit/case_book.h"

#include <algorithm>

#include "proxy/audit/case_table.h"
#include "proxy/audit/schema.h"
#include "proxy/audit/sqlite.h"

namespace schoolgate::audit {
namespace {

constexpr std::size_t most_case_rows = 50;
constexpr std::string_view state_names[] = {"new", "seen", "handled", "passed_on", "wrong"};

CaseState state_of(std::string_view name) {
  const auto found = std::ranges::find(state_names, name);
  return found == std::end(state_names) ? CaseState::opened
                                        : static_cast<CaseState>(found - std::begin(state_names));
}

Error case_failure(const std::string& path, const DbError& error) {
  return Error{say("cannot use {}: {}", path, error.message)};
}

// Nullopt: a file without cases.
Result<std::optional<Database>> open_cases(const std::string& path, Database::Mode mode) {
  auto db = Database::open(path, mode);
  if (!db) return case_failure(path, db.error());
  if (Message other = version_problem(*db, path, application_id, schema_version); !other.empty())
    return Error{std::move(other)};
  if (mode == Database::Mode::write) (void)db->exec("PRAGMA busy_timeout=5000; PRAGMA synchronous=FULL;");
  if (!has_cases(*db)) return std::optional<Database>();
  return std::optional(std::move(*db));
}

std::string upper_case(std::string_view code) {
  std::string text(code);
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

constexpr char select_case[] =
    "SELECT c.id, c.code, c.opened_ms, c.until_ms, coalesce(n.name, ''), c.theme, c.tier, c.place, c.shared,"
    " (SELECT count(*) FROM case_hit WHERE case_id = c.id),"
    " (SELECT max(a.ts_ms) FROM case_hit h JOIN access a ON a.id = h.id WHERE h.case_id = c.id),"
    " (SELECT state FROM case_step WHERE case_id = c.id ORDER BY id DESC LIMIT 1) AS state"
    " FROM alert_case c LEFT JOIN client n ON n.id = c.client_id ";

Case case_of(const Statement& s, Month month) {
  Case one;
  one.month = month;
  one.id = s.integer(0);
  one.code = s.text(1);
  one.opened_ms = s.integer(2);
  one.until_ms = s.integer(3);
  one.client = s.text(4);
  one.theme = s.text(5);
  one.tier = s.text(6);
  one.place = s.text(7);
  one.shared = s.integer(8) != 0;
  one.hits = static_cast<std::uint64_t>(s.integer(9));
  one.last_ms = s.integer(10);
  one.state = state_of(s.text(11));
  return one;
}

std::vector<Month> months_newest_first(const std::string& directory) {
  auto months = log_months(directory, LogKind::safeguarding);
  std::reverse(months.begin(), months.end());
  return months;
}

// Each row of `sql` with one number bound.
template <class Take>
Result<void> each_of(Database& db, const std::string& path, const char* sql, std::int64_t id, Take&& take) {
  auto query = db.prepare(sql);
  if (!query) return case_failure(path, query.error());
  query->bind(1, id);
  int code;
  while ((code = query->step()) == SQLITE_ROW) take(*query);
  if (code != SQLITE_DONE) return case_failure(path, db.error());
  return {};
}

Result<void> fill(CaseDetail& detail, Database& db, const std::string& path) {
  const std::int64_t id = detail.about.id;
  auto done =
      each_of(db, path, "SELECT ts_ms, state, actor, note FROM case_step WHERE case_id = ?1 ORDER BY id", id,
              [&](const Statement& s) {
                detail.steps.push_back({s.integer(0), state_of(s.text(1)), s.text(2), s.text(3)});
              });
  if (done.failed()) return done;
  done = each_of(
      db, path,
      "SELECT m.ts_ms, m.way, coalesce(m.failed, '') FROM case_message m JOIN case_step s ON s.id = m.step_id"
      " WHERE s.case_id = ?1 ORDER BY m.id",
      id, [&](const Statement& s) {
        detail.messages.push_back({s.integer(0), s.text(1), s.text(2)});
      });
  if (done.failed()) return done;
  done = each_of(db, path,
                 "SELECT a.ts_ms, h.name, r.category, r.file, r.line, r.reason FROM case_hit c JOIN access a "
                 "ON a.id = c.id"
                 " JOIN host h ON h.id = a.host_id JOIN ruling r ON r.id = a.ruling_id"
                 " WHERE c.case_id = ?1 ORDER BY a.id DESC LIMIT 50",
                 id, [&](const Statement& s) {
                   LogRow row;
                   row.time_ms = s.integer(0);
                   row.host = s.text(1);
                   row.category = s.text(2);
                   row.file = s.text(3);
                   row.line = s.integer(4);
                   row.reason = s.text(5);
                   detail.rows.push_back(std::move(row));
                 });
  static_assert(most_case_rows == 50, "as the statement says");
  std::reverse(detail.rows.begin(), detail.rows.end());
  return done;
}

}  // namespace

std::string_view to_string(CaseState state) noexcept {
  return state_names[static_cast<std::size_t>(state)];
}

bool is_urgent(std::string_view theme) noexcept {
  return theme == "self_harm" || theme == "bullying_abuse" || theme == "abuse";
}

Result<std::vector<Case>> CaseBook::list(bool open, std::size_t limit) const {
  std::vector<Case> all;
  for (const Month month : months_newest_first(directory_)) {
    const std::string path = log_path(directory_, LogKind::safeguarding, month);
    auto db = open_cases(path, Database::Mode::read);
    if (!db) return db.error();
    if (!*db) continue;
    const std::string sql = std::string(select_case) + (open ? "WHERE state IN ('new', 'seen') " : "") +
                            "ORDER BY c.id DESC LIMIT ?1";
    const auto done = each_of(**db, path, sql.c_str(), static_cast<std::int64_t>(limit - all.size()),
                              [&](const Statement& s) { all.push_back(case_of(s, month)); });
    if (done.failed()) return done.error();
    if (all.size() >= limit) break;
  }
  return all;
}

Result<std::optional<CaseDetail>> CaseBook::find(std::string_view code) const {
  const std::string wanted = upper_case(code);
  for (const Month month : months_newest_first(directory_)) {
    const std::string path = log_path(directory_, LogKind::safeguarding, month);
    auto db = open_cases(path, Database::Mode::read);
    if (!db) return db.error();
    if (!*db) continue;
    auto query = (**db).prepare(std::string(select_case) + "WHERE c.code = ?1");
    if (!query) return case_failure(path, query.error());
    if (query->bind(1, wanted).step() != SQLITE_ROW) continue;
    CaseDetail detail;
    detail.about = case_of(*query, month);
    if (const auto filled = fill(detail, **db, path); filled.failed()) return filled.error();
    return std::optional(std::move(detail));
  }
  return std::optional<CaseDetail>();
}

Result<bool> CaseBook::step(std::string_view code, const CaseStep& step) const {
  const auto found = find(code);
  if (!found) return found.error();
  if (!*found) return false;
  const std::string path = log_path(directory_, LogKind::safeguarding, (*found)->about.month);
  auto db = open_cases(path, Database::Mode::write);
  if (!db) return db.error();
  if (!*db) return false;
  auto add = (**db).prepare("INSERT INTO case_step VALUES (NULL,?1,?2,?3,?4,?5)");
  if (!add) return case_failure(path, add.error());
  add->bind(1, (*found)->about.id).bind(2, step.time_ms).bind(3, to_string(step.state)).bind(4, step.actor);
  add->bind(5, step.note);
  if (add->step() != SQLITE_DONE) return case_failure(path, (**db).error());
  return true;
}

Result<std::vector<DueMessage>> CaseBook::due(std::string_view way) const {
  std::vector<DueMessage> all;
  auto months = log_months(directory_, LogKind::safeguarding);
  if (months.size() > 2) months.erase(months.begin(), months.end() - 2);
  for (const Month month : months) {
    const std::string path = log_path(directory_, LogKind::safeguarding, month);
    auto db = open_cases(path, Database::Mode::read);
    if (!db) return db.error();
    if (!*db) continue;
    auto query = (**db).prepare(
        "SELECT s.id, c.code, c.theme, s.ts_ms,"
        " EXISTS (SELECT 1 FROM case_message m WHERE m.step_id = s.id AND m.way = ?1) FROM case_step s JOIN "
        "alert_case c ON c.id = s.case_id"
        " WHERE s.state = 'new' AND s.id = (SELECT max(id) FROM case_step WHERE case_id = s.case_id)"
        " AND NOT EXISTS (SELECT 1 FROM case_message m WHERE m.step_id = s.id AND m.way = ?1 AND m.failed IS "
        "NULL)"
        " ORDER BY s.id");
    if (!query) return case_failure(path, query.error());
    query->bind(1, way);
    int code;
    while ((code = query->step()) == SQLITE_ROW)
      all.push_back({month, query->integer(0), query->text(1), query->text(2), query->integer(3),
                     query->integer(4) != 0});
    if (code != SQLITE_DONE) return case_failure(path, (**db).error());
  }
  return all;
}

Result<void> CaseBook::note_message(const DueMessage& message, std::string_view way, std::int64_t now_ms,
                                    std::string_view failed) const {
  const std::string path = log_path(directory_, LogKind::safeguarding, message.month);
  auto db = open_cases(path, Database::Mode::write);
  if (!db) return db.error();
  if (!*db) return Error{say("there are no cases in {}", path)};
  auto add = (**db).prepare("INSERT INTO case_message VALUES (NULL,?1,?2,?3,?4)");
  if (!add) return case_failure(path, add.error());
  add->bind(1, message.step).bind(2, now_ms).bind(3, way);
  if (failed.empty())
    add->bind_null(4);
  else
    add->bind(4, failed);
  if (add->step() != SQLITE_DONE) return case_failure(path, (**db).error());
  return {};
}

}  // namespace schoolgate::audit
