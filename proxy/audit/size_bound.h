// A bound on what the log takes on the disk. Over it old rows are summed or go, a little at a time, and each
// file tells by an event `log_shortened` what became of its rows: from when to when, how many, why.
//
//   1  allowed rows of clients above their share are summed: one row per client, host and day
//   2  allowed rows of everybody
//   3  allowed rows go, the oldest first
//   4  then the other ones, 5  then those of the safeguarding files
//
// Rows younger than the caller's limit are never touched. When even so the log is over the bound it is full.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy/audit/month.h"
#include "proxy/audit/sealer.h"
#include "proxy/audit/sqlite.h"
#include "rules/result.h"
#include "rules/rule.h"

namespace schoolgate::audit {

// Threads: belongs to the one that writes the log, between its transactions.
class SizeBound {
 public:
  SizeBound(std::string directory, std::uint64_t max_bytes)
      : directory_(std::move(directory)), max_bytes_(max_bytes) {}

  struct Shortened {
    bool begun = false;  // the log has just been found over the bound
    bool more = false;   // call again soon
    Result<void, DbError> result;
  };
  // Rows older than `before_ms` may be summed or go, but for months that `protects` names. A step is a day of
  // one file, or an hour of a busy one.
  [[nodiscard]] Shortened step(std::int64_t before_ms, std::int64_t now_ms,
                               const std::function<bool(Month)>& protects);
  // From now on what is sealed goes or is summed by whole spans, and a seal says what stays. Outlives this.
  void use_sealer(Sealer& sealer) {
    sealer_ = &sealer;
    waits_for_sealer_ = false;
  }
  // The log is sealed, and no sealer can be had now: nothing goes until use_sealer(), and what is over the
  // bound is full.
  void wait_for_sealer() noexcept { waits_for_sealer_ = true; }
  [[nodiscard]] bool full() const noexcept { return full_; }
  // As of the last step; without the pages of files that are free.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint64_t max_bytes() const noexcept { return max_bytes_; }

 private:
  enum class Stage : std::uint8_t { idle, count, heavy, allowed, gone_allowed, gone_others, gone_private };
  struct Slice {
    Month month;
    std::int64_t from_ms = 0, to_ms = 0;
    std::vector<SealUnit> units;              // sealed ones: all of their rows, and no others
    std::optional<std::int64_t> base{};       // else, in a file with seals: rows up to here
    std::vector<std::int64_t> ended_since{};  // of these: tunnels whose ends are sealed
  };
  [[nodiscard]] LogKind kind() const noexcept {
    return stage_ == Stage::gone_private ? LogKind::safeguarding : LogKind::access;
  }
  void measure();
  void find_free_pages();
  void begin(std::int64_t before_ms);
  [[nodiscard]] Result<void, DbError> open(Month month);
  [[nodiscard]] Result<std::optional<Slice>, DbError> next_slice(const std::function<bool(Month)>& protects);
  [[nodiscard]] std::optional<Slice> next_times(Month month, const UnsealedRows* unsealed);
  [[nodiscard]] Result<std::optional<Slice>, DbError> next_units(Month month);
  [[nodiscard]] int list_ends(const Slice& slice);
  [[nodiscard]] Result<void, DbError> seal(const Slice& slice, std::int64_t now_ms);
  void count(const Slice& slice);
  [[nodiscard]] std::string condition(const Slice& slice) const;
  [[nodiscard]] Result<void, DbError> shorten(const Slice& slice, std::int64_t now_ms);
  [[nodiscard]] int change(const Slice& slice, std::int64_t& rows, std::int64_t& left);
  [[nodiscard]] int note(const Slice& slice, std::int64_t rows, std::int64_t left, std::int64_t now_ms);
  void next_stage();

  Sealer* sealer_ = nullptr;
  bool waits_for_sealer_ = false;
  std::string directory_;
  std::uint64_t max_bytes_;
  std::uint64_t bytes_ = 0;
  bool full_ = false;
  Stage stage_ = Stage::idle;
  std::int64_t before_ms_ = 0;             // of the pass under way, or the last one
  std::int64_t at_ms_ = 0;                 // how far the stage has come
  std::map<Month, std::int64_t> at_seal_;  // and among what is sealed
  std::optional<Database> db_;
  std::optional<std::pair<LogKind, Month>> open_;
  std::map<std::pair<LogKind, Month>, std::uint64_t> free_;         // bytes of free pages that the file keeps
  std::map<std::pair<Month, std::int64_t>, std::int64_t> rows_of_;  // allowed ones, by month and client_id
  // The event of this stage in this file, and what it says.
  std::int64_t note_id_ = 0, note_rows_ = 0, note_left_ = 0, note_from_ms_ = 0;
};

}  // namespace schoolgate::audit
