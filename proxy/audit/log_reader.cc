#include "proxy/audit/log_reader.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "proxy/audit/codes.h"
#include "proxy/audit/log_files.h"
#include "proxy/audit/row_search.h"
#include "proxy/audit/sqlite.h"

namespace schoolgate::audit {
namespace {

// When the process that may still have tunnels open was started; the far future when none runs.
struct Life {
  std::int64_t running_since_ms = std::numeric_limits<std::int64_t>::max();
};

LogRow row_of(const Statement& s, Month month, const Life& life) {
  LogRow row;
  row.month = month;
  row.id = s.integer(0);
  row.time_ms = s.integer(1);
  row.code = decision_code(static_cast<std::uint64_t>(s.integer(2)));
  row.client = s.text(3);
  row.tier = s.text(4);
  row.refused = s.integer(5) == refused_action;
  row.action = s.integer(5) >= 0 && s.integer(5) <= 3 ? static_cast<Action>(s.integer(5)) : Action::block;
  row.flags = flags_of(s.integer(6));
  row.visit = (s.integer(6) & visit_flag) != 0;
  row.host = s.text(7);
  row.path = s.text(8);
  row.method = s.text(9);
  row.seen = s.text(10);
  row.layer = s.text(11);
  row.reason = s.text(12);
  row.category = s.text(13);
  row.file = s.text(14);
  row.line = s.integer(15);
  row.revision = s.integer(16);
  row.digest = s.text(17);
  row.port = s.integer(18);
  row.status = s.integer(19);
  row.bytes_up = s.integer(20);
  row.bytes_down = s.integer(21);
  row.duration_ms = s.integer(22);
  row.count = s.integer(25);
  row.ended = !s.is_null(23) ? s.text(23) : row.time_ms >= life.running_since_ms ? "open" : "cut";
  row.cause = s.text(24);
  return row;
}

Life life_of(const std::string& directory) {
  auto months = log_months(directory, LogKind::access);
  std::reverse(months.begin(), months.end());
  for (const Month month : months) {
    auto db = open_month(log_path(directory, LogKind::access, month));
    if (!db) continue;
    Life life;
    bool told = false;
    const auto done =
        each(*db, "", "SELECT what, ts_ms FROM event WHERE what IN ('start','stop') ORDER BY id DESC LIMIT 1",
             {}, [&](const Statement& s) {
               told = true;
               if (s.text(0) == "start") life.running_since_ms = s.integer(1);
             });
    if (done.ok() && told) return life;
  }
  return {};
}

}  // namespace

Result<std::vector<LogRow>> LogReader::rows(const LogQuery& query) const {
  auto months = months_of(directory_, query.kind);
  if (!months) return months.error();
  const Life life = life_of(directory_);
  std::vector<LogRow> newest_first;
  for (auto month = months->rbegin(); month != months->rend(); ++month) {
    if (query.until_ms && month->begin_ms() >= *query.until_ms) continue;
    if (query.since_ms && month->next().begin_ms() <= *query.since_ms) break;
    const std::string path = log_path(directory_, query.kind, *month);
    auto db = open_month(path);
    if (!db) return db.error();
    const std::size_t limit = query.limit == 0 ? 0 : query.limit - newest_first.size();
    const auto done = newest_of(*db, path, query, limit,
                                [&](const Statement& s) { newest_first.push_back(row_of(s, *month, life)); });
    if (done.failed()) return done.error();
    if (query.limit != 0 && newest_first.size() >= query.limit) break;
  }
  std::reverse(newest_first.begin(), newest_first.end());
  return newest_first;
}

Result<void> LogReader::each_row(const LogQuery& query, std::size_t piece,
                                 const std::function<bool(const LogRow&)>& take) const {
  const auto months = months_of(directory_, query.kind);
  if (!months) return months.error();
  const Life life = life_of(directory_);
  for (const Month month : *months) {
    if (query.until_ms && month.begin_ms() >= *query.until_ms) break;
    if (query.since_ms && month.next().begin_ms() <= *query.since_ms) continue;
    const std::string path = log_path(directory_, query.kind, month);
    // The last row that was handed over: several have one time. It is the only bound below, for SQLite would
    // search from another one, and pass over all that was read before with each piece.
    LogQuery rest = query;
    std::int64_t time_ms = rest.since_ms.value_or(std::numeric_limits<std::int64_t>::min() + 1) - 1,
                 id = std::numeric_limits<std::int64_t>::max();
    rest.since_ms.reset();
    for (std::size_t found = piece; found == piece;) {
      auto db = open_month(path);
      if (!db) return db.error();
      if (!knows_names(*db, names_of(rest))) break;
      Where where = conditions(rest);
      where.add("(a.ts_ms, a.id) > (?, ?)", time_ms);
      where.values.emplace_back(id);
      std::vector<LogRow> rows;
      const std::string order = " ORDER BY a.ts_ms, a.id LIMIT " + std::to_string(piece);
      const auto done = each(*db, path, select_rows(*db, query.kind) + where.sql + order, where.values,
                             [&](const Statement& s) { rows.push_back(row_of(s, month, life)); });
      if (done.failed()) return done.error();
      for (const LogRow& row : rows)
        if (!take(row)) return {};
      found = rows.size();
      if (found != 0) std::tie(time_ms, id) = std::pair(rows.back().time_ms, rows.back().id);
    }
  }
  return {};
}

Result<LogCursor> LogReader::end(LogKind kind) const {
  const auto months = months_of(directory_, kind);
  if (!months) return months.error();
  LogCursor cursor;
  if (months->empty()) return cursor;
  cursor.month = months->back();
  auto db = open_month(log_path(directory_, kind, cursor.month));
  if (!db) return db.error();
  cursor.id = db->integer("SELECT max(id) FROM access");
  return cursor;
}

Result<std::vector<LogRow>> LogReader::next(const LogQuery& query, LogCursor& cursor) const {
  const auto months = months_of(directory_, query.kind);
  if (!months) return months.error();
  const Life life = life_of(directory_);
  std::vector<LogRow> rows;
  LogCursor at = cursor;
  for (const Month month : *months) {
    if (month < at.month) continue;
    if (month != at.month) at = {month, 0};
    const std::string path = log_path(directory_, query.kind, month);
    auto db = open_month(path);
    if (!db) return db.error();
    // The end first: what is written between the two questions is the next call's.
    const std::int64_t last = db->integer("SELECT max(id) FROM access");
    Where where = conditions(query);
    where.add("a.id > ?", at.id);
    where.add("a.id <= ?", last);
    std::string order = " ORDER BY a.id";
    if (query.limit != 0) order += " LIMIT " + std::to_string(query.limit - rows.size());
    const auto done = each(*db, path, select_rows(*db, query.kind) + where.sql + order, where.values,
                           [&](const Statement& s) { rows.push_back(row_of(s, month, life)); });
    if (done.failed()) return done.error();
    if (query.limit != 0 && rows.size() >= query.limit) {
      at.id = rows.back().id;
      break;
    }
    at.id = std::max(at.id, last);
  }
  cursor = at;
  return rows;
}

Result<std::vector<TopLine>> LogReader::top(const LogQuery& query, Top what) const {
  const auto months = months_of(directory_, query.kind);
  if (!months) return months.error();
  // The name, its category, what rows are put together by, and what else is asked.
  constexpr struct {
    const char *name, *category, *group, *join;
  } parts[] = {{"h.name", "''", "a.host_id", "LEFT JOIN host h ON h.id = a.host_id"},
               {"coalesce(r.file || ':' || r.line, '')", "coalesce(r.category, '')", "a.ruling_id",
                "LEFT JOIN ruling r ON r.id = a.ruling_id"},
               {"coalesce(r.category, '')", "''", "a.ruling_id", "LEFT JOIN ruling r ON r.id = a.ruling_id"}};
  const auto& part = parts[static_cast<int>(what)];
  std::map<std::pair<std::string, std::string>, TopLine> found;
  for (const Month month : *months) {
    if (query.until_ms && month.begin_ms() >= *query.until_ms) break;
    if (query.since_ms && month.next().begin_ms() <= *query.since_ms) continue;
    const std::string path = log_path(directory_, query.kind, month);
    auto db = open_month(path);
    if (!db) return db.error();
    if (!knows_names(*db, names_of(query))) continue;
    const bool sums = has_sums(*db) && db->integer("SELECT EXISTS (SELECT 1 FROM summed)") != 0;
    const std::string n = sums ? "coalesce(n.count, 1)" : "1";
    const auto of = [&](Action action) {
      return ", sum(iif(a.action = " + std::to_string(static_cast<int>(action)) + ", " + n + ", 0))";
    };
    const Where where = conditions(query);
    const std::string sql = std::string("SELECT ") + part.name + ", " + part.category + ", sum(" + n + ")" +
                            of(Action::block) + of(Action::warn) + " FROM access a " + part.join +
                            (sums ? " LEFT JOIN summed n ON n.id = a.id " : " ") + where.sql + " GROUP BY " +
                            part.group;
    const auto done = each(*db, path, sql, where.values, [&](const Statement& s) {
      TopLine& line = found[{s.text(0), s.text(1)}];
      line.requests += static_cast<std::uint64_t>(s.integer(2));
      line.blocked += static_cast<std::uint64_t>(s.integer(3));
      line.warned += static_cast<std::uint64_t>(s.integer(4));
    });
    if (done.failed()) return done.error();
  }
  std::vector<TopLine> lines;
  for (auto& [key, line] : found) {
    std::tie(line.name, line.category) = key;
    lines.push_back(std::move(line));
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const TopLine& a, const TopLine& b) { return a.requests > b.requests; });
  if (query.limit != 0 && lines.size() > query.limit) lines.resize(query.limit);
  return lines;
}

