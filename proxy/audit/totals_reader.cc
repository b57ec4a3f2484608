#include "proxy/audit/totals_reader.h"

#include <unistd.h>

#include <map>

#include "proxy/audit/month.h"
#include "proxy/audit/schema.h"

namespace schoolgate::audit {
namespace {

Error unreadable(const std::string& path, const DbError& error) {
  return Error{say("cannot read {}: {}", path, error.message)};
}

// What is counted already, and how far in each month's file.
struct Counted {
  std::map<std::string, std::int64_t> last;
  std::vector<Tally::Line> lines;
};

// A file that an older program began knows of no visits.
std::string lines_sql(Database& db) {
  std::string sql = "SELECT h.hour, t.text, c.text, h.action, h.seen, h.requests, ";
  sql += counts_visits(db) ? "coalesce(v.visits, 0)" : "0";
  sql += " FROM hourly h JOIN name t ON t.id = h.tier JOIN name c ON c.id = h.category";
  if (counts_visits(db))
    sql +=
        " LEFT JOIN visited v ON v.hour = h.hour AND v.tier = h.tier AND v.category = h.category"
        " AND v.action = h.action AND v.seen = h.seen";
  return sql + " WHERE h.hour >= ?1 AND h.hour < ?2";
}

Result<Counted> read_counted(const std::string& path, std::int64_t from_hour, std::int64_t to_hour) {
  Counted counted;
  if (::access(path.c_str(), F_OK) != 0) return counted;
  auto db = Database::open(path, Database::Mode::read);
  if (!db) return unreadable(path, db.error());
  if (Message other = version_problem(*db, path, totals_id, totals_version); !other.empty())
    return Error{std::move(other)};
  // One picture of both: what is counted meanwhile is read from the rows.
  if (db->exec("BEGIN") != SQLITE_OK) return unreadable(path, db->error());
  auto marks = db->prepare("SELECT month, id FROM counted");
  if (!marks) return unreadable(path, marks.error());
  int code;
  while ((code = marks->step()) == SQLITE_ROW) counted.last[marks->text(0)] = marks->integer(1);
  if (code != SQLITE_DONE) return unreadable(path, db->error());
  auto query = db->prepare(lines_sql(*db));
  if (!query) return unreadable(path, query.error());
  query->bind(1, from_hour).bind(2, to_hour);
  while ((code = query->step()) == SQLITE_ROW) {
    counted.lines.push_back({query->integer(0), static_cast<int>(query->integer(3)),
                             static_cast<int>(query->integer(4)), query->text(1), query->text(2),
                             static_cast<std::uint64_t>(query->integer(5)),
                             static_cast<std::uint64_t>(query->integer(6))});
  }
  if (code != SQLITE_DONE) return unreadable(path, db->error());
  return counted;
}

}  // namespace

bool counts_visits(Database& db) {
  return db.integer("SELECT count(*) FROM sqlite_schema WHERE type='table' AND name='visited'") == 1;
}

std::string totals_path(const std::string& directory) {
  return directory + "/totals.db";
}

Result<std::int64_t, DbError> last_row(Database& rows) {
  auto query = rows.prepare("SELECT max(id) FROM access");
  if (!query) return query.error();
  if (query->step() != SQLITE_ROW) return rows.error();
  return query->integer(0);
}

Result<void, DbError> count_rows(Database& rows, std::int64_t after, std::int64_t last,
                                 const std::function<void(const Tally::Line&)>& take) {
  // A file of an older version has no sums, until it is next written to.
  const std::string tables =
      std::string("SELECT count(*) FROM sqlite_schema WHERE type='table' AND name='") + added_table + "'";
  const bool sums = rows.integer(tables) == 1;
  const std::string sql =
      std::string(
          "SELECT a.ts_ms / 3600000, coalesce(r.tier, ''), coalesce(r.category, ''), a.action, a.seen, ") +
      (sums ? "sum(coalesce(n.count, 1)), sum(iif(r.flags & 8, coalesce(n.count, 1), 0))" : "count(*), 0") +
      " FROM access a LEFT JOIN ruling r ON r.id = a.ruling_id" +
      (sums ? " LEFT JOIN summed n ON n.id = a.id" : "") +
      " WHERE a.id > ?1 AND a.id <= ?2 GROUP BY 1, 2, 3, 4, 5";
  auto query = rows.prepare(sql);
  if (!query) return query.error();
  query->bind(1, after).bind(2, last);
  int code;
  while ((code = query->step()) == SQLITE_ROW) {
    take({query->integer(0), static_cast<int>(query->integer(3)), static_cast<int>(query->integer(4)),
          query->text(1), query->text(2), static_cast<std::uint64_t>(query->integer(5)),
          static_cast<std::uint64_t>(query->integer(6))});
  }
  if (code != SQLITE_DONE) return rows.error();
  return {};
}

Result<std::vector<Tally::Line>> read_totals(const std::string& directory, std::int64_t from_ms,
                                             std::int64_t to_ms) {
  const std::int64_t from_hour = (from_ms + hour_ms - 1) / hour_ms, to_hour = (to_ms + hour_ms - 1) / hour_ms;
  auto counted = read_counted(totals_path(directory), from_hour, to_hour);
  if (!counted) return counted.error();
  for (const Month month : log_months(directory, LogKind::access)) {
    if (month.next().begin_ms() <= from_ms || month.begin_ms() >= to_ms) continue;
    const std::string path = log_path(directory, LogKind::access, month);
    auto db = Database::open(path, Database::Mode::read);
    if (!db) return unreadable(path, db.error());
    if (Message other = version_problem(*db, path, application_id, schema_version); !other.empty())
      return Error{std::move(other)};
    const auto last = last_row(*db);
    if (!last) return unreadable(path, last.error());
    const auto done = count_rows(*db, counted->last[month.to_string()], *last, [&](const Tally::Line& line) {
      if (line.hour >= from_hour && line.hour < to_hour) counted->lines.push_back(line);
    });
    if (done.failed()) return unreadable(path, done.error());
  }
  return std::move(counted->lines);
}

std::optional<std::int64_t> first_hour_ms(const std::string& directory) {
  std::optional<std::int64_t> first;
  const auto note = [&](std::int64_t ms) {
    if (ms > 0 && (!first || ms < *first)) first = ms;
  };
  if (auto totals = Database::open(totals_path(directory), Database::Mode::read))
    note(totals->integer("SELECT min(hour) FROM hourly") * hour_ms);
  const auto months = log_months(directory, LogKind::access);
  if (!months.empty()) {
    if (auto db = Database::open(log_path(directory, LogKind::access, months.front()), Database::Mode::read))
      note(db->integer("SELECT min(ts_ms) FROM access") / hour_ms * hour_ms);
  }
  return first;
}

std::optional<std::int64_t> first_visit_ms(const std::string& directory) {
  if (auto totals = Database::open(totals_path(directory), Database::Mode::read)) {
    if (counts_visits(*totals)) {
      const std::int64_t hour = totals->integer("SELECT min(hour) FROM visited");
      if (hour != 0) return hour * hour_ms;
    }
  }
  for (const Month month : log_months(directory, LogKind::access)) {
    auto db = Database::open(log_path(directory, LogKind::access, month), Database::Mode::read);
    if (!db || db->integer("SELECT count(*) FROM ruling WHERE flags & 8") == 0) continue;
    const std::int64_t first = db->integer(
        "SELECT ts_ms FROM access WHERE ruling_id IN (SELECT id FROM ruling WHERE flags & 8) ORDER BY ts_ms "
        "LIMIT 1");
    if (first != 0) return first / hour_ms * hour_ms;
  }
  return std::nullopt;
}

}  // namespace schoolgate::audit
