// Everything one request is judged by: immutable, built off to the side, swapped whole.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/main/config.h"
#include "config/main/local_time.h"
#include "config/text/config_texts.h"
#include "config/text/text_file.h"
#include "rules/db/rule_db.h"
#include "rules/diagnostic.h"
#include "rules/judge/judge.h"
#include "rules/policy/policy.h"

namespace schoolgate {

// The result of reading one list file, for `check`, start-up and the status page.
struct ListStatus {
  ListSource source;
  ListReport report;
};

// The tests that tier files carry, all of which passed; and what `check` counts.
struct PolicyCounts {
  std::uint32_t tiers = 0, categories = 0, lines = 0, pattern_tests = 0, policy_tests = 0, floor = 0;
};

struct Snapshot {
  std::uint64_t revision = 0;  // counts loads; shown in log and explain
  std::string digest;          // SHA-256 hex over the config files and the lists' bytes
  Config config;
  TimeZone zone;  // of the school: zone.local(unix seconds) is what evaluate() asks for
  PolicyCounts counts;
  std::shared_ptr<const Policy> policy;
  std::shared_ptr<const RuleDb> lists;     // keeps its bytes alive
  std::vector<std::string> sources;        // file names by RuleRef::source
  std::vector<ListMeaning> list_meanings;  // by Tag
  std::vector<ListStatus> list_status;
  bool lists_kept = false;        // `lists` lie on the disk as they are here
  std::vector<std::string> thin;  // what is thin, one sentence each

  [[nodiscard]] std::unique_ptr<Judge> make_judge() const;
  // "tiers.d/thcs.yaml:12", "" when there is none.
  [[nodiscard]] std::string place(const RuleRef& ref) const;
};

struct LoadResult {
  std::shared_ptr<const Snapshot> snapshot;  // null when `diagnostics` has errors
  Diagnostics diagnostics;                   // all of them, sorted by file and place
  SourceTexts texts;                         // render(diagnostics, texts, colour) shows the lines
  ConfigTexts read;                          // what KeptSets::keep() keeps of an accepted load of the files
};

struct LoadOptions {
  std::uint64_t revision = 1;
  // The files of the policy that runs, or at a start of the one that was accepted last: one that nobody took
  // out of the config must not vanish.
  std::optional<PolicyFiles> running{};
  // These texts, accepted once, in place of the files; list files and all that is no text of the
  // configuration are read as they are, and what the files lock today is locked too. What they contradict
  // since is a warning.
  const ConfigTexts* kept = nullptr;
  // A reload: what runs. Its lists are the measure of the new ones when they could not be kept on the disk.
  const Snapshot* running_lists = nullptr;
  // Start-up: when a list cannot be used, take the last good compiled lists and warn.
  bool last_good_lists = false;
  // Lists that are gone, or lost more than 30 % of their entries, are what the admin wants.
  bool accept_shrunk = false;
  bool use_cache = true;  // false: compile in memory, write nothing
  // False: compiled lists that fit are used, none are written (commands that only look).
  bool write_cache = true;
  std::function<void(const std::string& what, double done)> progress;  // done 0..1; may be empty
};

// Reads the config, its tier files, lists and patterns. Never throws for what a person wrote.
[[nodiscard]] LoadResult load_snapshot(const std::string& config_file, const LoadOptions& options);

// What the main file among kept texts says. Nullopt: it cannot be read.
[[nodiscard]] std::optional<Config> main_file_of(const std::string& config_file, const ConfigTexts& kept);

}  // namespace schoolgate
