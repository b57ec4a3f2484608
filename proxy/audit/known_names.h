// Whether a month's file can hold a row that a query asks for, by its small tables alone: what names a host,
// a client or a category that the file never saw needs no look at its rows.
#pragma once

#include <optional>
#include <string>

#include "proxy/audit/sqlite.h"

namespace schoolgate::audit {

struct AskedNames {
  std::optional<std::string> host;  // this name and those below it
  std::optional<std::string> client, tier, category, reason;
  std::optional<int> action;  // as action_number() of codes.h
};

// True where it cannot be told: the rows then say.
[[nodiscard]] bool knows_names(Database& db, const AskedNames& asked);

}  // namespace schoolgate::audit
