// A backup as bytes: a compressed tar (pax, gzip) by libarchive, the manifest first, then the files in its
// order.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "rules/result.h"
#include "tools/backup/manifest.h"

namespace schoolgate::tools {

struct Backup {
  Manifest manifest;
  std::map<std::string, std::string> contents;  // by name: of all files of the manifest, and no others
};

struct BackupBounds {
  std::uint64_t bytes = 1ull << 30;  // of all files together, before they are compressed
};

// The same backup gives the same bytes. Error: larger than the bounds, or no memory.
[[nodiscard]] Result<std::string> write_backup(const Backup& backup, const BackupBounds& bounds = {});
// Believes nothing: links, names beyond the backup, files that the manifest does not name or that are not as
// it says, and more than the bounds are errors. `now`: this program's version.
[[nodiscard]] Result<Backup> read_backup(std::string_view bytes, std::string_view now,
                                         const BackupBounds& bounds = {});

}  // namespace schoolgate::tools
