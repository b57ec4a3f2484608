#include "proxy/audit/month_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "proxy/audit/case_table.h"
#include "proxy/audit/codes.h"
#include "proxy/audit/database_file.h"
#include "proxy/audit/schema.h"

namespace schoolgate::audit {
namespace {

constexpr std::size_t max_hosts = 200'000;
constexpr std::size_t max_clients = 50'000;
constexpr std::size_t max_rulings = 100'000;
constexpr std::size_t max_host_bytes = 255;
constexpr std::size_t max_path_bytes = 1024;
constexpr std::size_t max_cause_bytes = 200;

std::int64_t signed_count(std::uint64_t n) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(n, std::numeric_limits<std::int64_t>::max()));
}

// The names of the numbers that rows hold, as statements that add those which a file lacks.
struct CodeNames {
  std::string sql;
  std::int64_t count = 0;

  template <class Names>
  void add(const char* table, const Names& names) {
    int id = 0;
    for (const auto& name : names) {
      sql += "INSERT OR IGNORE INTO " + std::string(table) + " VALUES (" + std::to_string(id++) + ", '" +
             std::string(name) + "');";
    }
    count += id;
  }
};

CodeNames code_names() {
  std::vector<std::string_view> actions, seen, ended;
  for (int i = 0; i <= refused_action; ++i) actions.push_back(action_name(i));
  for (int i = 0; i <= static_cast<int>(Seen::search_words); ++i)
    seen.push_back(to_string(static_cast<Seen>(i)));
  for (int i = 0; i <= static_cast<int>(Ended::gave_way); ++i)
    ended.push_back(to_string(static_cast<Ended>(i)));
  CodeNames all;
  all.add("action", actions);
  all.add("method", methods);
  all.add("seen", seen);
  all.add("ended", ended);
  return all;
}

// A file that an older program began lacks the names, tables and columns of the view that came since.
bool is_older(Database& db) {
  return !has_table(db, added_table) || !has_table(db, "born") || !has_table(db, "row_span") ||
         db.integer("SELECT count(*) FROM pragma_table_info('log') WHERE name='visit'") == 0 ||
         db.integer(
             "SELECT (SELECT count(*) FROM action) + (SELECT count(*) FROM method) + "
             "(SELECT count(*) FROM seen) + (SELECT count(*) FROM ended)") < code_names().count;
}

FileKind month_kind(LogKind kind) {
  // Pages of rows that go are given back to the disk (size_bound.h).
  FileKind month{.id = application_id,
                 .version = schema_version,
                 .tables = std::string(create_tables) + add_tables + code_names().sql +
                           "INSERT INTO born VALUES (lower(hex(randomblob(8))));",
                 .layout = "PRAGMA page_size=8192;PRAGMA auto_vacuum=INCREMENTAL;"};
  if (kind == LogKind::safeguarding) {
    month.mode = 0600;
    month.tables += add_case_tables;
  }
  return month;
}

}  // namespace

Result<std::unique_ptr<MonthFile>, DbError> MonthFile::open(const std::string& directory, LogKind kind,
                                                            Month month, const PseudonymKey& key) {
  const std::string path = log_path(directory, kind, month);
  auto opened = open_or_begin(path, month_kind(kind));
  if (!opened) return opened.error();
  Database* const db = &opened->db;
  const bool older = is_older(*db);
  if (older && db->exec(("BEGIN IMMEDIATE;" + (add_tables + code_names().sql) +
                         "INSERT INTO born SELECT '-' WHERE NOT EXISTS (SELECT 1 FROM born);COMMIT;")
                            .c_str()) != SQLITE_OK) {
    DbError error = db->error();
    if (db->in_transaction()) (void)db->exec("ROLLBACK");
    return error;
  }
  const bool lacks_cases = kind == LogKind::safeguarding && !has_cases(*db);
  if (lacks_cases && db->exec(add_case_tables) != SQLITE_OK) return db->error();
  std::unique_ptr<MonthFile> file(new MonthFile(path, kind, std::move(*db), key));
  file->renewed_ = older || lacks_cases;
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) file->device_ = info.st_dev, file->inode_ = info.st_ino;
  if (const auto prepared = file->prepare_all(); prepared.failed()) return prepared.error();
  return file;
}

