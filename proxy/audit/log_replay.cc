#include "proxy/audit/log_replay.h"

#include <algorithm>
#include <filesystem>
#include <unordered_map>
#include <vector>

#include "config/text/system_words.h"
#include "proxy/audit/codes.h"
#include "proxy/audit/schema.h"
#include "proxy/audit/sqlite.h"

namespace schoolgate::audit {
namespace {

constexpr std::uint64_t rows_between_looks = 10'000;

// A ruling as a row names it by its number.
struct ReplayedRuling {
  std::string tier, layer;
};

// What rows of one month name by numbers.
struct ReplayNames {
  std::unordered_map<std::int64_t, std::string> hosts;
  std::unordered_map<std::int64_t, ReplayedRuling> rulings;
  std::unordered_map<std::int64_t, std::uint64_t> summed;
};

template <class Take>
Result<void> replay_each(Database& db, const std::string& path, const std::string& sql, std::int64_t since_ms,
                         Take&& take) {
  auto statement = db.prepare(sql);
  if (!statement) return Error{say("cannot read {}: {}", path, statement.error().message)};
  if (sql.find('?') != std::string::npos) statement->bind(1, since_ms);
  int code;
  while ((code = statement->step()) == SQLITE_ROW) take(*statement);
  if (code != SQLITE_DONE) return Error{say("cannot read {}: {}", path, db.error().message)};
  return {};
}

Result<ReplayNames> replay_names(Database& db, const std::string& path, std::int64_t since_ms) {
  ReplayNames names;
  auto done = replay_each(db, path, "SELECT id, name FROM host", 0,
                          [&](const Statement& s) { names.hosts.emplace(s.integer(0), s.text(1)); });
  if (!done.failed())
    done = replay_each(db, path, "SELECT id, tier, layer FROM ruling", 0, [&](const Statement& s) {
      names.rulings.emplace(s.integer(0), ReplayedRuling{s.text(1), s.text(2)});
    });
  const bool sums =
      db.integer("SELECT count(*) FROM sqlite_schema WHERE type='table' AND name='summed'") == 1;
  if (!done.failed() && sums)
    done = replay_each(db, path,
                       "SELECT n.id, n.count FROM summed n JOIN access a ON a.id = n.id WHERE a.ts_ms >= ?",
                       since_ms, [&](const Statement& s) {
                         names.summed.emplace(s.integer(0), static_cast<std::uint64_t>(s.integer(1)));
                       });
  if (done.failed()) return done.error();
  return names;
}

Result<Database> open_replayed(const std::string& path) {
  auto db = Database::open(path, Database::Mode::read);
  if (!db) return Error{say("cannot read {}: {}", path, db.error().message)};
  if (Message other = version_problem(*db, path, application_id, schema_version); !other.empty())
    return Error{std::move(other)};
  return std::move(*db);
}

}  // namespace

Result<void> replay_log(const std::string& directory, std::int64_t since_ms,
                        const std::function<void(const Decision&)>& take,
                        const std::function<void(double)>& progress) {
  std::error_code unreadable;
  const std::filesystem::directory_iterator readable(directory, unreadable);
  if (unreadable) return Error{say("cannot read the folder {}: {}", directory, system_words(unreadable))};
  std::vector<Month> months;
  for (const Month month : log_months(directory, LogKind::access))
    if (month.next().begin_ms() > since_ms) months.push_back(month);
  std::uint64_t month_number = 0;
  for (const Month month : months) {
    const std::string path = log_path(directory, LogKind::access, month);
    auto db = open_replayed(path);
    if (!db) return db.error();
    const auto names = replay_names(*db, path, since_ms);
    if (!names) return names.error();
    const double rows =
        std::max<double>(1, static_cast<double>(db->integer("SELECT count(*) FROM access WHERE ts_ms >= " +
                                                            std::to_string(since_ms))));
    const double begun = static_cast<double>(month_number) / static_cast<double>(months.size());
    std::uint64_t read = 0;
    const auto done = replay_each(
        *db, path,
        "SELECT id, ts_ms, client_id, host_id, ruling_id, action, seen, method, port FROM access"
        " WHERE ts_ms >= ?",
        since_ms, [&](const Statement& s) {
          Decision one;
          one.time_ms = s.integer(1);
          one.client = (month_number << 40) | static_cast<std::uint64_t>(s.integer(2));
          if (const auto host = names->hosts.find(s.integer(3)); host != names->hosts.end())
            one.host = host->second;
          if (const auto ruling = names->rulings.find(s.integer(4)); ruling != names->rulings.end()) {
            one.tier = ruling->second.tier;
            one.layer = ruling->second.layer;
          }
          one.refused = s.integer(5) < 0 || s.integer(5) > 3;
          if (!one.refused) one.action = static_cast<Action>(s.integer(5));
          one.seen = static_cast<Seen>(s.integer(6));
          one.connect = s.integer(7) == method_number("CONNECT");
          one.port = static_cast<std::uint16_t>(s.integer(8));
          if (const auto sum = names->summed.find(s.integer(0)); sum != names->summed.end())
            one.requests = sum->second;
          take(one);
          if (progress && ++read % rows_between_looks == 0)
            progress(begun + static_cast<double>(read) / rows / static_cast<double>(months.size()));
        });
    if (done.failed()) return done;
    ++month_number;
  }
  return {};
}

}  // namespace schoolgate::audit
