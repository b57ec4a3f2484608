// One month's log file, open for writing: rows in, ids for repeated names, transactions.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "proxy/audit/fresh_rows.h"
#include "proxy/audit/month.h"
#include "proxy/audit/pseudonym.h"
#include "proxy/audit/revision_names.h"
#include "proxy/audit/row_spans.h"
#include "proxy/audit/seal_units.h"
#include "proxy/audit/site_names.h"
#include "proxy/audit/sqlite.h"
#include "proxy/audit/tally.h"
#include "proxy/audit/totals.h"
#include "proxy/core/log_record.h"

namespace schoolgate::audit {

struct Event {
  std::int64_t time_ms = 0;
  std::string actor, what, detail_json;
  LogKind kind = LogKind::access;  // which file it stands in
};

struct AddressHash {
  std::size_t operator()(const IpAddress& a) const noexcept {
    return std::hash<std::string_view>()({reinterpret_cast<const char*>(a.bytes.data()), a.bytes.size()});
  }
};

// Threads: belongs to the writer thread. After an error of any call that touches the file the caller rolls
// back.
class MonthFile {
 public:
  // Opens DIR/access-YYYY-MM.db (0640) or safeguarding-YYYY-MM.db (0600), made if absent.
  // Errors: SQLite's; a file of another program, or of a later version (code SQLITE_MISUSE).
  [[nodiscard]] static Result<std::unique_ptr<MonthFile>, DbError> open(const std::string& directory,
                                                                        LogKind kind, Month month,
                                                                        const PseudonymKey& key);

  [[nodiscard]] Result<void, DbError> begin();
  [[nodiscard]] Result<void, DbError> commit();
  void rollback() noexcept;
  [[nodiscard]] bool in_transaction() const noexcept { return db_.in_transaction(); }

  // The row as it is given; what may be kept is decided by the caller (see proxy/core/privacy.h). Returns its
  // id. `names` may be null: a record from before the first policy.
  [[nodiscard]] Result<std::int64_t, DbError> insert(const LogRecord& record, const RevisionNames* names);
  [[nodiscard]] Result<void, DbError> insert_tunnel_end(std::int64_t id, const LogRecord& record);
  // One more hit of the alert that rang in row `id`.
  [[nodiscard]] Result<void, DbError> count_hit(std::int64_t id);
  // The row `id` of the safeguarding file is an alert: opens its case, or belongs to one (case_table.h).
  [[nodiscard]] Result<void, DbError> note_alert(std::int64_t id, const LogRecord& record,
                                                 const RevisionNames* names);
  // A detail that is not JSON is stored as a JSON string.
  [[nodiscard]] Result<void, DbError> insert_event(const Event& event);
  [[nodiscard]] Result<void, DbError> insert_policy(const RevisionNames& names);

  // In a transaction: the next row has a greater number than `id`, whatever went meanwhile.
  [[nodiscard]] Result<void, DbError> number_above(std::int64_t id);
  // What came since the last call; nullopt: not known, for another process wrote here too.
  [[nodiscard]] std::optional<FreshRows::Taken> take_fresh();

