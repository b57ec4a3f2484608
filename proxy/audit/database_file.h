// The log's SQLite files, opened for writing, and begun where there are none.
#pragma once

#include <string>

#include "proxy/audit/sqlite.h"

namespace schoolgate::audit {

struct FileKind {
  int id = 0;            // PRAGMA application_id
  int version = 0;       // PRAGMA user_version
  unsigned mode = 0640;  // of the file
  std::string tables;    // the statements that make them, without a transaction
  std::string layout;    // pragmas that count before the first page is written
};

struct DatabaseFile {
  Database db;  // with connection_pragmas
  bool begun = false;
};

// A file that is absent is begun under another name and takes its own when it is whole: who reads meanwhile
// meets no file, or all of it. Begun by root, it belongs to whom its folder does. An empty one (power failed
// in time) is filled where it lies. SQLITE_MISUSE: it is of another kind, or a newer version wrote it.
[[nodiscard]] Result<DatabaseFile, DbError> open_or_begin(const std::string& path, const FileKind& kind);

}  // namespace schoolgate::audit