Result<void, DbError> MonthFile::prepare_all() {
  const struct {
    Statement* statement;
    std::string_view sql;
  } all[] = {
      {&insert_, "INSERT INTO access VALUES (NULL,?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)"},
      {&last_row_, "SELECT coalesce(max(id), 0) FROM access"},
      {&insert_numbered_,
       "INSERT INTO access VALUES (?16,?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)"},
      {&insert_detail_, "INSERT INTO detail (id, cause) VALUES (?1,?2)"},
      {&insert_count_, "INSERT INTO summed VALUES (?1,?2)"},
      {&count_hit_, "INSERT INTO again VALUES (NULL,?1)"},
      {&insert_end_, "INSERT OR IGNORE INTO tunnel_end VALUES (?1,?2,?3,?4,?5)"},
      {&insert_event_,
       "INSERT INTO event VALUES (NULL,?1,?2,?3, CASE WHEN json_valid(?4) THEN ?4 ELSE json_quote(?4) END)"},
      {&find_host_, "SELECT id FROM host WHERE name=?1"},
      {&add_host_, "INSERT INTO host VALUES (NULL,?1)"},
      {&find_client_, "SELECT id FROM client WHERE name=?1"},
      {&add_client_, "INSERT INTO client VALUES (NULL,?1)"},
      {&find_policy_, "SELECT id FROM policy WHERE loaded_ms=?1 AND revision=?2 AND digest=?3"},
      {&add_policy_, "INSERT INTO policy VALUES (NULL,?2,?3,?1)"},
      {&add_ruling_, "INSERT INTO ruling VALUES (NULL,?1,?2,?3,?4,?5,?6,?7,?8,?9)"},
  };
  for (const auto& one : all) {
    auto prepared = db_.prepare(one.sql);
    if (!prepared) return prepared.error();
    *one.statement = std::move(*prepared);
  }
  return {};
}

Result<void, DbError> MonthFile::begin() {
  if (db_.exec("BEGIN IMMEDIATE") != SQLITE_OK) return db_.error();
  return {};
}

Result<void, DbError> MonthFile::commit() {
  if (db_.exec("COMMIT") != SQLITE_OK) return db_.error();
  return {};
}

void MonthFile::rollback() noexcept {
  // SQLite has rolled back by itself after some errors (disk full); the ids are void either way.
  if (db_.in_transaction()) (void)db_.exec("ROLLBACK");
  hosts_.clear();
  clients_.clear();
  policies_.clear();
  rulings_.clear();
  last_ruling_id_ = 0;
  next_id_ = 0;
  fresh_.forget();
  tally_.forget();  // the file tells
}

Result<void, DbError> MonthFile::run(Statement& statement) {
  const int code = statement.step();
  Result<void, DbError> ran;
  if (code != SQLITE_DONE && code != SQLITE_ROW) ran = db_.error();
  statement.reset();
  return ran;
}

Result<std::int64_t, DbError> MonthFile::name_id(Statement& find, Statement& add, std::string_view name) {
  const int code = find.bind(1, name).step();
  const std::int64_t found = code == SQLITE_ROW ? find.integer(0) : 0;
  if (code != SQLITE_ROW && code != SQLITE_DONE) {
    DbError error = db_.error();
    find.reset();
    return error;
  }
  find.reset();
  if (found != 0) return found;
  add.bind(1, name);
  if (const auto added = run(add); added.failed()) return added.error();
  return db_.last_id();
}

Result<std::int64_t, DbError> MonthFile::host_id(const std::string& host) {
  if (const auto it = hosts_.find(host); it != hosts_.end()) return it->second;
  const auto id = name_id(find_host_, add_host_, std::string_view(host).substr(0, max_host_bytes));
  if (id) {
    if (hosts_.size() >= max_hosts) hosts_.clear();
    hosts_.emplace(host, *id);
  }
  return id;
}

Result<std::int64_t, DbError> MonthFile::client_id(const IpAddress& client) {
  if (const auto it = clients_.find(client); it != clients_.end()) return it->second;
  const auto id = name_id(find_client_, add_client_, pseudonym(key_, client));
  if (id) {
    if (clients_.size() >= max_clients) clients_.clear();
    clients_.emplace(client, *id);
  }
  return id;
}