  // Deletes at most `limit` rows older than `before_ms`; the number deleted. `only`: of these, and of
  // cases what came before sealing began.
  [[nodiscard]] Result<std::int64_t, DbError> delete_before(std::int64_t before_ms, int limit,
                                                            const UnsealedRows* only = nullptr);
  // Deletes at most `limit` rows of a sealed unit, with what hangs on them, and in the end all else that
  // the unit lists; the number of rows deleted.
  [[nodiscard]] Result<std::int64_t, DbError> delete_unit(const SealUnit& unit, int limit);
  // Adds what is not yet in the totals to them; between transactions. True: there is more.
  [[nodiscard]] Result<bool, DbError> add_to(Totals& totals, Month month) {
    return totals.add(month, db_, tally_);
  }
  [[nodiscard]] Result<bool, DbError> add_to(SiteNames& names, Month month, bool newest) {
    return names.add(month, db_, newest);
  }
  // Makes questions to the rows quick (row_spans.h); between transactions. True: there is more.
  [[nodiscard]] Result<bool, DbError> add_spans() { return add_row_spans(db_); }
  [[nodiscard]] int sync() noexcept { return db_.sync_wal(); }
  // True when the file at its path is no longer this one: someone moved or deleted it.
  [[nodiscard]] bool replaced() const noexcept;
  // The last event that is `start` or `stop`; nullopt if there is none.
  [[nodiscard]] std::optional<std::string> last_life_event();
  // Rows older than `before_ms`; no events. `only`: of these.
  [[nodiscard]] RowRange range_before(std::int64_t before_ms, const UnsealedRows* only = nullptr);
  [[nodiscard]] std::int64_t first_row() { return db_.integer("SELECT min(id) FROM access"); }
  // The times of the oldest and the newest row, which counts as no event does; 0 if there is none.
  [[nodiscard]] RowRange ends();
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  // An older program began the file, and open() gave it what came since.
  [[nodiscard]] bool renewed() const noexcept { return renewed_; }

 private:
  MonthFile(std::string path, LogKind kind, Database db, const PseudonymKey& key)
      : path_(std::move(path)), kind_(kind), key_(key), db_(std::move(db)) {}
  [[nodiscard]] Result<void, DbError> prepare_all();
  [[nodiscard]] Result<std::int64_t, DbError> name_id(Statement& find, Statement& add, std::string_view name);
  [[nodiscard]] Result<std::int64_t, DbError> host_id(const std::string& host);
  [[nodiscard]] Result<std::int64_t, DbError> client_id(const IpAddress& client);
  [[nodiscard]] Result<std::int64_t, DbError> policy_id(const RevisionNames& names);
  [[nodiscard]] Result<std::int64_t, DbError> ruling_id(const LogRecord& record, const RevisionNames* names);
  [[nodiscard]] Result<std::int64_t, DbError> insert_row(const StoredRow& row);
  [[nodiscard]] Result<void, DbError> insert_beside(std::int64_t id, const StoredRow& row);
  [[nodiscard]] Result<void, DbError> run(Statement& statement);

  // Which ruling a record needs, as numbers.
  struct RulingKey {
    std::uint64_t serial = 0;  // of the policy
    int action = 0, flags = 0, layer = 0, reason = 0;
    std::uint32_t source = 0, line = 0;
    CategoryId category = 0;
    TierId tier = 0;
    friend bool operator==(const RulingKey&, const RulingKey&) = default;
  };
  struct RulingHash {
    std::size_t operator()(const RulingKey& key) const noexcept;
  };
  std::string path_;
  LogKind kind_;
  bool renewed_ = false;
  std::uint64_t device_ = 0, inode_ = 0;
  PseudonymKey key_;
  Database db_;
  Statement insert_, insert_numbered_, last_row_, insert_detail_, insert_count_, count_hit_, insert_end_,
      insert_event_, find_host_, add_host_, find_client_, add_client_, find_policy_, add_policy_, add_ruling_;
  // Ids seen; emptied when a transaction is rolled back, and when they grow too large.
  std::unordered_map<std::string, std::int64_t> hosts_;
  std::unordered_map<IpAddress, std::int64_t, AddressHash> clients_;
  std::map<std::uint64_t, std::int64_t> policies_;  // by serial
  std::unordered_map<RulingKey, std::int64_t, RulingHash> rulings_;
  RulingKey last_ruling_{};
  std::int64_t last_ruling_id_ = 0;  // 0 = none
  std::int64_t next_id_ = 0;         // of the next row; 0: the one after the last
  FreshRows fresh_;                  // for the next seal
  Tally tally_;                      // of ordinary rows
};

}  // namespace schoolgate::audit