Result<std::vector<Passed>> LogReader::passed(std::int64_t since_ms, std::int64_t until_ms) const {
  const auto months = months_of(directory_, LogKind::access);
  if (!months) return months.error();
  std::map<std::pair<std::string, std::string>, std::uint64_t> found;
  for (const Month month : *months) {
    if (month.begin_ms() >= until_ms || month.next().begin_ms() <= since_ms) continue;
    const std::string path = log_path(directory_, LogKind::access, month);
    auto db = open_month(path);
    if (!db) return db.error();
    const auto done = each(*db, path,
                           "SELECT coalesce(json_extract(detail, '$.tier'), ''), "
                           "coalesce(json_extract(detail, '$.category'), ''), count(*) FROM event "
                           "WHERE what = 'grant' AND ts_ms >= ? AND ts_ms < ? GROUP BY 1, 2",
                           {since_ms, until_ms}, [&](const Statement& s) {
                             found[{s.text(0), s.text(1)}] += static_cast<std::uint64_t>(s.integer(2));
                           });
    if (done.failed()) return done.error();
  }
  std::vector<Passed> all;
  for (const auto& [key, times] : found) all.push_back({key.first, key.second, times});
  return all;
}

Result<std::vector<Visited>> LogReader::visited(std::int64_t since_ms, std::int64_t until_ms,
                                                std::uint64_t at_least) const {
  const auto months = months_of(directory_, LogKind::access);
  if (!months) return months.error();
  std::map<std::string, std::uint64_t> found;
  for (const Month month : *months) {
    if (month.begin_ms() >= until_ms || month.next().begin_ms() <= since_ms) continue;
    const std::string path = log_path(directory_, LogKind::access, month);
    auto db = open_month(path);
    if (!db) return db.error();
    const auto done =
        each(*db, path,
             "SELECT h.name, count(DISTINCT a.client_id) AS n FROM access a "
             "JOIN host h ON h.id = a.host_id WHERE a.ts_ms >= ? AND a.ts_ms < ? AND a.action = " +
                 std::to_string(static_cast<int>(Action::allow)) + " GROUP BY a.host_id HAVING n >= ?",
             {since_ms, until_ms, static_cast<std::int64_t>(at_least)}, [&](const Statement& s) {
               std::uint64_t& clients = found[s.text(0)];
               clients = std::max(clients, static_cast<std::uint64_t>(s.integer(1)));
             });
    if (done.failed()) return done.error();
  }
  std::vector<Visited> all;
  for (const auto& [host, clients] : found) all.push_back({host, clients});
  std::stable_sort(all.begin(), all.end(),
                   [](const Visited& a, const Visited& b) { return a.clients > b.clients; });
  return all;
}

