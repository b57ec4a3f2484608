// SQLite's C interface behind two small owners. Result codes are SQLite's extended ones; SQLITE_OK is 0.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rules/result.h"

namespace schoolgate::audit {

struct DbError {
  int code = SQLITE_ERROR;
  Message message;  // SQLite's own words, or ours

  // The file's bytes are wrong; waiting does not help.
  [[nodiscard]] bool damaged() const noexcept {
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
  }
  // This one row cannot be stored, ever; others can.
  [[nodiscard]] bool row_only() const noexcept {
    const int primary = code & 0xff;
    return primary == SQLITE_CONSTRAINT || primary == SQLITE_MISMATCH || primary == SQLITE_TOOBIG ||
           primary == SQLITE_RANGE;
  }
};

// A prepared statement. Bound texts must live until the next reset().
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* raw) noexcept : raw_(raw) {}

  Statement& bind(int index, std::int64_t value) noexcept;
  Statement& bind(int index, std::string_view text) noexcept;
  Statement& bind_null(int index) noexcept;
  Statement& bind_blob(int index, std::string_view bytes) noexcept;
  template <class Value>
  Statement& bind(int index, const std::optional<Value>& value) noexcept {
    return value ? bind(index, *value) : bind_null(index);
  }
  // SQLITE_ROW, SQLITE_DONE or an error.
  [[nodiscard]] int step() noexcept;
  void reset() noexcept;

  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  [[nodiscard]] std::string text(int column) const;  // "" for NULL
  [[nodiscard]] bool is_null(int column) const noexcept;
  [[nodiscard]] int columns() const noexcept { return sqlite3_column_count(raw_.get()); }
  [[nodiscard]] int type(int column) const noexcept { return sqlite3_column_type(raw_.get(), column); }
  // Until the next step() or reset().
  [[nodiscard]] std::string_view view(int column) const noexcept;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> raw_;
};

class Database;
[[nodiscard]] bool has_table(Database& db, std::string_view name);

// Makes the file if it is absent, and sets its mode. SQLite makes -wal and -shm with the mode of the file
// itself, so it alone must be right.
[[nodiscard]] Result<void, DbError> make_file(const std::string& path, unsigned mode);

// Renames a damaged file to PATH.damaged-N, the first N that is free, with its -wal and -shm; the new name,
// or "" where it could not be renamed.
[[nodiscard]] std::string set_file_aside(const std::string& path);

// A connection; belongs to one thread.
class Database {
 public:
  enum class Mode : std::uint8_t { write, read };
  // `write`: the file must exist already (its owner made it with the right mode).
  // `read`: never changes a byte; a file that nobody has open is read even where the folder cannot be
  // written.
  [[nodiscard]] static Result<Database, DbError> open(const std::string& path, Mode mode);

  [[nodiscard]] int exec(const char* sql) noexcept;
  [[nodiscard]] Result<Statement, DbError> prepare(std::string_view sql);
  // The first column of the first row; 0 when there is none.
  [[nodiscard]] std::int64_t integer(std::string_view sql);
  // Nothing was ever written into it.
  [[nodiscard]] bool is_empty();
  [[nodiscard]] std::int64_t last_id() const noexcept { return sqlite3_last_insert_rowid(raw_.get()); }
  // Rows that the last statement changed.
  [[nodiscard]] int changes() const noexcept { return sqlite3_changes(raw_.get()); }
  [[nodiscard]] bool in_transaction() const noexcept { return sqlite3_get_autocommit(raw_.get()) == 0; }
  [[nodiscard]] DbError error() const;
  // Puts what was committed so far on the disk: power may fail after it.
  [[nodiscard]] int sync_wal() noexcept;

 private:
  explicit Database(sqlite3* raw) noexcept : raw_(raw) {}
  struct Close {
    void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
  };
  std::unique_ptr<sqlite3, Close> raw_;
};

// Why a database is not one that this program may use: it is of another kind (PRAGMA application_id), or a
// newer version wrote it (user_version), which is no damage. Empty: it fits.
[[nodiscard]] Message version_problem(Database& db, const std::string& path, int id, int version);

}  // namespace schoolgate::audit
