// How many requests of each kind, by the hour, also of months whose rows are gone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "proxy/audit/sqlite.h"
#include "proxy/audit/tally.h"
#include "rules/result.h"

namespace schoolgate::audit {

// "DIR/totals.db"
[[nodiscard]] std::string totals_path(const std::string& directory);

// False: an older program began this totals.db, and none of today has written to it.
[[nodiscard]] bool counts_visits(Database& db);

// The rows of a month's file with ids of `after` < id <= `last`, summed; `take` may not touch `rows`.
[[nodiscard]] Result<void, DbError> count_rows(Database& rows, std::int64_t after, std::int64_t last,
                                               const std::function<void(const Tally::Line&)>& take);
// The largest id of a month's file, 0 if it has no rows. An error is not 0: that would say that nothing is
// there.
[[nodiscard]] Result<std::int64_t, DbError> last_row(Database& rows);

// The totals of the hours that begin in [from_ms, to_ms), and what the months' files hold beyond them: right
// while the log is written to, and without any totals. Threads: any. Errors: a file cannot be read.
[[nodiscard]] Result<std::vector<Tally::Line>> read_totals(const std::string& directory, std::int64_t from_ms,
                                                           std::int64_t to_ms);

// The begin of the first hour that holds a visit; nullopt: none does. Earlier rows were not told apart.
[[nodiscard]] std::optional<std::int64_t> first_visit_ms(const std::string& directory);

// The first millisecond of the first hour that anything is known of; nullopt: of none.
[[nodiscard]] std::optional<std::int64_t> first_hour_ms(const std::string& directory);

}  // namespace schoolgate::audit
