#include "proxy/audit/row_search.h"

#include <optional>
#include <queue>

#include "proxy/audit/codes.h"
#include "proxy/audit/row_spans.h"
#include "proxy/audit/schema.h"

namespace schoolgate::audit {
namespace {

// LEFT JOIN throughout: a damaged file then shows rows with gaps rather than none, and the planner keeps to
// the order of `access`.
// `cause`: "q.cause" where the file has that table; an older one has not.
constexpr std::string_view row_columns =
    "SELECT a.id, a.ts_ms, a.code, c.name, r.tier, a.action, r.flags, h.name, a.path, m.name, s.name, "
    "r.layer,"
    " r.reason, r.category, r.file, r.line, p.revision, p.digest, a.port, a.status,"
    " coalesce(t.bytes_up, a.bytes_up), coalesce(t.bytes_down, a.bytes_down),"
    " coalesce(t.duration_ms, a.duration_ms), e.name, ";
constexpr std::string_view row_tables =
    " FROM access a"
    " LEFT JOIN client c ON c.id = a.client_id LEFT JOIN host h ON h.id = a.host_id"
    " LEFT JOIN ruling r ON r.id = a.ruling_id LEFT JOIN policy p ON p.id = r.policy_id"
    " LEFT JOIN method m ON m.id = a.method LEFT JOIN seen s ON s.id = a.seen"
    " LEFT JOIN tunnel_end t ON t.id = a.id LEFT JOIN ended e ON e.id = coalesce(t.ended, a.ended) ";

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

}  // namespace

bool has_sums(Database& db) {
  return has_table(db, added_table);
}

std::string select_rows(Database& db, LogKind kind) {
  const bool added = has_sums(db);
  std::string sql(row_columns);
  sql.append(added ? "q.cause, coalesce(n.count, 1)" : "NULL, 1");
  // Of alerts alone, which have no row elsewhere.
  if (kind == LogKind::safeguarding && has_table(db, "again"))
    sql += " + (SELECT count(*) FROM again g WHERE g.rang = a.id)";
  sql.append(row_tables);
  if (added) sql += " LEFT JOIN detail q ON q.id = a.id LEFT JOIN summed n ON n.id = a.id ";
  return sql;
}

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

Result<void> newest_of(Database& db, const std::string& path, const LogQuery& query, std::size_t limit,
                       const std::function<void(const Statement&)>& take) {
  const std::string select = select_rows(db, query.kind);
  std::string order = " ORDER BY a.ts_ms DESC, a.id DESC";
  const auto ids = ids_by_spans(db, path, query, limit);
  if (!ids) return ids.error();
  if (*ids && (*ids)->empty()) return {};
  if (*ids)
    return each(db, path, select + "WHERE a.id IN (SELECT value FROM json_each(?))" + order,
                {json_list(**ids)}, take);
  if (!knows_names(db, names_of(query))) return {};
  const Where where = conditions(query);
  if (limit != 0) order += " LIMIT " + std::to_string(limit);
  // A code is on a page of ours, so its row is most likely in the small index of what was not allowed.
  if (query.code && !query.not_allowed) {
    Where indexed = where;
    indexed.add("a.action <> 0");
    bool any = false;
    const auto done = each(db, path, select + indexed.sql + order, indexed.values, [&](const Statement& s) {
      any = true;
      take(s);
    });
    if (done.failed() || any) return done;
  }
  return each(db, path, select + where.sql + order, where.values, take);
}

}  // namespace schoolgate::audit
