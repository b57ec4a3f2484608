#include "proxy/audit/log_reader.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <queue>
#include <tuple>
#include <utility>
#include <variant>

#include "config/text/system_words.h"
#include "proxy/audit/codes.h"
#include "proxy/audit/known_names.h"
#include "proxy/audit/month_file.h"
#include "proxy/audit/row_spans.h"
#include "proxy/audit/schema.h"
#include "proxy/audit/sqlite.h"

namespace schoolgate::audit {
namespace {

// LEFT JOIN throughout: a damaged file then shows rows with gaps rather than none, and the planner keeps to
// the order of `access`.
// `cause`: "q.cause" where the file has that table; an older one has not.
constexpr std::string_view columns =
    "SELECT a.id, a.ts_ms, a.code, c.name, r.tier, a.action, r.flags, h.name, a.path, m.name, s.name, "
    "r.layer,"
    " r.reason, r.category, r.file, r.line, p.revision, p.digest, a.port, a.status,"
    " coalesce(t.bytes_up, a.bytes_up), coalesce(t.bytes_down, a.bytes_down),"
    " coalesce(t.duration_ms, a.duration_ms), e.name, ";
constexpr std::string_view from =
    " FROM access a"
    " LEFT JOIN client c ON c.id = a.client_id LEFT JOIN host h ON h.id = a.host_id"
    " LEFT JOIN ruling r ON r.id = a.ruling_id LEFT JOIN policy p ON p.id = r.policy_id"
    " LEFT JOIN method m ON m.id = a.method LEFT JOIN seen s ON s.id = a.seen"
    " LEFT JOIN tunnel_end t ON t.id = a.id LEFT JOIN ended e ON e.id = coalesce(t.ended, a.ended) ";

// False: an older version wrote the file.
bool has_sums(Database& db) {
  return has_table(db, added_table);
}

std::string select_rows(Database& db, LogKind kind) {
  const bool added = has_sums(db);
  std::string sql(columns);
  sql.append(added ? "q.cause, coalesce(n.count, 1)" : "NULL, 1");
  // Of alerts alone, which have no row elsewhere.
  if (kind == LogKind::safeguarding && has_table(db, "again"))
    sql += " + (SELECT count(*) FROM again g WHERE g.rang = a.id)";
  sql.append(from);
  if (added) sql += " LEFT JOIN detail q ON q.id = a.id LEFT JOIN summed n ON n.id = a.id ";
  return sql;
}

using Value = std::variant<std::int64_t, std::string>;

struct Where {
  std::string sql = "WHERE 1";
  std::vector<Value> values;
  void add(std::string_view condition) { sql.append(" AND ").append(condition); }
  void add(std::string_view condition, Value value) {
    add(condition);
    values.push_back(std::move(value));
  }
};

Where conditions(const LogQuery& q) {
  Where where;
  if (q.since_ms) where.add("a.ts_ms >= ?", *q.since_ms);
  if (q.until_ms) where.add("a.ts_ms < ?", *q.until_ms);
  if (q.not_allowed)  // two conditions: the first is that of the index
    where.add("a.action <> 0 AND a.action <> " + std::to_string(refused_action));
  if (q.visits)
    where.add("a.ruling_id IN (SELECT id FROM ruling WHERE flags & " + std::to_string(visit_flag) + ")");
  if (q.certificate_refused)
    where.add("a.ended = ?", std::int64_t{static_cast<int>(Ended::certificate_refused)});
  if (q.code) where.add("a.code = ?", static_cast<std::int64_t>(*q.code));
  if (q.action) where.add("a.action = ?", std::int64_t{*q.action});
  if (q.action && *q.action != 0) where.add("a.action <> 0");  // for the index
  if (q.tier) where.add("a.ruling_id IN (SELECT id FROM ruling WHERE tier = ?)", *q.tier);
  if (q.category) where.add("a.ruling_id IN (SELECT id FROM ruling WHERE category = ?)", *q.category);
  if (q.reason) where.add("a.ruling_id IN (SELECT id FROM ruling WHERE reason = ?)", *q.reason);
  if (q.client) where.add("a.client_id IN (SELECT id FROM client WHERE name = ?)", *q.client);
  if (q.host) {
    where.add("a.host_id IN (SELECT id FROM host WHERE name = ? OR substr(name, -length(?)) = ?)", *q.host);
    where.values.emplace_back("." + *q.host);
    where.values.emplace_back("." + *q.host);
  }
  return where;
}

AskedNames names_of(const LogQuery& q) {
  return {q.host, q.client, q.tier, q.category, q.reason, q.action};
}

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

Error failure(const std::string& path, const DbError& error) {
  return Error{say("cannot read {}: {}", path, error.message)};
}

Result<Database> open_month(const std::string& path) {
  auto db = Database::open(path, Database::Mode::read);
  if (!db) return failure(path, db.error());
  if (Message other = version_problem(*db, path, application_id, schema_version); !other.empty())
    return Error{std::move(other)};
  return std::move(*db);
}

Result<std::vector<Month>> months_of(const std::string& directory, LogKind kind) {
  std::error_code error;
  const std::filesystem::directory_iterator readable(directory, error);
  if (error) return Error{say("cannot read the folder {}: {}", directory, system_words(error))};
  return log_months(directory, kind);
}

// Runs `sql` with `values` and hands every row to `take`.
template <class Take>
Result<void> each(Database& db, const std::string& path, const std::string& sql,
                  const std::vector<Value>& values, Take&& take) {
  auto statement = db.prepare(sql);
  if (!statement) return failure(path, statement.error());
  int index = 0;
  for (const Value& value : values) {
    ++index;
    std::visit([&](const auto& v) { statement->bind(index, v); }, value);
  }
  int code;
  while ((code = statement->step()) == SQLITE_ROW) take(*statement);
  if (code != SQLITE_DONE) return failure(path, db.error());
  return {};
}

std::string json_list(const std::vector<std::int64_t>& numbers) {
  std::string text = "[";
  for (const std::int64_t number : numbers) text += (text.size() > 1 ? "," : "") + std::to_string(number);
  return text + "]";
}

// What a query names, by the numbers that this file gave it.
Result<AskedNumbers> numbers_of(Database& db, const std::string& path, const LogQuery& q) {
  AskedNumbers asked;
  const auto find = [&](std::optional<std::vector<std::int64_t>>& numbers, const std::string& sql,
                        const std::vector<Value>& values) {
    numbers.emplace();
    return each(db, path, sql + " ORDER BY id", values,
                [&](const Statement& s) { numbers->push_back(s.integer(0)); });
  };
  Result<void> done;
  if (q.host) {
    const std::string below = "." + *q.host;
    done = find(asked.hosts, "SELECT id FROM host WHERE name = ? OR substr(name, -length(?)) = ?",
                {*q.host, below, below});
  }
  if (q.client && done.ok()) done = find(asked.clients, "SELECT id FROM client WHERE name = ?", {*q.client});
  if ((q.tier || q.category || q.reason || q.visits) && done.ok()) {
    Where where;
    if (q.tier) where.add("tier = ?", *q.tier);
    if (q.category) where.add("category = ?", *q.category);
    if (q.reason) where.add("reason = ?", *q.reason);
    if (q.visits) where.add("flags & " + std::to_string(visit_flag));
    if (q.action) where.add("action = ?", std::int64_t{*q.action});
    done = find(asked.rulings, "SELECT id FROM ruling " + where.sql, where.values);
  }
  if (done.failed()) return done.error();
  if (q.since_ms) asked.since_ms = *q.since_ms;
  if (q.until_ms) asked.until_ms = *q.until_ms;
  return asked;
}

constexpr std::size_t most_by_spans = 200'000;  // more of them are read in their order

// The ids of the newest `limit` rows (0: of all) that a query names, by the spans that may hold them;
// nullopt: they are found sooner by reading on from the newest row.
Result<std::optional<std::vector<std::int64_t>>> ids_by_spans(Database& db, const std::string& path,
                                                              const LogQuery& query, std::size_t limit) {
  std::optional<std::vector<std::int64_t>> ids;
  const bool names =
      query.host || query.client || query.tier || query.category || query.reason || query.visits;
  if (!names || query.code || !has_table(db, "row_span")) return ids;
  const auto asked = numbers_of(db, path, query);
  if (!asked) return asked.error();
  const auto runs = runs_that_may_hold(db, *asked);
  if (!runs) return ids;
  LogQuery rest = query;
  rest.host = rest.client = rest.tier = rest.category = rest.reason = {};
  rest.visits = false;
  Where where = conditions(rest);
  const std::pair<const char*, const std::optional<std::vector<std::int64_t>>&> lists[] = {
      {"a.host_id", asked->hosts}, {"a.client_id", asked->clients}, {"a.ruling_id", asked->rulings}};
  for (const auto& [column, numbers] : lists) {
    if (numbers) where.add(std::string(column) + " IN (SELECT value FROM json_each(?))", json_list(*numbers));
  }
  where.add("a.id >= ?", std::int64_t{0});
  where.add("a.id <= ?", std::int64_t{0});
  using Found = std::pair<std::int64_t, std::int64_t>;  // time, id
  std::priority_queue<Found, std::vector<Found>, std::greater<>> newest;
  for (const RowRun& run : *runs) {
    if (limit != 0 && newest.size() == limit && newest.top().first > run.to_ms) break;
    where.values[where.values.size() - 2] = run.first;
    where.values.back() = run.last;
    const auto done = each(db, path, "SELECT a.ts_ms, a.id FROM access a NOT INDEXED " + where.sql,
                           where.values, [&](const Statement& s) {
                             newest.emplace(s.integer(0), s.integer(1));
                             if (limit != 0 && newest.size() > limit) newest.pop();
                           });
    if (done.failed()) return done.error();
    if (newest.size() > most_by_spans) return ids;
  }
  ids.emplace();
  for (; !newest.empty(); newest.pop()) ids->push_back(newest.top().second);
  return ids;
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
    const auto take = [&](const Statement& s) { newest_first.push_back(row_of(s, *month, life)); };
    std::string order = " ORDER BY a.ts_ms DESC, a.id DESC";
    const auto ids = ids_by_spans(*db, path, query, limit);
    if (!ids) return ids.error();
    if (*ids) {
      if ((*ids)->empty()) continue;
      const auto done = each(
          *db, path, select_rows(*db, query.kind) + "WHERE a.id IN (SELECT value FROM json_each(?))" + order,
          {json_list(**ids)}, take);
      if (done.failed()) return done.error();
      if (limit != 0 && (*ids)->size() >= limit) break;
      continue;
    }
    if (!knows_names(*db, names_of(query))) continue;
    Where where = conditions(query);
    if (limit != 0) order += " LIMIT " + std::to_string(limit);
    const std::size_t before = newest_first.size();
    // A code is on a page of ours, so its row is most likely in the small index of what was not allowed.
    if (query.code && !query.not_allowed) {
      Where indexed = where;
      indexed.add("a.action <> 0");
      const auto done =
          each(*db, path, select_rows(*db, query.kind) + indexed.sql + order, indexed.values, take);
      if (done.failed()) return done.error();
    }
    if (newest_first.size() == before) {
      const auto done = each(*db, path, select_rows(*db, query.kind) + where.sql + order, where.values, take);
      if (done.failed()) return done.error();
    }
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

Result<std::uint64_t> LogReader::alerts(std::int64_t since_ms, std::int64_t until_ms) const {
  const auto months = months_of(directory_, LogKind::safeguarding);
  if (!months) return months.error();
  std::uint64_t rang = 0;
  for (const Month month : *months) {
    if (month.begin_ms() >= until_ms || month.next().begin_ms() <= since_ms) continue;
    const std::string path = log_path(directory_, LogKind::safeguarding, month);
    auto db = open_month(path);
    if (!db) return db.error();
    const auto done = each(
        *db, path,
        "SELECT count(*) FROM access a JOIN ruling r ON r.id = a.ruling_id WHERE a.ts_ms >= ? AND "
        "a.ts_ms < ? AND r.flags & 2 <> 0",
        {since_ms, until_ms}, [&](const Statement& s) { rang += static_cast<std::uint64_t>(s.integer(0)); });
    if (done.failed()) return done.error();
  }
  return rang;
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

Result<std::vector<LogEvent>> LogReader::events(std::optional<std::int64_t> since_ms, std::size_t limit,
                                                LogKind kind, std::optional<std::int64_t> until_ms) const {
  const auto months = months_of(directory_, kind);
  if (!months) return months.error();
  std::vector<LogEvent> newest_first;
  for (auto month = months->rbegin(); month != months->rend(); ++month) {
    if (since_ms && month->next().begin_ms() <= *since_ms) break;
    if (until_ms && month->begin_ms() >= *until_ms) continue;
    const std::string path = log_path(directory_, kind, *month);
    auto db = open_month(path);
    if (!db) return db.error();
    std::string sql =
        "SELECT ts_ms, actor, what, detail FROM event WHERE ts_ms >= ? AND ts_ms < ? ORDER BY id DESC";
    if (limit != 0) sql += " LIMIT " + std::to_string(limit - newest_first.size());
    const std::int64_t until = until_ms.value_or(std::numeric_limits<std::int64_t>::max());
    const auto done = each(*db, path, sql, {since_ms.value_or(0), until}, [&](const Statement& s) {
      newest_first.push_back({s.integer(0), s.text(1), s.text(2), s.text(3)});
    });
    if (done.failed()) return done.error();
    if (limit != 0 && newest_first.size() >= limit) break;
  }
  std::reverse(newest_first.begin(), newest_first.end());
  return newest_first;
}

Result<std::vector<LogEvent>> LogReader::events_named(std::string_view what, std::int64_t since_ms) const {
  const auto months = months_of(directory_, LogKind::access);
  if (!months) return months.error();
  std::vector<LogEvent> found;
  for (const Month month : *months) {
    if (month.next().begin_ms() <= since_ms) continue;
    const std::string path = log_path(directory_, LogKind::access, month);
    auto db = open_month(path);
    if (!db) return db.error();
    const auto done = each(
        *db, path, "SELECT ts_ms, actor, what, detail FROM event WHERE what = ? AND ts_ms >= ? ORDER BY id",
        {std::string(what), since_ms}, [&](const Statement& s) {
          found.push_back({s.integer(0), s.text(1), s.text(2), s.text(3)});
        });
    if (done.failed()) return done.error();
  }
  return found;
}

Result<std::vector<ListWait>> LogReader::list_waits(std::int64_t since_ms) const {
  const auto months = months_of(directory_, LogKind::access);
  if (!months) return months.error();
  std::map<std::string, ListWait> last;
  for (const Month month : *months) {
    if (month.next().begin_ms() <= since_ms) continue;
    const std::string path = log_path(directory_, LogKind::access, month);
    auto db = open_month(path);
    if (!db) return db.error();
    std::map<std::string, std::int64_t> event;  // of this month, by list: which one `last` is of
    const auto done = each(
        *db, path,
        "SELECT e.id, e.ts_ms, json_extract(e.detail, '$.list'), w.value FROM event e, "
        "json_each(e.detail, '$.why') w WHERE e.what = 'list_waits' AND e.ts_ms >= ? ORDER BY e.id, w.id",
        {since_ms}, [&](const Statement& s) {
          ListWait& wait = last[s.text(2)];
          if (const auto [known, fresh] = event.emplace(s.text(2), s.integer(0));
              fresh || known->second != s.integer(0)) {
            known->second = s.integer(0);
            wait = {s.text(2), s.integer(1), {}};
          }
          wait.why.emplace_back(s.text(3));
        });
    if (done.failed()) return done.error();
  }
  std::vector<ListWait> all;
  for (auto& [list, wait] : last) all.push_back(std::move(wait));
  return all;
}

Result<void> append_event(const std::string& directory, std::int64_t now_ms, const std::string& actor,
                          const std::string& what, const std::string& detail_json) {
  const auto months = months_of(directory, LogKind::access);
  if (!months) return months.error();
  if (months->empty()) return Error{say("there is no access log in {}", directory)};
  const std::string path = log_path(directory, LogKind::access, months->back());
  auto db = Database::open(path, Database::Mode::write);
  if (!db) return Error{say("cannot write to {}: {}", path, db.error().message)};
  if (Message other = version_problem(*db, path, application_id, schema_version); !other.empty())
    return Error{std::move(other)};
  (void)db->exec("PRAGMA busy_timeout=5000; PRAGMA synchronous=NORMAL;");
  auto add = db->prepare("INSERT INTO event VALUES (NULL,?1,?2,?3,?4)");
  if (!add) return Error{say("cannot write to {}: {}", path, add.error().message)};
  add->bind(1, now_ms).bind(2, actor).bind(3, what).bind(4, detail_json);
  if (add->step() != SQLITE_DONE) return Error{say("cannot write to {}: {}", path, db->error().message)};
  return {};
}

Result<void> begin_with_event(const std::string& directory, std::int64_t now_ms, const std::string& actor,
                              const std::string& what, const std::string& detail_json) {
  if (log_months(directory, LogKind::access).empty()) {
    // An event names no client: no key is needed.
    const auto made = MonthFile::open(directory, LogKind::access, Month::of(now_ms), PseudonymKey{});
    if (!made) return Error{say("cannot write to {}: {}", directory, made.error().message)};
  }
  return append_event(directory, now_ms, actor, what, detail_json);
}

}  // namespace schoolgate::audit
