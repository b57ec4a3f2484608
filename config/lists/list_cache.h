// The compiled lists on disk, so that a start takes milliseconds: <state_directory>/lists.sgdb.
//
//   +--------------------------+ 0
//   | rule database            | as RuleDbBuilder made it; checks itself when opened
//   +--------------------------+ database_bytes
//   | records, one line a list | tag order: format, own action, name, category, path, report,
//   |                          | public suffixes
//   +--------------------------+ database_bytes + records_bytes
//   | footer, 88 bytes         | magic, both lengths, key, SHA-256 of all that from the records on
//   +--------------------------+
//
// The key is a SHA-256 over everything that was compiled (see list_loader.cc). Only a file that belongs to
// this user or to root and that nobody else may write is believed; root believes the owner of the folder too,
// and what root writes belongs to that owner, so that the proxy can use it. Written beside and renamed: a
// reader sees the old file or the new one, whole. It is read into memory of our own, not mapped: a file that
// is cut under a running proxy would end it (SIGBUS), and one that is written to would change what is
// blocked.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/lists/list_suffixes.h"
#include "config/main/config.h"
#include "rules/bytes/sha256.h"
#include "rules/db/rule_db.h"
#include "rules/lists/list_parser.h"
#include "rules/result.h"

namespace schoolgate {

struct ListRecord {
  ListSource source;  // ListSource::source is not kept: it belongs to one load
  ListReport report;  // without first_problems; `accepted` counts what was compiled
  ListSuffixes suffixes;
};

struct CompiledLists {
  Sha256Digest key{};
  std::vector<ListRecord> records;   // by Tag
  std::shared_ptr<const RuleDb> db;  // keeps its bytes alive too
};

// Opens a database that owns the memory it looks at.
[[nodiscard]] Result<std::shared_ptr<const RuleDb>> open_owning(std::span<const std::byte> bytes,
                                                                std::shared_ptr<const void> owner);

// Nullopt: there is none. Error: it is there and cannot be used.
[[nodiscard]] Result<std::optional<CompiledLists>> open_compiled_lists(const std::string& path);

// `database` with its records, under a new name, renamed to `path` (mode 0640). The
// folder is made if missing.
[[nodiscard]] Result<void> write_compiled_lists(const std::string& path, std::span<const std::byte> database,
                                                const std::vector<ListRecord>& records,
                                                const Sha256Digest& key);

}  // namespace schoolgate
