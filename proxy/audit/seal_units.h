// What stands sealed in one file of the log, as its seals tell it one after another: which rows belong
// together and go together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/audit/seal_text.h"

namespace schoolgate::audit {

// A span, or spans that were replaced together.
struct SealUnit {
  std::int64_t first_seal = 0, last_seal = 0;  // of the spans in it
  std::int64_t seal = 0;                       // that says what stands in it now
  std::int64_t removed_by = 0;                 // the seal that says that it goes; 0: it stays
  std::string why;                             // of that one, or of the last replacement
  std::int64_t from_ms = 0, to_ms = 0;         // of its rows, as they were written; 0: it had none
  std::int64_t rows = 0;                       // now
  std::vector<SealedTable> tables;             // those of rows
  std::string ends;                            // pack_ids()
  std::vector<SealUnit> before;                // what it was, while the replacement may not be done yet

  [[nodiscard]] const SealedTable* table(std::string_view name) const noexcept;
};

// Rows that are in no seal: of `access` those up to `base` came before sealing began, those above `last`
// after the last seal.
struct UnsealedRows {
  std::int64_t base = -1, last = -1;
  std::vector<std::int64_t> ended_since;  // tunnels among the first whose ends are sealed
  std::vector<SealedTable> before;        // what came before, by table; none: sealing began with the file

  // The last id of before in that table.
  [[nodiscard]] std::int64_t base_of(std::string_view table) const noexcept;
  [[nodiscard]] std::string condition() const {
    return "(id <= " + std::to_string(base) + " OR id > " + std::to_string(last) + ")";
  }
};

class SealUnits {
 public:
  // Seals of one file, in the order of their numbers. False: it speaks of spans that are not there.
  bool take(const Seal& seal, std::string ends);

  [[nodiscard]] const std::vector<SealUnit>& all() const noexcept { return units_; }
  // Rows of `access` up to here, and ends of these tunnels, are in no seal: they came before sealing began.
  [[nodiscard]] std::int64_t base() const noexcept { return base_; }
  [[nodiscard]] UnsealedRows unsealed() const;
  // The seal that says that the whole file goes; 0: it stays.
  [[nodiscard]] std::int64_t gone_by() const noexcept { return gone_by_; }
  [[nodiscard]] const std::string& ends_before() const noexcept { return ends_before_; }

 private:
  std::vector<SealUnit> units_;
  std::int64_t base_ = -1, last_ = -1, gone_by_ = 0;
  std::vector<SealedTable> before_;
  std::string ends_before_;
};

}  // namespace schoolgate::audit
