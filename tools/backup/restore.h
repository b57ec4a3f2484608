// From a backup to what would become of a machine: whether it loads, what changes, how long the log is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/main/config.h"
#include "config/text/overlay.h"
#include "rules/diagnostic.h"
#include "tools/backup/archive.h"
#include "tools/backup/places.h"
#include "tools/backup/swap.h"

namespace schoolgate::tools {

// The overlay in a backup; Error: it is not as the program wrote it.
[[nodiscard]] Result<Overlay> overlay_in(const Backup& backup);
// The main file as it rules: of the overlay where that lies over it. Null: there is none.
[[nodiscard]] const std::string* ruling_main(const Backup& backup, const Overlay& overlay);

// Of the main file, as it would be at `config_file`. Nullopt: it has errors, told into `out`.
[[nodiscard]] std::optional<Config> config_in(const Backup& backup, const Overlay& overlay,
                                              const std::string& config_file, Diagnostics& out);

// "log: keep_days: 90" and others in the text of a main file; Error: it is laid out so that a person must do
// it.
[[nodiscard]] Result<std::string> with_log_number(const std::string& text, const std::string& key,
                                                  std::uint32_t number);

struct Retention {
  std::uint32_t keep_days = 0, min_days = 0;
  friend bool operator==(const Retention&, const Retention&) = default;
};
// Never looser than the machine's: no row is kept longer, none may go earlier because the log is too large.
[[nodiscard]] Retention stricter(const Retention& machine, const Retention& backup) noexcept;
// Of a main file that is broken: the smallest keep_days and the largest min_days that a line of it says, of
// those that may be; `otherwise` where none does.
[[nodiscard]] Retention retention_told_in(std::string_view text, const Retention& otherwise);
// Writes it into the main file of the backup that rules.
[[nodiscard]] Result<void> set_retention(Backup& backup, const Retention& wanted, const Retention& has);

struct ArchiveCheck {
  bool loads = false;
  std::string report;  // rendered: what is wrong
};
// Whether the configuration in it loads: put into a folder of its own, which is away when this returns. What
// is left out for want of --keys does not count.
[[nodiscard]] ArchiveCheck check_backup(const Backup& backup, const Overlay& overlay, Catalogue catalogue);

// What would become of the files, by their names in a backup.
struct RestoreChanges {
  std::vector<std::string> fresh, changed, gone;
  std::size_t same = 0;
  std::vector<std::string>
      lacking;  // secrets of the school that are neither in the backup nor on the machine
};
[[nodiscard]] RestoreChanges changes_of(const Backup& backup, const Places& places);

// What is to be put in place; `history`: whether accepted policies come, too.
[[nodiscard]] std::vector<SwapPart> parts_of(const Backup& backup, const Places& places,
                                             const RestoreChanges& changes, bool history);

}  // namespace schoolgate::tools