Result<std::optional<std::uint64_t>> LogReader::clients(Month month) const {
  const auto months = months_of(directory_, LogKind::access);
  if (!months) return months.error();
  if (!std::binary_search(months->begin(), months->end(), month)) return std::optional<std::uint64_t>();
  auto db = open_month(log_path(directory_, LogKind::access, month));
  if (!db) return db.error();
  return std::optional(static_cast<std::uint64_t>(db->integer("SELECT count(*) FROM client")));
}

Result<std::set<std::string>> LogReader::policies() const {
  std::set<std::string> digests;
  for (const LogKind kind : {LogKind::access, LogKind::safeguarding}) {
    const auto months = months_of(directory_, kind);
    if (!months) return months.error();
    for (const Month month : *months) {
      const std::string path = log_path(directory_, kind, month);
      auto db = open_month(path);
      if (!db) return db.error();
      const auto done =
          each(*db, path, "SELECT digest FROM policy WHERE id IN (SELECT policy_id FROM ruling)", {},
               [&](const Statement& s) { digests.emplace(s.text(0)); });
      if (done.failed()) return done.error();
    }
  }
  return digests;
}

Result<std::vector<Month>> LogReader::months(LogKind kind) const {
  return months_of(directory_, kind);
}

}  // namespace schoolgate::audit
