#include "proxy/audit/sqlite.h"

#include "config/text/newer_form.h"
#include "config/text/system_words.h"
#include "proxy/audit/read_deadline.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace schoolgate::audit {

Statement& Statement::bind(int index, std::int64_t value) noexcept {
  sqlite3_bind_int64(raw_.get(), index, value);
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) noexcept {
  // A null pointer would bind NULL, and an empty view may hold one.
  sqlite3_bind_text64(raw_.get(), index, text.data() != nullptr ? text.data() : "", text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_null(int index) noexcept {
  sqlite3_bind_null(raw_.get(), index);
  return *this;
}

int Statement::step() noexcept {
  return sqlite3_step(raw_.get());
}

void Statement::reset() noexcept {
  sqlite3_reset(raw_.get());
}

std::int64_t Statement::integer(int column) const noexcept {
  return sqlite3_column_int64(raw_.get(), column);
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(raw_.get(), column));
  const int size = sqlite3_column_bytes(raw_.get(), column);
  return bytes != nullptr ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

std::string_view Statement::view(int column) const noexcept {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(raw_.get(), column));
  const int size = sqlite3_column_bytes(raw_.get(), column);
  return bytes != nullptr ? std::string_view(bytes, static_cast<std::size_t>(size)) : std::string_view();
}

Statement& Statement::bind_blob(int index, std::string_view bytes) noexcept {
  sqlite3_bind_blob64(raw_.get(), index, bytes.data() != nullptr ? bytes.data() : "", bytes.size(),
                      SQLITE_STATIC);
  return *this;
}

bool Statement::is_null(int column) const noexcept {
  return sqlite3_column_type(raw_.get(), column) == SQLITE_NULL;
}

namespace {

// A path as the path part of a "file:" URI.
std::string uri_of(const std::string& path, std::string_view query) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      constexpr char digits[] = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      uri += '%';
      uri += digits[byte >> 4];
      uri += digits[byte & 15];
    } else {
      uri += c;
    }
  }
  return uri.append(query);
}

}  // namespace

// Numbered: the clock may stand, and what was set aside before stays.
std::string set_file_aside(const std::string& path) {
  std::string aside;
  for (int n = 1; n < 1000; ++n) {
    aside = path + ".damaged-" + std::to_string(n);
    if (::access(aside.c_str(), F_OK) != 0) break;
  }
  for (const char* suffix : {"-wal", "-shm"}) std::rename((path + suffix).c_str(), (aside + suffix).c_str());
  return std::rename(path.c_str(), aside.c_str()) == 0 ? aside : std::string();
}

Result<void, DbError> make_file(const std::string& path, unsigned mode) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
  if (fd < 0) return DbError{SQLITE_CANTOPEN, say("cannot open {}: {}", path, system_words(errno))};
  // The umask may have taken bits away; a file that others can read and must not is put right.
  const bool ok = ::fchmod(fd, mode) == 0 || errno == EPERM;
  const int error = errno;
  ::close(fd);
  if (!ok) return DbError{SQLITE_CANTOPEN, say("cannot set the mode of {}: {}", path, system_words(error))};
  return {};
}

Result<Database, DbError> Database::open(const std::string& path, Mode mode) {
  // Nobody asks how much memory SQLite has, and to count it takes a lock for each piece.
  [[maybe_unused]] static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  const auto attempt = [](const std::string& uri, int flags) -> Result<Database, DbError> {
    sqlite3* raw = nullptr;
    const int code =
        sqlite3_open_v2(uri.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, nullptr);
    Database db(raw);  // also a failed open leaves something to close
    if (raw != nullptr) sqlite3_extended_result_codes(raw, 1);
    if (code != SQLITE_OK) {
      return DbError{code, Message::foreign(raw != nullptr ? sqlite3_errmsg(raw) : sqlite3_errstr(code))};
    }
    sqlite3_busy_timeout(raw, 100);
    return db;
  };
  if (mode == Mode::write) return attempt(uri_of(path, ""), SQLITE_OPEN_READWRITE);

  // Its writer may open or close it at this very moment, and its -wal come or go between two looks.
  constexpr int tries = 50;
  for (int n = 1;; ++n) {
    auto db = attempt(uri_of(path, ""), SQLITE_OPEN_READONLY);
    if (!db) return db;
    heed_read_deadline(db->raw_.get());
    sqlite3_busy_timeout(db->raw_.get(), 5000);
    const int code = db->exec("PRAGMA schema_version");
    if (code == SQLITE_OK) return db;
    if ((code & 0xff) != SQLITE_CANTOPEN && (code & 0xff) != SQLITE_READONLY) return db->error();
    if (::access((path + "-wal").c_str(), F_OK) != 0) break;
    if (n == tries) return db->error();
    ::usleep(5000);
  }
  // No -wal beside it: nobody has it open, so its bytes stand still and need no locks, which a reader
  // without the right to write in the folder could not take.
  auto still = attempt(uri_of(path, "?immutable=1"), SQLITE_OPEN_READONLY);
  if (still) heed_read_deadline(still->raw_.get());
  return still;
}

int Database::exec(const char* sql) noexcept {
  return sqlite3_exec(raw_.get(), sql, nullptr, nullptr, nullptr);
}

Result<Statement, DbError> Database::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(raw_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return error();
  return Statement(raw);
}

std::int64_t Database::integer(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement || statement->step() != SQLITE_ROW) return 0;
  return statement->integer(0);
}

bool Database::is_empty() {
  return integer("PRAGMA application_id") == 0 && integer("PRAGMA user_version") == 0 &&
         integer("SELECT count(*) FROM sqlite_schema") == 0;
}

bool has_table(Database& db, std::string_view name) {
  return db.integer("SELECT count(*) FROM sqlite_schema WHERE type='table' AND name='" + std::string(name) +
                    "'") == 1;
}

DbError Database::error() const {
  return {sqlite3_extended_errcode(raw_.get()), Message::foreign(sqlite3_errmsg(raw_.get()))};
}

int Database::sync_wal() noexcept {
  sqlite3_file* wal = nullptr;
  const int code = sqlite3_file_control(raw_.get(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
  if (code != SQLITE_OK) return code;
  if (wal == nullptr || wal->pMethods == nullptr) return SQLITE_OK;  // nothing written yet
  return wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL);
}

Message version_problem(Database& db, const std::string& path, int id, int version) {
  if (db.integer("PRAGMA application_id") != id) return file_of_others(path);
  const std::int64_t found = db.integer("PRAGMA user_version");
  if (found > version) return newer_file(path, found, version);
  if (found < version) return older_file(path, found);
  return {};
}

}  // namespace schoolgate::audit
