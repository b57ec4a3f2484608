// Everything one request is judged by: immutable, built off to the side, swapped whole.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "rules/diagnostic.h"
#include "rules/judge.h"
#include "rules/policy.h"
#include "rules/rule_db.h"

namespace schoolgate {

// The result of reading one list file, for `check`, start-up and the status page.
struct ListStatus {
  ListSource source;
  ListReport report;
};

struct Snapshot {
  std::uint64_t revision = 0;  // counts loads; shown in log and explain
  std::string digest;          // SHA-256 hex over the config files and the lists' bytes
  Config config;
  std::shared_ptr<const Policy> policy;
  std::shared_ptr<const RuleDb> lists;
  std::vector<std::string> sources;        // file names by RuleRef::source
  std::vector<ListMeaning> list_meanings;  // by Tag
  std::vector<ListStatus> list_status;
  std::vector<std::string> thin;        // what is thin, one sentence each
  std::shared_ptr<const void> mapping;  // keeps the bytes below `lists` alive

  [[nodiscard]] std::unique_ptr<Judge> make_judge() const;
  // "tiers.d/thcs.yaml:12", "" when there is none.
  [[nodiscard]] std::string place(const RuleRef& ref) const;
};

struct LoadResult {
  std::shared_ptr<const Snapshot> snapshot;  // null when `diagnostics` has errors
  Diagnostics diagnostics;                   // all of them, sorted by file and place
};

struct LoadOptions {
  std::uint64_t revision = 1;
  std::function<void(const std::string& what, double done)> progress;  // done 0..1; may be empty
};

// Reads the config, its tier files, lists and patterns. Never throws for what a person wrote.
[[nodiscard]] LoadResult load_snapshot(const std::string& config_file, const LoadOptions& options);

}  // namespace schoolgate
