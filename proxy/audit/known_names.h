// Whether a month's file can hold a row that a query asks for, by its small tables alone: what names a host,
// a client or a category that the file never saw needs no look at its rows.
#pragma once

#include "proxy/audit/log_reader.h"
#include "proxy/audit/sqlite.h"

namespace schoolgate::audit {

// True where it cannot be told: the rows then say.
[[nodiscard]] bool knows_names(Database& db, const LogQuery& query);

}  // namespace schoolgate::audit
