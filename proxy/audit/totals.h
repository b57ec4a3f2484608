// totals.db: requests, and visits among them, by hour, tier, category, action and how much was seen of them;
// no client, no host. It outlives the rows.
//
// Every row is counted once, however the process ends. SQLite commits two files with a WAL one after the
// other, so the totals say themselves how far they have come: up to which id the rows of a month's file are
// in them. Figures and mark change in one transaction, after that of the rows. What was committed there and
// not here is counted from the file at the next time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "proxy/audit/database_file.h"
#include "proxy/audit/month.h"
#include "proxy/audit/tally.h"

namespace schoolgate::audit {

// What totals.db is, and how an empty one is made.
[[nodiscard]] FileKind totals_kind();

// Threads: belongs to the one that writes the log. Another process may write the same files while it hands
// over.
class Totals {
 public:
  explicit Totals(std::string directory) : directory_(std::move(directory)) {}

  // Adds the rows of a month's file that are not yet counted: out of `tally`, where that knows just these,
  // else from the file, a part of them. Between transactions of `rows`. True: there is more. Errors: tried
  // again with the next call.
  [[nodiscard]] Result<bool, DbError> add(Month month, Database& rows, Tally& tally);

  struct Range {
    std::int64_t lines = 0, from_ms = 0, to_ms = 0;
  };
  // What is older than `cut_ms`, but for months that `protects` names; and away with it.
  [[nodiscard]] Result<Range, DbError> older(std::int64_t cut_ms, const std::function<bool(Month)>& protects);
  [[nodiscard]] Result<void, DbError> forget(std::int64_t cut_ms, const std::function<bool(Month)>& protects);

  [[nodiscard]] int sync() noexcept { return db_ ? db_->sync_wal() : SQLITE_OK; }
  // Since the last call a new file was begun: all that the months' files hold is to be counted.
  [[nodiscard]] bool take_anew() noexcept { return std::exchange(anew_, false); }
  // Since the last call the file of an older version was given what came since.
  [[nodiscard]] bool take_renewed() noexcept { return std::exchange(renewed_, false); }
  // A damaged one that was set aside.
  [[nodiscard]] std::optional<std::string> take_damaged() { return std::exchange(damaged_, std::nullopt); }

 private:
  [[nodiscard]] Result<void, DbError> open();
  [[nodiscard]] Result<bool, DbError> add_within(Month month, Database& rows, Tally& tally);
  [[nodiscard]] Result<std::int64_t, DbError> counted(Month month);
  [[nodiscard]] Result<void, DbError> put(const Tally::Line& line);
  [[nodiscard]] Result<void, DbError> run(Statement& statement);
  [[nodiscard]] DbError fail(DbError error);
  void close() noexcept;
  void set_aside();

  std::string directory_;
  std::optional<Database> db_;
  Statement find_mark_, set_mark_, add_name_, add_line_, add_visits_;
  std::map<Month, std::int64_t> known_;  // as this process left them: later rows have larger ids
  std::optional<std::string> damaged_;
  bool anew_ = false, renewed_ = false;
};

}  // namespace schoolgate::audit
