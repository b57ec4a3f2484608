#include "proxy/audit/database_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "config/text/system_words.h"
#include "proxy/audit/schema.h"

namespace schoolgate::audit {
namespace {

// With what SQLite keeps beside it.
void remove_database(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
}

Result<void, DbError> fill(Database& db, const FileKind& kind) {
  const std::string sql = "BEGIN IMMEDIATE;" + kind.tables +
                          "PRAGMA application_id=" + std::to_string(kind.id) +
                          ";PRAGMA user_version=" + std::to_string(kind.version) + ";COMMIT;";
  if (db.exec(sql.c_str()) == SQLITE_OK) return {};
  DbError error = db.error();
  if (db.in_transaction()) (void)db.exec("ROLLBACK");
  return error;
}

Result<Database, DbError> open_to_write(const std::string& path, const FileKind& kind) {
  if (const auto made = make_file(path, kind.mode); made.failed()) return made.error();
  auto db = Database::open(path, Database::Mode::write);
  if (!db) return db;
  if (db->exec((kind.layout + connection_pragmas).c_str()) != SQLITE_OK) return db->error();
  return db;
}

Result<void, DbError> begin_as(const std::string& path, const FileKind& kind) {
  struct stat folder {};
  auto db = open_to_write(path, kind);
  if (!db) return db.error();
  if (::geteuid() == 0 && ::stat(std::filesystem::path(path).parent_path().c_str(), &folder) == 0 &&
      ::chown(path.c_str(), folder.st_uid, folder.st_gid) != 0)
    return DbError{SQLITE_PERM, say("it cannot be given to the owner of its folder")};
  return fill(*db, kind);
}

Result<void, DbError> begin(const std::string& path, const FileKind& kind) {
  const std::string making = path + ".new-" + std::to_string(::getpid());
  remove_database(making);
  auto begun = begin_as(making, kind);
  if (begun.ok()) {
    // What a file left that was deleted while it was open would be taken for this one's.
    for (const char* suffix : {"-wal", "-shm"}) ::unlink((path + suffix).c_str());
    // Another process may have begun it meanwhile: then that one stays.
    if (::link(making.c_str(), path.c_str()) != 0 && errno != EEXIST)
      begun = DbError{SQLITE_CANTOPEN, say("cannot open {}: {}", path, system_words(errno))};
  }
  remove_database(making);
  return begun;
}

}  // namespace

Result<DatabaseFile, DbError> open_or_begin(const std::string& path, const FileKind& kind) {
  const bool is_new = ::access(path.c_str(), F_OK) != 0;
  if (is_new) {
    if (const auto begun = begin(path, kind); begun.failed()) return begun.error();
  }
  auto db = open_to_write(path, kind);
  if (!db) return db.error();
  const bool is_empty = db->is_empty();
  if (is_empty) {
    if (const auto filled = fill(*db, kind); filled.failed()) return filled.error();
  } else if (const Message other = version_problem(*db, path, kind.id, kind.version); !other.empty()) {
    return DbError{SQLITE_MISUSE, other};
  }
  return DatabaseFile{std::move(*db), is_new || is_empty};
}

}  // namespace schoolgate::audit
