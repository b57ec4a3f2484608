#include "proxy/audit/log_files.h"

#include <filesystem>

#include "config/text/system_words.h"
#include "proxy/audit/schema.h"

namespace schoolgate::audit {

Error failure(const std::string& path, const DbError& error) {
  return Error{say("cannot read {}: {}", path, error.message)};
}

Result<Database> open_month(const std::string& path) {
  auto db = Database::open(path, Database::Mode::read);
  if (!db) return failure(path, db.error());
  if (Message other = version_problem(*db, path, application_id, schema_version); !other.empty())
    return Error{std::move(other)};
  return std::move(*db);
}

Result<std::vector<Month>> months_of(const std::string& directory, LogKind kind) {
  std::error_code error;
  const std::filesystem::directory_iterator readable(directory, error);
  if (error) return Error{say("cannot read the folder {}: {}", directory, system_words(error))};
  return log_months(directory, kind);
}

}  // namespace schoolgate::audit
