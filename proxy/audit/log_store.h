// The files behind the writer thread: which file a record goes to, all or nothing per file, tunnels and their
// ends, retention. No threads here; everything belongs to the one that writes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "proxy/audit/month_file.h"
#include "proxy/audit/sealer.h"
#include "proxy/audit/totals.h"
#include "proxy/core/json_text.h"
#include "proxy/core/log_record.h"

namespace schoolgate::audit {

// What is written together. A batch that failed is given again, unchanged, until it succeeds.
struct Batch {
  std::vector<LogRecord> rows;
  std::vector<RevisionNames> policies;
  std::vector<Event> events;
  [[nodiscard]] bool empty() const noexcept { return rows.empty() && policies.empty() && events.empty(); }
};

class LogStore {
 public:
  using FileKey = std::pair<Month, LogKind>;

  [[nodiscard]] static Result<LogStore> open(std::string directory, std::string key_file,
                                             std::uint32_t keep_days);

  // From now on what is sealed goes by whole spans, and is said to go by a seal. `sealer` outlives this.
  void use_sealer(Sealer& sealer);
  // The log is sealed, and no sealer can be had now: nothing goes until use_sealer().
  void wait_for_sealer() noexcept { waits_for_sealer_ = true; }

  // "clean stop", "unclean stop" or "none": how the run before this one ended, by the newest file that tells.
  [[nodiscard]] std::string last_run();
  // The times of the oldest and the newest row on the disk.
  [[nodiscard]] RowRange ends();

  // All, or an error: then some files may have been committed all the same, and the next attempt leaves them
  // out.
  [[nodiscard]] Result<void, DbError> store(const Batch& batch);
  // Rows of the last store() that can never be stored, and were left out.
  [[nodiscard]] std::uint64_t unstorable() const noexcept { return unstorable_; }

  struct Counted {
    bool more = false;             // call again
    Result<void, DbError> result;  // at the end of a round; an error: the next one makes up for it
  };
  // A step of adding to the totals, and to the names of sites, what the ordinary files hold beyond them; the
  // first calls look at all of these.
  [[nodiscard]] Counted add_totals();
  // Totals older than `cut_ms` go, as the rows in retain(): told first, at `now_ms`. `days`: why.
  [[nodiscard]] Result<void, DbError> retain_totals(std::int64_t cut_ms, std::int64_t now_ms,
                                                    std::uint32_t days,
                                                    const std::function<bool(Month)>& protects);

  // False: something is not known to be on the disk.
  [[nodiscard]] bool sync();
  // Closes files that were moved or deleted while open, so that the next row makes them anew; their paths.
  [[nodiscard]] std::vector<std::string> close_replaced();

  struct Retained {
    std::vector<std::string> files;  // deleted
    std::int64_t rows = 0;           // deleted in this step
    bool more = false;               // call again, with the same `cut_ms`
    Result<void, DbError> result;    // an error: something stays until the next time
  };
  // One step of deleting what is older than `cut_ms`: whole files and keys, then some rows. Months that
  // `protects` names stay. Before anything goes an event `retention` of that kind of file, at `now_ms`, says
  // what: without it nothing goes.
  [[nodiscard]] Retained retain(std::int64_t cut_ms, std::int64_t now_ms,
                                const std::function<bool(Month)>& protects);
  // Damaged files that were set aside since the last call.
  [[nodiscard]] std::vector<std::string> take_damaged() { return std::exchange(damaged_, {}); }
  // Files of an older version that were brought to the form of this one since the last call.
  [[nodiscard]] std::vector<std::string> take_renewed() { return std::exchange(renewed_, {}); }

 private:
  LogStore(std::string directory, PseudonymKeys keys, std::uint32_t keep_days)
      : directory_(std::move(directory)), keys_(std::move(keys)), keep_days_(keep_days), totals_(directory_) {
    for (const Month month : log_months(directory_, LogKind::access)) uncounted_.insert(month);
  }

