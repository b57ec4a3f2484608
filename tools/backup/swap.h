// Puts files in the place of others: all or, when the process is killed in the middle, the rest by
// `schoolgate restore --finish`; until then no load of the configuration succeeds, so that no mixture rules.
//
// What comes is staged beside its place, in .restore-new; what was there goes to .before-restore-DATE beside
// it, and stays. The journal, CONFIG/.restoring, is the moment from which on the new rules. Every folder's
// part is done by the folder's owner: root never writes where the service could lead it elsewhere.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"
#include "tools/backup/manifest.h"

namespace schoolgate::tools {

struct StagedFile {
  std::string name;  // below the part's folder
  std::string bytes;
  BackupOwner owner;
};

// One folder, and what becomes of it.
struct SwapPart {
  std::string folder;                 // absolute
  std::vector<BackupFolder> folders;  // below it, made where they are missing
  std::vector<StagedFile> files;
  std::vector<std::string> whole;  // names of folders that are swapped whole, also for an empty one
  std::vector<std::string> gone;   // names that go aside
};

// A rename that is to be done: `staged` to `live`, what is there to `aside`. `staged` "": it only goes aside.
struct SwapMove {
  std::string folder, staged, live, aside;
  friend bool operator==(const SwapMove&, const SwapMove&) = default;
};
[[nodiscard]] std::string to_text(const std::vector<SwapMove>& moves);
// Nullopt: not as to_text() wrote it, or a path that is not below its folder.
[[nodiscard]] std::optional<std::vector<SwapMove>> parse_moves(std::string_view text);

// Writes what is to come beside its place, and then the journal into `config`. `stamp`: "20261129-2050".
// Error: nothing is changed.
[[nodiscard]] Result<void> stage_swap(const std::string& config, const std::vector<SwapPart>& parts,
                                      const std::string& stamp);
// Does what the journal in `config` says, from wherever it was cut. False: there is none.
[[nodiscard]] Result<bool> finish_swap(const std::string& config);

// Does `work` as the owner of `folder` where that is not root; as it is for who is not root. Error: why not.
[[nodiscard]] Result<void> as_owner_of(const std::string& folder, const std::function<Result<void>()>& work);

}  // namespace schoolgate::tools
