// What every question to the log does with its files: finds them, opens one for reading, takes its rows one
// by one. Internal to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "proxy/audit/month.h"
#include "proxy/audit/sqlite.h"
#include "rules/result.h"

namespace schoolgate::audit {

using Value = std::variant<std::int64_t, std::string>;

[[nodiscard]] Error failure(const std::string& path, const DbError& error);
[[nodiscard]] Result<Database> open_month(const std::string& path);
// Oldest first. Error: the folder cannot be read.
[[nodiscard]] Result<std::vector<Month>> months_of(const std::string& directory, LogKind kind);

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

}  // namespace schoolgate::audit
