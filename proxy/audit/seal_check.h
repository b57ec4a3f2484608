// Does the log say what it said when it was sealed? Goes through the chains and the files and tells what is
// whole and what is not. Reads only; the proxy may be writing meanwhile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/audit/month.h"
#include "proxy/audit/seal_key.h"
#include "rules/result.h"

namespace schoolgate::audit {

enum class FindingKind : std::uint8_t {
  // Somebody wrote to the log:
  changed,        // rows of a span are not what they were
  missing,        // rows of a span are gone, and nothing says why
  added,          // rows that no seal knows, where there may be none
  index_changed,  // what questions are answered by passes over rows (row_spans.h)
  no_file,        // a whole file is gone, or another one stands in its place
  seal_changed,   // a seal is not what was signed, or does not follow the one before
  seal_missing,   // a number is not there, the first ones, or the last ones
  key_changed,    // another key signed than the one that was asked for
  no_witness,     // the seal that left the box is not in the chain
  unreadable,     // could not be looked at
  // These are in order:
  deleted,   // by rule, as a seal says
  summed,    // the same, by the bound on the disk
  unsealed,  // came after the last seal
  before,    // came before sealing began
};
[[nodiscard]] bool is_in_order(FindingKind kind) noexcept;
[[nodiscard]] std::string_view to_string(FindingKind kind) noexcept;  // "changed", "seal_missing", ...

struct Finding {
  FindingKind kind = FindingKind::changed;
  LogKind log = LogKind::access;
  std::string file;                            // "access-2026-03.db"; "" = of the chain
  std::string table;                           // "access", "host", ...; "" = none
  std::int64_t first_seal = 0, last_seal = 0;  // 0: no seal
  std::int64_t from_ms = 0, to_ms = 0;         // of the rows; 0: not known
  std::int64_t rows = 0;                       // how many it is about, where that is known
  std::int64_t first_id = 0, last_id = 0;      // among these ids
  std::vector<std::int64_t> ids;               // these, where it can be told; at most twenty
  std::string why;                             // a rule's, or an error's; a key's name
};

struct SealCheck {
  struct Chain {
    LogKind log = LogKind::access;
    bool there = false, readable = true;
    std::int64_t seals = 0, rows = 0;  // rows that stand as they were sealed
    std::int64_t last_number = 0, last_ms = 0;
    std::string last_digest, key;
  };
  std::vector<Chain> chains;
  std::vector<Finding> findings;
  [[nodiscard]] bool whole() const noexcept;
};

struct SealQuestion {
  std::string directory;
  std::vector<SealPublicKey> keys{};  // what the auditor knows; none: seal.pub of the folder
  std::string witness{};  // the digest of a seal on paper, or its beginning, 12 digits or more; "" = none
};
// Errors: the folder or the key in it cannot be read.
[[nodiscard]] Result<SealCheck> check_seals(const SealQuestion& question);

}  // namespace schoolgate::audit
