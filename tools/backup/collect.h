// A running or standing installation -> a backup.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/backup/archive.h"
#include "tools/backup/places.h"

namespace schoolgate::tools {

struct CollectOptions {
  bool keys = false;
  std::string version;
  std::int64_t now = 0;            // UTC seconds
  std::vector<std::string> lists;  // files and folders that entries of `lists:` name
};

struct Collected {
  Backup backup;
  std::vector<Message> remarks;  // what is not in it, and a person should know
};

// Error: a file that belongs into it cannot be read, or what it would hold cannot be.
[[nodiscard]] Result<Collected> collect_backup(const Places& places, const Config& config,
                                               const CollectOptions& options);

// The name of a file in a backup; of the overlay's generation that rules, without its number. "" = it has
// none.
[[nodiscard]] std::string entry_of(const Places& places, const FoundFile& file);

}  // namespace schoolgate::tools
