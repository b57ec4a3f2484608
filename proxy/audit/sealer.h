// Seals the files of the log: every ten minutes, by the wall clock, what each holds beyond its last seal
// becomes a span with a seal of its own, in the chain of its kind (seal_text.h, seal_book.h). Works in small
// pieces between the writer's batches, over connections of its own that only read.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proxy/audit/fresh_rows.h"
#include "proxy/audit/month.h"
#include "proxy/audit/seal_book.h"
#include "proxy/audit/seal_bytes.h"
#include "proxy/audit/seal_key.h"
#include "proxy/audit/seal_units.h"
#include "proxy/audit/sqlite.h"
#include "rules/result.h"

namespace schoolgate::audit {

inline constexpr std::int64_t span_ms = 10 * 60 * 1000;

// Threads: belongs to the writer thread.
class Sealer {
 public:
  // What came to that file since the last call; nullopt: not known, the file tells. `looked`: it was looked
  // at before, so nothing came to a file that nobody has opened since.
  using Fresh = std::function<std::optional<FreshRows::Taken>(LogKind, Month, bool looked)>;

  // Reads or makes the key (seal.key, 0600, and seal.pub beside it) and both chains. Where a chain begins,
  // each file that is there gets an opening, unless it is of a first run that was cut before its first seal.
  [[nodiscard]] static Result<Sealer, DbError> open(std::string directory, std::int64_t now_ms);
  // The key of the last seal, where it is another one than this; "" = it is this one, or there is no seal.
  [[nodiscard]] const std::string& former_key() const noexcept { return former_key_; }
  // Books of seals that were set aside by this open().
  [[nodiscard]] std::vector<std::string> take_damaged() { return std::exchange(damaged_, {}); }
  [[nodiscard]] const SealPublicKey& public_key() const noexcept { return key_.public_key(); }
  void ask_for_fresh(Fresh fresh) { fresh_ = std::move(fresh); }

  struct Step {
    bool more = false;             // call again soon
    bool settled = false;          // all that was due is sealed
    Result<void, DbError> result;  // an error: what is not sealed is due again
  };
  // A piece of what is due.
  [[nodiscard]] Step step(std::int64_t now_ms);
  // Everything at once, with that note; files with more than `most` rows beyond their seals are left to the
  // next step(), or the next start.
  [[nodiscard]] Result<void, DbError> seal_all(std::int64_t now_ms, const std::string& note,
                                               std::int64_t most);

  // The row of `access` up to which that file is sealed: no later one may have its number or a smaller one.
  [[nodiscard]] std::int64_t sealed_to(LogKind kind, Month month);
  // What stands sealed in it; no units: nothing is.
  [[nodiscard]] Result<SealUnits, DbError> units(LogKind kind, Month month);
  // The next step() seals what there is, whatever the time.
  void seal_soon() noexcept { slot_ = -1; }
  // Rows that are in no seal yet are about to go: what has been hashed of them is forgotten.
  void let_go(LogKind kind, Month month);
  // Says that the rows of these units go: before they do. `units`: one after another, as units() has them.
  [[nodiscard]] Result<void, DbError> remove(LogKind kind, Month month, const std::vector<SealUnit>& units,
                                             const std::string& why, std::int64_t now_ms);
  // Says that the whole file goes: before it does. `rows`: there are in it.
  [[nodiscard]] Result<void, DbError> remove_file(LogKind kind, Month month, const RowRange& rows,
                                                  const std::string& why, std::int64_t now_ms);
  // Says what stays of these units, as it stands in the open transaction of `db`, which is committed after.
  [[nodiscard]] Result<void, DbError> replace(LogKind kind, Month month, const std::vector<SealUnit>& units,
                                              Database& db, const std::vector<std::int64_t>& ends,
                                              const std::string& why, std::int64_t now_ms);

 private:
  using FileKey = std::pair<LogKind, Month>;
  struct FileState {
    std::int64_t seal = 0;  // the last that says how far; 0: none
    std::string file_id;
    std::map<std::string, std::int64_t, std::less<>> last;  // by table
  };
  struct Work {
    FileKey key;
    Database db;
    Seal seal;
    std::vector<TableHash> tables;
    std::vector<std::int64_t> ends;                 // of these tunnels
    std::optional<std::vector<EndRow>> ended = {};  // these ends, where they need not be read
    std::size_t at = 0;
    std::int64_t after_seal = 0;
  };
  Sealer(std::string directory, SealKey key, SealBook access, SealBook safeguarding)
      : directory_(std::move(directory)),
        key_(std::move(key)),
        books_{std::move(access), std::move(safeguarding)} {}
  [[nodiscard]] SealBook& book(LogKind kind) noexcept { return books_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] Result<void, DbError> begin_chain(LogKind kind, std::int64_t now_ms);
  [[nodiscard]] Result<void, DbError> open_file(FileKey key, bool first_life, std::int64_t now_ms);
  [[nodiscard]] Result<FileState, DbError> state_of(FileKey key);
  [[nodiscard]] Seal blank(FileKey key, SealKind kind, std::int64_t now_ms) const;
  // Nothing to seal: nullopt.
  [[nodiscard]] Result<std::optional<Work>, DbError> begin_work(FileKey key, std::int64_t now_ms);
  // In a transaction that reads: what came since the last seal, beside what stands in `work.tables`.
  [[nodiscard]] Result<void, DbError> find_fresh(Work& work);
  [[nodiscard]] Result<std::vector<std::int64_t>, DbError> unlisted_ends(FileKey key, Database& db,
                                                                         const std::string& file_id);
  // True: there is more to do.
  [[nodiscard]] Result<bool, DbError> advance(Work& work, std::int64_t rows);
  [[nodiscard]] Result<void, DbError> finish(Work& work);
  void gather_files();
  [[nodiscard]] bool is_recent(FileKey key) const;

  std::string directory_;
  SealKey key_;
  std::array<SealBook, 2> books_;
  std::string former_key_;
  std::vector<std::string> damaged_;
  Fresh fresh_;
  std::int64_t slot_ = 0;
  bool failed_ = false;  // something of this slot
  std::vector<FileKey> due_;
  std::optional<Work> work_;
  std::map<FileKey, std::int64_t> sealed_to_;
  std::set<FileKey> looked_;  // for ends that no seal lists
  std::set<FileKey> unsure_;  // where ends were taken, and the seal failed
};

}  // namespace schoolgate::audit
