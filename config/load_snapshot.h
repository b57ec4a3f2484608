// A configuration on the disk -> a Snapshot, or everything that is wrong with it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "config/lists/list_loader.h"
#include "config/main/config.h"
#include "config/snapshot.h"
#include "config/text/config_texts.h"
#include "config/text/overlay.h"
#include "config/text/text_file.h"
#include "rules/diagnostic.h"

namespace schoolgate {

struct LoadResult {
  std::shared_ptr<const Snapshot> snapshot;  // null when `diagnostics` has errors
  Diagnostics diagnostics;                   // all of them, sorted by file and place
  SourceTexts texts;                         // render(diagnostics, texts, colour) shows the lines
  ConfigTexts read;                          // what KeptSets::keep() keeps of an accepted load of the files
};

struct LoadOptions : ListLoadOptions {
  std::uint64_t revision = 1;
  // The files of the policy that runs, or at a start of the one that was accepted last: one that nobody took
  // out of the config must not vanish.
  std::optional<PolicyFiles> running{};
  // The texts of what was accepted last: what a floor is measured by. Null: not known.
  const ConfigTexts* accepted = nullptr;
  // These texts, accepted once, in place of the files; list files and all that is no text of the
  // configuration are read as they are, and what the files lock today is locked too. What they contradict
  // since is a warning.
  const ConfigTexts* kept = nullptr;
  // `kept` rules now: what contradicts it is an error, as it is of the files.
  bool kept_rules = false;
  // What is to be laid over the files, in place of what is: a change that is tried. Null: what is.
  const Overlay* laid = nullptr;
  // What is loaded is to rule: then it must be seen whether commands changed the configuration.
  bool to_rule = false;
  // What ruled before: a site that must work and was closed by it as well refuses nothing.
  const Snapshot* before = nullptr;
  // A reload: what runs. Its lists are the measure of the new ones when they could not be kept on the disk.
  const Snapshot* running_lists = nullptr;
};

// Reads the config, its tier files, lists and patterns. Never throws for what a person wrote.
[[nodiscard]] LoadResult load_snapshot(const std::string& config_file, const LoadOptions& options);

// What the main file among kept texts says. Nullopt: it cannot be read.
[[nodiscard]] std::optional<Config> main_file_of(const std::string& config_file, const ConfigTexts& kept);
// The same, and what is wrong with it is told.
[[nodiscard]] std::optional<Config> main_file_of(const std::string& config_file, const ConfigTexts& kept,
                                                 Diagnostics& out);

}  // namespace schoolgate