Result<std::int64_t, DbError> MonthFile::policy_id(const RevisionNames& names) {
  if (const auto it = policies_.find(names.serial); it != policies_.end()) return it->second;
  for (Statement* s : {&find_policy_, &add_policy_}) {
    s->bind(1, names.loaded_ms).bind(2, signed_count(names.revision)).bind(3, names.digest);
    const int code = s->step();
    const std::int64_t id = code == SQLITE_ROW                         ? s->integer(0)
                            : code == SQLITE_DONE && s == &add_policy_ ? db_.last_id()
                                                                       : 0;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
      DbError error = db_.error();
      s->reset();
      return error;
    }
    s->reset();
    if (id == 0) continue;
    policies_[names.serial] = id;
    return id;
  }
  return DbError{SQLITE_INTERNAL, say("a policy row was neither found nor made")};
}

// Most rulings differ by the line that ruled.
std::size_t MonthFile::RulingHash::operator()(const RulingKey& key) const noexcept {
  constexpr std::uint64_t spread = 0x9e3779b97f4a7c15;
  const std::uint64_t place = std::uint64_t{key.source} << 32 ^ key.line;
  const std::uint64_t kind =
      static_cast<std::uint64_t>(key.action | key.flags << 4 | key.layer << 8 | key.reason << 16) ^
      std::uint64_t{key.category} << 32 ^ std::uint64_t{key.tier} << 48 ^ key.serial << 56;
  const std::uint64_t mixed = (place * spread ^ kind) * spread;
  return static_cast<std::size_t>(mixed ^ mixed >> 32);
}

Result<std::int64_t, DbError> MonthFile::ruling_id(const LogRecord& record, const RevisionNames* names) {
  const Verdict& v = record.verdict;
  const RulingKey key{.serial = names != nullptr ? names->serial : 0,
                      .action = action_number(v),
                      .flags = flags_number(v.flags) | (record.visit == Visit::yes ? visit_flag : 0),
                      .layer = static_cast<int>(v.layer),
                      .reason = static_cast<int>(v.reason),
                      .source = v.rule.source,
                      .line = v.rule.line,
                      .category = v.category,
                      .tier = record.tier};
  if (last_ruling_id_ != 0 && key == last_ruling_) return last_ruling_id_;
  std::int64_t id = 0;
  if (const auto it = rulings_.find(key); it != rulings_.end()) {
    id = it->second;
  } else {
    if (names != nullptr) {
      const auto policy = policy_id(*names);
      if (!policy) return policy.error();
      add_ruling_.bind(1, *policy);
    } else {
      add_ruling_.bind_null(1);
    }
    const auto bind_name = [&](int index, const std::vector<std::string>* all, std::size_t number) {
      if (all != nullptr && number < all->size()) {
        add_ruling_.bind(index, (*all)[number]);
      } else {
        add_ruling_.bind_null(index);
      }
    };
    bind_name(2, names != nullptr ? &names->tiers : nullptr, record.tier);
    add_ruling_.bind(3, std::int64_t{key.action}).bind(4, std::int64_t{key.flags});
    add_ruling_.bind(5, to_string(v.layer)).bind(6, to_string(v.reason));
    bind_name(7, names != nullptr ? &names->categories : nullptr, v.category);
    bind_name(8, names != nullptr ? &names->sources : nullptr, v.rule.source);
    if (v.rule.empty()) {
      add_ruling_.bind_null(9);
    } else {
      add_ruling_.bind(9, std::int64_t{v.rule.line});
    }
    if (const auto added = run(add_ruling_); added.failed()) return added.error();
    id = db_.last_id();
    if (rulings_.size() >= max_rulings) rulings_.clear();
    rulings_.emplace(key, id);
  }
  last_ruling_ = key;
  last_ruling_id_ = id;
  return id;
}

Result<std::int64_t, DbError> MonthFile::insert(const LogRecord& record, const RevisionNames* names) {
  const auto client = client_id(record.client);
  if (!client) return client.error();
  const auto host = host_id(record.host);
  if (!host) return host.error();
  const auto ruling = ruling_id(record, names);
  if (!ruling) return ruling.error();
  StoredRow row;
  row.numbers = {record.time_ms,
                 static_cast<std::int64_t>(record.decision & code_mask),
                 *client,
                 *host,
                 *ruling,
                 action_number(record.verdict),
                 static_cast<int>(record.seen),
                 method_number(record.method),
                 record.port,
                 record.status,
                 signed_count(record.bytes_up),
                 signed_count(record.bytes_down),
                 record.duration_ms};
  if (record.part != LogRecord::Part::tunnel_open) row.ended = static_cast<int>(record.ended);
  if (!record.path.empty()) row.path = std::string_view(record.path).substr(0, max_path_bytes);
  if (!record.cause.empty()) row.cause = std::string_view(record.cause).substr(0, max_cause_bytes);
  if (record.count != 1) row.count = record.count;
  const auto id = insert_row(row);
  if (id && kind_ == LogKind::access) tally_.add(*id, record, names);
  return id;
}

