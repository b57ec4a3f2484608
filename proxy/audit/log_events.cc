// The log's events, as LogReader tells them, and those that other processes than the proxy add.
#include <algorithm>
#include <map>
#include <utility>

#include "proxy/audit/log_files.h"
#include "proxy/audit/log_reader.h"
#include "proxy/audit/month_file.h"
#include "proxy/audit/schema.h"
#include "proxy/audit/sqlite.h"

namespace schoolgate::audit {

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
