// The log's figures in a backup: totals.db and names.db, copied while they are written to, and joined with
// what a machine has. No row, no client.
#pragma once

#include <cstdint>
#include <string>

#include "rules/result.h"

namespace schoolgate::audit {

// A consistent copy (VACUUM INTO) as bytes; "" where there is no such file. Of names.db without the sites
// that few asked for: those go with the rows. Error: it cannot be read, or is of another version.
[[nodiscard]] Result<std::string> copy_totals(const std::string& directory);
[[nodiscard]] Result<std::string> copy_names(const std::string& directory);

// What the copy has and the machine lacks is added: hours, and sites. What the machine has stays as it is,
// and hours that its rows tell of are left to these, so nothing is counted twice, however often it is done.
// In one transaction, also while the proxy writes; a file is made where there is none. The result: how many
// hours, or sites, came. Nothing else of the copy is believed. Errors: it is no such copy; the machine's file
// cannot be written.
[[nodiscard]] Result<std::int64_t> join_totals(const std::string& directory, const std::string& copy);
[[nodiscard]] Result<std::int64_t> join_names(const std::string& directory, const std::string& copy);

}  // namespace schoolgate::audit