Result<std::int64_t, DbError> MonthFile::insert_row(const StoredRow& row) {
  Statement& insert = next_id_ != 0 ? insert_numbered_ : insert_;
  int column = 0;
  for (const std::int64_t number : row.numbers) insert.bind(++column, number);
  insert.bind(++column, row.ended);
  insert.bind(++column, row.path);
  if (next_id_ != 0) insert.bind(++column, next_id_);
  if (const auto added = run(insert); added.failed()) return added.error();
  next_id_ = 0;
  const std::int64_t id = db_.last_id();
  if (const auto added = insert_beside(id, row); added.failed()) {
    fresh_.forget();  // the row itself stays, if this was for its words alone
    return added.error();
  }
  fresh_.add(id, row);
  return id;
}

Result<void, DbError> MonthFile::insert_beside(std::int64_t id, const StoredRow& row) {
  if (row.cause) {
    insert_detail_.bind(1, id).bind(2, *row.cause);
    if (const auto added = run(insert_detail_); added.failed()) return added;
  }
  if (row.count) {
    insert_count_.bind(1, id).bind(2, *row.count);
    if (const auto added = run(insert_count_); added.failed()) return added;
  }
  return {};
}

Result<void, DbError> MonthFile::insert_tunnel_end(std::int64_t id, const LogRecord& record) {
  const EndRow end{id, signed_count(record.bytes_up), signed_count(record.bytes_down), record.duration_ms,
                   static_cast<int>(record.ended)};
  insert_end_.bind(1, end.id)
      .bind(2, end.bytes_up)
      .bind(3, end.bytes_down)
      .bind(4, end.duration_ms)
      .bind(5, end.ended);
  auto added = run(insert_end_);
  if (added.ok() && db_.changes() == 1) fresh_.add_end(end);
  return added;
}

Result<void, DbError> MonthFile::number_above(std::int64_t id) {
  next_id_ = 0;
  if (id <= 0) return {};
  const int code = last_row_.step();
  const std::int64_t last = code == SQLITE_ROW ? last_row_.integer(0) : 0;
  last_row_.reset();
  if (code != SQLITE_ROW) return db_.error();
  if (last < id) next_id_ = id + 1;
  return {};
}

std::optional<FreshRows::Taken> MonthFile::take_fresh() {
  return fresh_.take(db_.integer("PRAGMA data_version"));
}

Result<void, DbError> MonthFile::count_hit(std::int64_t id) {
  count_hit_.bind(1, id);
  return run(count_hit_);
}

Result<void, DbError> MonthFile::note_alert(std::int64_t id, const LogRecord& record,
                                            const RevisionNames* names) {
  const auto client = client_id(record.client);
  if (!client) return client.error();
  AlertHit hit;
  hit.row = id;
  hit.time_ms = record.time_ms;
  hit.until_ms = record.alert_until_ms;
  hit.client = *client;
  const auto name = [](const std::vector<std::string>& all, std::size_t number) {
    return number < all.size() ? all[number] : std::string();
  };
  if (names != nullptr) {
    hit.theme = name(names->categories, record.verdict.category);
    hit.tier = name(names->tiers, record.tier);
    if (const auto snapshot = names->used.lock()) {
      hit.place = snapshot->config.place_of(record.client);
      hit.shared = snapshot->config.people_change(record.client);
    }
  }
  return note_alert_hit(db_, hit);
}

Result<void, DbError> MonthFile::insert_event(const Event& event) {
  insert_event_.bind(1, event.time_ms).bind(2, event.actor).bind(3, event.what).bind(4, event.detail_json);
  return run(insert_event_);
}

Result<void, DbError> MonthFile::insert_policy(const RevisionNames& names) {
  const auto id = policy_id(names);
  if (!id) return id.error();
  return {};
}

