// The compiled rules of all lists: a read-only view on bytes (read from a file, or built in memory).
//
// The layout of the bytes is drawn in rules/db/README.md. Little-endian, versioned, checksummed by section.
// Threads: immutable, may be shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/db/rule_info.h"
#include "rules/lookalike/model.h"
#include "rules/result.h"

namespace schoolgate {

class CompiledDb;

class RuleDb {
 public:
  // Of the bytes that open() takes: another one means another layout or other contents.
  [[nodiscard]] static std::string version();
  // Checks magic, version and every section's checksum; any wrong bit is an error. `bytes` outlives the
  // RuleDb. Bytes that begin on a border of 64 (a mapped file does) are read in place, others are copied.
  [[nodiscard]] static Result<std::shared_ptr<const RuleDb>> open(std::span<const std::byte> bytes);
  ~RuleDb();
  RuleDb(const RuleDb&) = delete;
  RuleDb& operator=(const RuleDb&) = delete;

  [[nodiscard]] std::span<const SourceInfo> sources() const noexcept;  // by Tag
  // What was learned from the names of the lists. Lives as long as this does.
  [[nodiscard]] const LookalikeModels& lookalikes() const noexcept;
  using Counts = RuleCounts;
  [[nodiscard]] Counts counts() const noexcept;
  // Every rule that names `host`, a parent of it or, of an address, a network (`lists search`). Slow path.
  [[nodiscard]] std::vector<RuleHit> search(std::string_view host) const;
  // The entries of hosts that stand at `host` or a parent of it, also those that hold only this name or only
  // what lies below it.
  [[nodiscard]] std::vector<RuleHit> host_entries(std::string_view host) const;
  // The patterns that no host alone can answer: of an https site that is not opened they are never asked.
  // Takes about a millisecond a pattern.
  [[nodiscard]] std::vector<RuleHit> patterns_that_need_a_path() const;
  [[nodiscard]] const CompiledDb& sections() const noexcept { return *sections_; }  // for Matcher

 private:
  RuleDb();
  std::unique_ptr<CompiledDb> sections_;
};

}  // namespace schoolgate
