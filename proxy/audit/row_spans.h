// Which spans of rows hold which hosts, clients and rulings: what one of them is found by in a file of ten
// million rows without reading them all. A small thing beside the rows, made out of them when they are there
// and never asked for what it does not know; an index of SQLite's would cost each row a place in three more
// trees.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "proxy/audit/sqlite.h"

namespace schoolgate::audit {

inline constexpr std::int64_t rows_per_span = 4096;  // span n: ids [n * 4096, (n + 1) * 4096)

// Adds what rows of whole spans hold, some spans a call, and forgets spans whose rows went; between
// transactions. True: there is more.
[[nodiscard]] Result<bool, DbError> add_row_spans(Database& db);

// What is asked for, by numbers that rise; nullopt: any.
struct AskedNumbers {
  std::optional<std::vector<std::int64_t>> hosts, clients, rulings;
  std::int64_t since_ms = std::numeric_limits<std::int64_t>::min(),
               until_ms = std::numeric_limits<std::int64_t>::max();  // [since, until)
};

// Rows that may be it: ids [first, last], none newer than `to_ms`.
struct RowRun {
  std::int64_t first = 0, last = 0, to_ms = std::numeric_limits<std::int64_t>::max();
};

// Every row that is asked for is in one of them. The newest first, by `to_ms`. nullopt: of too many rows
// nothing is told, as in a file that an older version wrote.
[[nodiscard]] std::optional<std::vector<RowRun>> runs_that_may_hold(Database& db, const AskedNumbers& asked);

// Spans that do not tell of all their rows: somebody changed them. The first `most`.
[[nodiscard]] std::vector<std::int64_t> untrue_spans(Database& db, std::size_t most);

}  // namespace schoolgate::audit
