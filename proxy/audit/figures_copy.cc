#include "proxy/audit/figures_copy.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include "config/text/text_file.h"
#include "config/text/whole_file.h"
#include "proxy/audit/database_file.h"
#include "proxy/audit/month.h"
#include "proxy/audit/schema.h"
#include "proxy/audit/site_names.h"
#include "proxy/audit/sqlite.h"
#include "proxy/audit/totals.h"
#include "proxy/audit/totals_reader.h"

namespace schoolgate::audit {
namespace {

constexpr std::uint64_t most_figures = 512ull * 1024 * 1024;

// A folder that this user alone looks into, and that goes with this.
class PrivateFolder {
 public:
  PrivateFolder() {
    std::string pattern = (std::filesystem::temp_directory_path(failed_) / "schoolgate-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~PrivateFolder() {
    if (!path_.empty()) std::filesystem::remove_all(path_, failed_);
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::error_code failed_;
  std::string path_;
};

Error of_file(const std::string& path, const DbError& error) {
  return Error{say("{}: {}", path, error.message)};
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

// `after`: statements on the copy, which is vacuumed again behind them.
Result<std::string> copy_file(const std::string& path, int id, int version, const char* after) {
  if (::access(path.c_str(), F_OK) != 0) return std::string();
  const PrivateFolder folder;
  if (folder.path().empty()) return Error{say("no folder can be made for a copy of {}", path)};
  auto db = Database::open(path, Database::Mode::read);
  if (!db) return of_file(path, db.error());
  if (db->is_empty()) return std::string();  // power failed when it was begun
  if (Message other = version_problem(*db, path, id, version); !other.empty()) return Error{std::move(other)};
  const std::string copy = folder.path() + "/copy.db";
  if (db->exec(("VACUUM INTO " + quoted(copy)).c_str()) != SQLITE_OK) return of_file(path, db->error());
  if (after != nullptr) {
    auto own = Database::open(copy, Database::Mode::write);
    if (!own) return of_file(path, own.error());
    if (own->exec("PRAGMA secure_delete=ON;") != SQLITE_OK || own->exec(after) != SQLITE_OK ||
        own->exec("VACUUM") != SQLITE_OK)
      return of_file(path, own->error());
  }
  auto bytes = read_file(copy, most_figures);
  if (!bytes) return Error{say("{}: {}", path, bytes.error().message)};
  return bytes;
}

struct Joined {
  FileKind kind;
  std::string path;
  const char* tables;       // of the copy, that are asked
  std::string select_from;  // the statements between BEGIN and COMMIT; the copy is `old`
  const char* count;        // how many there are
};

Result<std::int64_t> join_file(const Joined& what, const std::string& copy) {
  const PrivateFolder folder;
  const std::string path = folder.path() + "/copy.db";
  if (folder.path().empty()) return Error{say("no folder can be made for a copy of {}", what.path)};
  if (const auto written = write_whole_file(path, {copy}, {.mode = 0600}); written.failed())
    return written.error();
  {
    auto old = Database::open(path, Database::Mode::read);
    if (!old) return of_file(what.path, old.error());
    if (Message other = version_problem(*old, base_name(what.path), what.kind.id, what.kind.version);
        !other.empty())
      return Error{std::move(other)};
    // Only tables are asked: a view or a trigger of somebody's is never run.
    const bool whole = old->integer(what.tables) == 1 && old->integer(
                                                             "SELECT count(*) FROM pragma_quick_check "
                                                             "WHERE quick_check <> 'ok'") == 0;
    if (!whole) return Error{say("{} in it is damaged", base_name(what.path))};
  }
  auto file = open_or_begin(what.path, what.kind);
  if (!file) return of_file(what.path, file.error());
  Database* const db = &file->db;
  if (db->exec("PRAGMA busy_timeout=10000;PRAGMA trusted_schema=OFF;") != SQLITE_OK ||
      db->exec(("ATTACH " + quoted(path) + " AS old").c_str()) != SQLITE_OK ||
      db->exec("BEGIN IMMEDIATE") != SQLITE_OK)
    return of_file(what.path, db->error());
  const std::int64_t before = db->integer(what.count);
  if (db->exec(what.select_from.c_str()) != SQLITE_OK) {
    const DbError error = db->error();
    (void)db->exec("ROLLBACK");
    return of_file(what.path, error);
  }
  const std::int64_t after = db->integer(what.count);
  if (db->exec("COMMIT") != SQLITE_OK || db->sync_wal() != SQLITE_OK) return of_file(what.path, db->error());
  return after - before;
}

// From this hour on the machine's rows are counted, into the totals or out of the rows; a large one: none
// are.
std::int64_t first_hour_of_rows(const std::string& directory) {
  std::int64_t first = INT64_MAX;
  for (const Month month : log_months(directory, LogKind::access)) {
    auto db = Database::open(log_path(directory, LogKind::access, month), Database::Mode::read);
    const std::int64_t oldest = db ? db->integer("SELECT min(ts_ms) FROM access") : month.begin_ms();
    if (oldest > 0) first = std::min(first, oldest / hour_ms);
  }
  return first;
}

}  // namespace

Result<std::string> copy_totals(const std::string& directory) {
  return copy_file(totals_path(directory), totals_id, totals_version, nullptr);
}

Result<std::string> copy_names(const std::string& directory) {
  return copy_file(names_path(directory), names_id, names_version, "DELETE FROM site WHERE many = 0;");
}

Result<std::int64_t> join_totals(const std::string& directory, const std::string& copy) {
  const std::string cut = std::to_string(first_hour_of_rows(directory));
  const std::string which = " WHERE o.hour < " + cut + " AND o.hour NOT IN (SELECT hour FROM temp.there)";
  std::string sql =
      "CREATE TEMP TABLE there AS SELECT DISTINCT hour FROM main.hourly;"
      "INSERT OR IGNORE INTO main.name SELECT NULL, text FROM old.name;";
  for (const char* table : {"hourly", "visited"})
    sql += std::string("INSERT INTO main.") + table +
           " SELECT o.hour, (SELECT id FROM main.name WHERE text = t.text), (SELECT id FROM main.name WHERE "
           "text "
           "= c.text), o.action, o.seen, o." +
           (std::string_view(table) == "hourly" ? "requests" : "visits") + " FROM old." + table +
           " o JOIN old.name t ON t.id = o.tier JOIN old.name c ON c.id = o.category" + which + ";";
  return join_file(
      {totals_kind(), totals_path(directory),
       "SELECT count(*) = 3 FROM sqlite_schema WHERE type = 'table' AND name IN ('name', 'hourly', "
       "'visited')",
       sql, "SELECT count(DISTINCT hour) FROM main.hourly"},
      copy);
}

Result<std::int64_t> join_names(const std::string& directory, const std::string& copy) {
  return join_file(
      {names_kind(), names_path(directory),
       "SELECT count(*) = 1 FROM sqlite_schema WHERE type = 'table' AND name = 'site'",
       "INSERT OR IGNORE INTO main.site (name, first_day, many) SELECT name, first_day, 1 FROM old.site "
       "WHERE many = 1",
       "SELECT count(*) FROM main.site"},
      copy);
}

}  // namespace schoolgate::audit