  struct OpenTunnel {
    Month month;
    std::int64_t id = 0, private_id = 0;  // 0: no row in the file of that kind
  };
  // The file, opened and in a transaction; null if the batch has been committed to it before.
  [[nodiscard]] Result<MonthFile*, DbError> writable(FileKey key);
  [[nodiscard]] Result<MonthFile*, DbError> file(FileKey key);
  [[nodiscard]] Result<void, DbError> insert_and_commit(const Batch& batch);
  [[nodiscard]] Result<void, DbError> store_row(const LogRecord& record);
  // A hit of an alert: `row` is where it was written, 0 = committed by an earlier attempt.
  [[nodiscard]] Result<void, DbError> note_alert(const LogRecord& kept, const OpenTunnel& row);
  [[nodiscard]] Result<void, DbError> count_alert(const LogRecord& record, const OpenTunnel& row);
  [[nodiscard]] Result<void, DbError> store_end(const LogRecord& record);
  // `record` is made of `row` of the batch. The id of the new row, or 0 when there is none to have: already
  // committed, or can never be stored.
  [[nodiscard]] Result<std::int64_t, DbError> insert(FileKey key, const LogRecord& record,
                                                     const LogRecord* row);
  [[nodiscard]] const RevisionNames* names_of(std::uint64_t revision) const noexcept;
  void forget_revisions();
  [[nodiscard]] Result<void, DbError> commit_all();
  void roll_back_all();
  void set_aside(FileKey key);
  // What a pass of retention takes from the files of one kind.
  struct OldRows {
    std::vector<Month> months;  // whole ones
    bool edge = false;          // rows out of the month that is cut
  };
  [[nodiscard]] OldRows find_old(LogKind kind, std::int64_t cut_ms,
                                 const std::function<bool(Month)>& protects);
  // What it takes, told and sealed before it goes.
  struct Going {
    RowRange rows;
    JsonArray seals;                                  // "12-20"
    std::vector<std::pair<FileKey, RowRange>> files;  // whole ones
    std::vector<std::pair<FileKey, std::vector<SealUnit>>> units;
  };
  [[nodiscard]] Result<void, DbError> gather(FileKey key, bool whole, std::int64_t cut_ms, Going& going);
  [[nodiscard]] Result<void, DbError> seal_removals(const Going& going, std::int64_t now_ms);
  [[nodiscard]] Result<void, DbError> announce(LogKind kind, const OldRows& old, std::int64_t cut_ms,
                                               std::int64_t now_ms);
  [[nodiscard]] static std::vector<std::string> set_aside_of(const std::string& path);
  // The sealed units of the file that are wholly older, and what `announce` tells of them.
  struct OldUnits {
    std::vector<SealUnit> units;
    RowRange rows;
    std::vector<std::string> seals;  // "12-20"
  };
  [[nodiscard]] Result<OldUnits, DbError> old_units(FileKey key, std::int64_t cut_ms);
  [[nodiscard]] Result<void, DbError> seal_removal(FileKey key, const std::vector<SealUnit>& units,
                                                   std::int64_t now_ms);
  [[nodiscard]] Result<std::int64_t, DbError> delete_old(FileKey key, std::int64_t cut_ms);
  bool delete_month(FileKey key, const std::string& path);
  void forget_keys(Month first);
  [[nodiscard]] Result<bool, DbError> add_totals_of(Month month);
  [[nodiscard]] Result<bool, DbError> add_names_of(Month month);
  [[nodiscard]] Result<bool, DbError> add_spans_of(Month month);
  [[nodiscard]] Result<void, DbError> retain_names(std::int64_t cut_ms, std::int64_t now_ms,
                                                   std::uint32_t days, bool all);
  [[nodiscard]] Result<void, DbError> tell_retention(LogKind kind, std::int64_t now_ms,
                                                     const JsonArray& files, const RowRange& rows,
                                                     std::uint32_t days, const JsonArray& seals = {});
  // Its rows are out of reach and their ids will be given anew: no end of a tunnel may be written to them.
  void forget_tunnels_of(FileKey key) noexcept;

  std::string directory_;
  PseudonymKeys keys_;
  std::uint32_t keep_days_;
  std::map<FileKey, std::unique_ptr<MonthFile>> files_;
  std::set<FileKey> closed_;     // since their ends were asked for
  std::set<FileKey> committed_;  // of the batch that is being tried
  // That can never be stored; of the batch that is being tried.
  std::map<FileKey, std::set<const LogRecord*>> bad_rows_;
  FileKey in_use_;  // the file that an error is about
  LogRecord kept_;  // of a record what one file may keep; here for its memory
  std::vector<RevisionNames> revisions_;
  std::unordered_map<std::uint64_t, OpenTunnel> tunnels_;  // by decision
  std::unordered_map<std::uint64_t, OpenTunnel> alerts_;   // that rang lately, by decision; private_id alone
  std::vector<std::string> damaged_, renewed_;
  std::set<std::pair<LogKind, std::int64_t>> announced_;  // passes of retention under way, by their cut
  std::uint64_t unstorable_ = 0;
  Sealer* sealer_ = nullptr;
  bool waits_for_sealer_ = false;
  std::map<FileKey, std::vector<SealUnit>> going_;  // sealed units that a pass of retention deletes
  Totals totals_;
  SiteNames names_{directory_};
  std::set<Month> uncounted_;  // whose files may hold more than the totals
  std::set<Month> not_now_;    // of these, failed in this round
  Result<void, DbError> totals_failed_;
};

}  // namespace schoolgate::audit
