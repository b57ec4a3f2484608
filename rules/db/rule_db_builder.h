// All entries of all lists -> the bytes that RuleDb::open() reads. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "rules/db/rule_db.h"
#include "rules/result.h"
#include "rules/rule.h"

namespace schoolgate {

class RuleDbBuilder {
 public:
  RuleDbBuilder();
  ~RuleDbBuilder();
  Tag add_source(SourceInfo info);
  RuleDbBuilder(const RuleDbBuilder&) = delete;
  RuleDbBuilder& operator=(const RuleDbBuilder&) = delete;
  void add(Tag tag, RuleEntry entry);  // copies the text into an arena; duplicates are kept for provenance
  // The section of look-alikes, as LookalikeTrainer makes it.
  void set_lookalikes(std::vector<std::byte> section);
  // Deterministic: same calls, same bytes. Errors: a pattern RE2 refuses, a host or network that is not
  // canonical (callers validate first), over 4 GiB of names. Consumes the rules: the builder is empty
  // afterwards.
  [[nodiscard]] Result<std::vector<std::byte>> build();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace schoolgate
