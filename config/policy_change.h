// Changes of the policy by commands and pages: which texts some files shall have. What comes of it is an
// overlay (text/overlay.h) that is loaded, tested, and laid or not; who may make it is decided here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/snapshot.h"
#include "config/text/config_texts.h"
#include "config/text/overlay.h"
#include "rules/result.h"

namespace schoolgate {

struct PolicyChange {
  // By name, relative to the folder of the configuration: the text that a file shall have; nullopt: there
  // shall be no such file.
  std::map<std::string, std::optional<std::string>> files{};
  std::vector<std::string> dropped{};  // of these the file in the folder shall rule again
};

struct ChangedBy {
  std::string account;  // "uid 1001 (lan)"
  std::int64_t at = 0;  // UTC seconds
};

// `now` with the change. A file that has its text in the folder anyway is laid over by nothing. Error: a name
// that cannot be laid, or a file of the folder that cannot be read.
[[nodiscard]] Result<Overlay> with_change(const std::string& config_file, const Overlay& now,
                                          const PolicyChange& change, const ChangedBy& by);

// What makes the configuration read `wanted`, whatever lies in its folder and over it. `running`: the texts
// that rule. Error: a text beyond the folder is another now, and no command changes that.
[[nodiscard]] Result<PolicyChange> change_to(const std::string& config_file, const ConfigTexts& wanted,
                                             const ConfigTexts& running);

// Without those that the folder says itself by now.
[[nodiscard]] Overlay without_repeats(const std::string& config_file, Overlay overlay);

// What only the admin may change, if a change from `before` to `after` touches it: the main file, locks,
// floor, delegation. Nullopt: whoever may ask may do it.
struct RuledBy {
  const Snapshot& snapshot;
  const ConfigTexts& texts;
};
[[nodiscard]] std::optional<Message> loosened(const RuledBy& before, const RuledBy& after);

}  // namespace schoolgate
