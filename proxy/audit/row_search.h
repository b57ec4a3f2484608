// The rows of one month's file that a question names. Internal to this folder.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/audit/known_names.h"
#include "proxy/audit/log_files.h"
#include "proxy/audit/log_query.h"
#include "proxy/audit/sqlite.h"

namespace schoolgate::audit {

struct Where {
  std::string sql = "WHERE 1";
  std::vector<Value> values;
  void add(std::string_view condition) { sql.append(" AND ").append(condition); }
  void add(std::string_view condition, Value value) {
    add(condition);
    values.push_back(std::move(value));
  }
};
[[nodiscard]] Where conditions(const LogQuery& q);
[[nodiscard]] AskedNames names_of(const LogQuery& q);
// False: an older version wrote the file.
[[nodiscard]] bool has_sums(Database& db);
// "SELECT ... FROM access a ..." with all that a LogRow holds.
[[nodiscard]] std::string select_rows(Database& db, LogKind kind);
// The newest `limit` rows (0: all), newest first.
[[nodiscard]] Result<void> newest_of(Database& db, const std::string& path, const LogQuery& query,
                                     std::size_t limit, const std::function<void(const Statement&)>& take);

}  // namespace schoolgate::audit