Result<std::int64_t, DbError> MonthFile::delete_before(std::int64_t before_ms, int limit,
                                                       const UnsealedRows* only) {
  const std::string old = "(SELECT id FROM access WHERE ts_ms < " + std::to_string(before_ms) +
                          (only != nullptr ? " AND " + only->condition() : "") + " ORDER BY ts_ms LIMIT " +
                          std::to_string(limit) + ")";
  std::string kept;  // ends that are sealed go with their span
  if (only != nullptr) {
    for (const std::int64_t id : only->ended_since) kept += (kept.empty() ? "" : ",") + std::to_string(id);
  }
  if (const auto begun = begin(); begun.failed()) return begun.error();
  fresh_.forget();
  std::int64_t deleted = 0;
  // The rows themselves last: that statement takes away what the others ask.
  bool ok = db_.exec(("DELETE FROM tunnel_end WHERE id NOT IN (" + kept + ") AND id IN " + old).c_str()) ==
                SQLITE_OK &&
            db_.exec(("DELETE FROM detail WHERE id IN " + old).c_str()) == SQLITE_OK &&
            db_.exec(("DELETE FROM summed WHERE id IN " + old).c_str()) == SQLITE_OK &&
            db_.exec(("DELETE FROM access WHERE id IN " + old).c_str()) == SQLITE_OK;
  if (ok) deleted = db_.integer("SELECT changes()");
  // What was known of their devices goes with them.
  if (ok && kind_ == LogKind::safeguarding)
    ok = db_.exec(forget_cases_sql(before_ms, only).c_str()) == SQLITE_OK;
  const Result<void, DbError> done = ok ? commit() : db_.error();
  if (done.failed()) {
    rollback();
    return done.error();
  }
  return deleted;
}

Result<std::int64_t, DbError> MonthFile::delete_unit(const SealUnit& unit, int limit) {
  const SealedTable* access = unit.table("access");
  if (access == nullptr) return std::int64_t{0};
  const auto within = [](const SealedTable& table) {
    return " > " + std::to_string(table.after) + " AND id <= " + std::to_string(table.last);
  };
  const std::string rows = "(SELECT id FROM access WHERE id" + within(*access) + " ORDER BY id LIMIT " +
                           std::to_string(limit) + ")";
  if (const auto begun = begin(); begun.failed()) return begun.error();
  fresh_.forget();
  bool ok = true;
  for (const char* table : {"detail", "summed", "access"})
    ok = ok && db_.exec(("DELETE FROM " + std::string(table) + " WHERE id IN " + rows).c_str()) == SQLITE_OK;
  const std::int64_t deleted = ok ? db_.changes() : 0;
  if (ok && deleted < limit) {
    for (const std::int64_t id : unpack_ids(unit.ends))
      ok = ok && db_.exec(("DELETE FROM tunnel_end WHERE id = " + std::to_string(id)).c_str()) == SQLITE_OK;
    for (const SealedTable& table : unit.tables) {
      if (&table == access || table.name == "tunnel_end" || table.last == table.after) continue;
      // The last row keeps its number from being given again.
      ok = ok && db_.exec(("DELETE FROM " + table.name + " WHERE id" + within(table) +
                           " AND id < (SELECT max(id) FROM " + table.name + ")")
                              .c_str()) == SQLITE_OK;
    }
  }
  const Result<void, DbError> done = ok ? commit() : db_.error();
  if (done.failed()) {
    rollback();
    return done.error();
  }
  return deleted;
}

bool MonthFile::replaced() const noexcept {
  struct stat info {};
  if (::stat(path_.c_str(), &info) != 0) return errno == ENOENT;
  return info.st_dev != device_ || info.st_ino != inode_;
}

std::optional<std::string> MonthFile::last_life_event() {
  auto query = db_.prepare("SELECT what FROM event WHERE what IN ('start','stop') ORDER BY id DESC LIMIT 1");
  if (!query || query->step() != SQLITE_ROW) return std::nullopt;
  return query->text(0);
}

RowRange MonthFile::range_before(std::int64_t before_ms, const UnsealedRows* only) {
  RowRange range = ends();
  if (range.from_ms >= before_ms) return {};
  const std::string older = " FROM access WHERE ts_ms < " + std::to_string(before_ms) +
                            (only != nullptr ? " AND " + only->condition() : "");
  range.rows = db_.integer("SELECT count(*)" + older);
  if (only != nullptr) range.from_ms = db_.integer("SELECT min(ts_ms)" + older);
  range.to_ms = db_.integer("SELECT max(ts_ms)" + older);
  return range;
}

RowRange MonthFile::ends() {
  return {0, db_.integer("SELECT min(ts_ms) FROM access"), db_.integer("SELECT max(ts_ms) FROM access")};
}

}  // namespace schoolgate::audit
