#include "proxy/audit/log_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <new>

#include "config/text/system_words.h"
#include "proxy/audit/totals_reader.h"
#include "proxy/core/json_text.h"
#include "proxy/core/privacy.h"

namespace schoolgate::audit {
namespace {

constexpr std::size_t max_open_files = 4;     // this month and the one before, two kinds
constexpr std::size_t kept_revisions = 32;    // the newest, whether anybody is judged by them or not
constexpr std::size_t max_alerts = 100'000;   // far over what rings in 45 minutes
constexpr std::size_t max_tunnels = 100'000;  // far over any limit on connections

DbError as_db_error(const Error& error) {
  return {SQLITE_IOERR, error.message};
}

}  // namespace

Result<LogStore> LogStore::open(std::string directory, std::string key_file, std::uint32_t keep_days) {
  auto keys = PseudonymKeys::load(std::move(key_file));
  if (!keys) return keys.error();
  return LogStore(std::move(directory), std::move(*keys), std::max<std::uint32_t>(keep_days, 1));
}

void LogStore::use_sealer(Sealer& sealer) {
  sealer_ = &sealer;
  waits_for_sealer_ = false;
  sealer.ask_for_fresh([this](LogKind kind, Month month, bool looked) -> std::optional<FreshRows::Taken> {
    const FileKey key{month, kind};
    const bool closed = closed_.erase(key) != 0;
    if (const auto opened = files_.find(key); opened != files_.end()) return opened->second->take_fresh();
    if (closed || !looked) return std::nullopt;
    return FreshRows::Taken();
  });
}

std::string LogStore::last_run() {
  auto months = log_months(directory_, LogKind::access);
  std::reverse(months.begin(), months.end());
  for (const Month month : months) {
    auto opened = file({month, LogKind::access});
    if (!opened) continue;
    if (const auto what = (*opened)->last_life_event())
      return *what == "stop" ? "clean stop" : "unclean stop";
  }
  return "none";
}

RowRange LogStore::ends() {
  RowRange all;
  for (const Month month : log_months(directory_, LogKind::access)) {
    auto opened = file({month, LogKind::access});
    if (!opened) continue;
    const RowRange one = (*opened)->ends();
    if (one.to_ms == 0) continue;
    if (all.to_ms == 0 || one.from_ms < all.from_ms) all.from_ms = one.from_ms;
    all.to_ms = std::max(all.to_ms, one.to_ms);
  }
  return all;
}

Result<MonthFile*, DbError> LogStore::file(FileKey key) {
  if (const auto it = files_.find(key); it != files_.end()) return it->second.get();
  const auto secret = keys_.key(key.first);
  if (!secret) return as_db_error(secret.error());
  auto opened = MonthFile::open(directory_, key.second, key.first, **secret);
  if (!opened && opened.error().damaged()) {
    set_aside(key);
    opened = MonthFile::open(directory_, key.second, key.first, **secret);
  }
  if (!opened) return opened.error();
  if ((*opened)->renewed()) renewed_.push_back((*opened)->path());
  // Never one in a transaction: those are of the batch at hand.
  for (auto it = files_.begin(); files_.size() >= max_open_files && it != files_.end();) {
    if (!it->second->in_transaction()) closed_.insert(it->first);
    it = it->second->in_transaction() ? std::next(it) : files_.erase(it);
  }
  return files_.emplace(key, std::move(*opened)).first->second.get();
}

void LogStore::forget_tunnels_of(FileKey key) noexcept {
  for (auto& [decision, tunnel] : tunnels_) {
    if (tunnel.month != key.first) continue;
    (key.second == LogKind::access ? tunnel.id : tunnel.private_id) = 0;
  }
  if (key.second == LogKind::safeguarding)
    std::erase_if(alerts_, [&](const auto& alert) { return alert.second.month == key.first; });
}

void LogStore::set_aside(FileKey key) {
  files_.erase(key);
  forget_tunnels_of(key);
  std::string aside = set_file_aside(log_path(directory_, key.second, key.first));
  if (!aside.empty()) damaged_.push_back(std::move(aside));
}

Result<MonthFile*, DbError> LogStore::writable(FileKey key) {
  if (committed_.contains(key)) return nullptr;
  in_use_ = key;
  auto opened = file(key);
  if (!opened || (*opened)->in_transaction()) return opened;
  if (key.second == LogKind::access) uncounted_.insert(key.first);
  if (const auto begun = (*opened)->begin(); begun.failed()) return begun.error();
  if (sealer_ != nullptr) {
    const auto numbered = (*opened)->number_above(sealer_->sealed_to(key.second, key.first));
    if (numbered.failed()) return numbered.error();
  }
  return opened;
}

const RevisionNames* LogStore::names_of(std::uint64_t revision) const noexcept {
  for (auto it = revisions_.rbegin(); it != revisions_.rend(); ++it) {
    if (it->revision == revision) return &*it;
  }
  return nullptr;
}

Result<std::int64_t, DbError> LogStore::insert(FileKey key, const LogRecord& record, const LogRecord* row) {
  const auto target = writable(key);
  if (!target) return target.error();
  if (*target == nullptr) return std::int64_t{0};
  auto id = (*target)->insert(record, names_of(record.revision));
  if (id) return id;
  if (!id.error().row_only()) return id.error();
  bad_rows_[key].insert(row);
  return std::int64_t{0};
}

Result<void, DbError> LogStore::store_row(const LogRecord& record) {
  if (record.part == LogRecord::Part::tunnel_end) return store_end(record);
  OpenTunnel tunnel{Month::of(record.time_ms)};
  if (is_ordinary(record)) {
    kept_ = record;
    make_ordinary(kept_);
    const auto id = insert({tunnel.month, LogKind::access}, kept_, &record);
    if (!id) return id.error();
    tunnel.id = *id;
  }
  if (is_private(record)) {
    kept_ = record;
    make_safeguarding(kept_);
    const auto id = insert({tunnel.month, LogKind::safeguarding}, kept_, &record);
    if (!id) return id.error();
    tunnel.private_id = *id;
    if (record.alert != 0) {
      if (const auto noted = note_alert(kept_, tunnel); noted.failed()) return noted;
      if (const auto counted = count_alert(record, tunnel); counted.failed()) return counted.error();
    }
  }
  if (record.part == LogRecord::Part::tunnel_open && tunnels_.size() < max_tunnels) {
    OpenTunnel& entry = tunnels_[record.decision];
    entry.month = tunnel.month;
    // 0 = committed by an earlier attempt, whose number stands.
    if (tunnel.id != 0) entry.id = tunnel.id;
    if (tunnel.private_id != 0) entry.private_id = tunnel.private_id;
  }
  return {};
}

Result<void, DbError> LogStore::note_alert(const LogRecord& kept, const OpenTunnel& row) {
  if (row.private_id == 0) return {};
  const auto target = writable({row.month, LogKind::safeguarding});
  if (!target) return target.error();
  if (*target == nullptr) return {};
  return (*target)->note_alert(row.private_id, kept, names_of(kept.revision));
}

Result<void, DbError> LogStore::count_alert(const LogRecord& record, const OpenTunnel& row) {
  if (row.private_id == 0) return {};
  if (record.alert == record.decision) {
    if (alerts_.size() >= max_alerts) alerts_.clear();
    alerts_[record.alert] = row;
    return {};
  }
  const auto rang = alerts_.find(record.alert);
  if (rang == alerts_.end()) return {};  // its row is out of reach
  const auto target = writable({rang->second.month, LogKind::safeguarding});
  if (!target) return target.error();
  if (*target == nullptr) return {};
  return (*target)->count_hit(rang->second.private_id);
}

Result<void, DbError> LogStore::store_end(const LogRecord& record) {
  const auto it = tunnels_.find(record.decision);
  if (it == tunnels_.end()) return {};  // its first row found no room
  const std::pair<LogKind, std::int64_t> rows[] = {{LogKind::access, it->second.id},
                                                   {LogKind::safeguarding, it->second.private_id}};
  for (const auto& [kind, id] : rows) {
    if (id == 0) continue;
    const auto target = writable({it->second.month, kind});
    if (!target) return target.error();
    if (*target == nullptr) continue;
    if (const auto added = (*target)->insert_tunnel_end(id, record); added.failed()) return added.error();
  }
  return {};
}

Result<void, DbError> LogStore::insert_and_commit(const Batch& batch) {
  for (const RevisionNames& names : batch.policies) {
    const auto target = writable({Month::of(names.loaded_ms), LogKind::access});
    if (!target) return target.error();
    if (*target == nullptr) continue;
    if (const auto added = (*target)->insert_policy(names); added.failed()) return added.error();
  }
  for (const Event& event : batch.events) {
    const auto target = writable({Month::of(event.time_ms), event.kind});
    if (!target) return target.error();
    if (*target == nullptr) continue;
    if (const auto added = (*target)->insert_event(event); added.failed()) return added.error();
  }
  for (const LogRecord& record : batch.rows) {
    if (const auto stored = store_row(record); stored.failed()) return stored.error();
  }
  if (const auto committed = commit_all(); committed.failed()) return committed.error();
  std::set<const LogRecord*> bad;  // one that two files refuse is one
  for (const auto& [key, rows] : bad_rows_) bad.insert(rows.begin(), rows.end());
  unstorable_ = bad.size();
  return {};
}

Result<void, DbError> LogStore::store(const Batch& batch) {
  unstorable_ = 0;
  // Of files that an earlier attempt committed they stand: there is no second try for them.
  std::erase_if(bad_rows_, [&](const auto& one) { return !committed_.contains(one.first); });
  for (const RevisionNames& names : batch.policies) {
    const bool known = std::any_of(revisions_.begin(), revisions_.end(),
                                   [&](const RevisionNames& r) { return r.serial == names.serial; });
    if (known) continue;  // a second attempt
    revisions_.push_back(names);
  }
  Result<void, DbError> stored;
  try {
    stored = insert_and_commit(batch);
  } catch (const std::bad_alloc&) {
    stored = DbError{SQLITE_NOMEM, system_words(ENOMEM)};
  }
  if (stored.failed()) {
    roll_back_all();
    if (stored.error().damaged()) set_aside(in_use_);
    return stored;
  }
  for (const LogRecord& record : batch.rows) {
    if (record.part == LogRecord::Part::tunnel_end) tunnels_.erase(record.decision);
  }
  committed_.clear();
  bad_rows_.clear();
  forget_revisions();
  return {};
}

// A download may outlive many reloads, and its row names the tier and the rule of its own policy. What was
// found unused one batch ago has no row on the way any more.
void LogStore::forget_revisions() {
  const std::size_t older = revisions_.size() - std::min(revisions_.size(), kept_revisions);
  const auto end = revisions_.begin() + static_cast<std::ptrdiff_t>(older);
  const auto gone = std::remove_if(revisions_.begin(), end, [](RevisionNames& names) {
    return std::exchange(names.unused, names.used.expired());
  });
  revisions_.erase(gone, end);
}

Result<void, DbError> LogStore::commit_all() {
  for (const auto& [key, opened] : files_) {
    if (!opened->in_transaction()) continue;
    in_use_ = key;
    committed_.insert(key);  // first: what cannot be noted must not be written twice
    if (const auto committed = opened->commit(); committed.failed()) {
      committed_.erase(key);
      return committed.error();
    }
  }
  return {};
}

void LogStore::roll_back_all() {
  for (const auto& [key, opened] : files_) {
    if (!committed_.contains(key)) opened->rollback();
  }
}

Result<bool, DbError> LogStore::add_totals_of(Month month) {
  if (const auto open = files_.find({month, LogKind::access}); open != files_.end())
    return open->second->add_to(totals_, month);
  const std::string path = log_path(directory_, LogKind::access, month);
  if (::access(path.c_str(), F_OK) != 0) return false;
  auto db = Database::open(path, Database::Mode::read);
  if (!db) return db.error();
  Tally nothing;
  return totals_.add(month, *db, nothing);
}

Result<bool, DbError> LogStore::add_names_of(Month month) {
  const auto months = log_months(directory_, LogKind::access);
  const bool newest = !months.empty() && months.back() == month;
  if (const auto open = files_.find({month, LogKind::access}); open != files_.end())
    return open->second->add_to(names_, month, newest);
  const std::string path = log_path(directory_, LogKind::access, month);
  if (::access(path.c_str(), F_OK) != 0) return false;
  auto db = Database::open(path, Database::Mode::read);
  if (!db) return db.error();
  return names_.add(month, *db, newest);
}

// Of files that this process writes: what it left of another month when it ended is read row by row.
Result<bool, DbError> LogStore::add_spans_of(Month month) {
  const auto open = files_.find({month, LogKind::access});
  return open == files_.end() ? Result<bool, DbError>(false) : open->second->add_spans();
}

LogStore::Counted LogStore::add_totals() {
  if (uncounted_.empty()) return {};
  const Month month = *uncounted_.begin();
  auto added = add_totals_of(month);
  if (added && !*added) added = add_names_of(month);
  if (added && !*added) added = add_spans_of(month);
  if (!added || !*added) uncounted_.erase(month);
  if (!added) {  // another month's file may be well
    totals_failed_ = added.error();
    not_now_.insert(month);
  }
  if (auto damaged = totals_.take_damaged()) damaged_.push_back(std::move(*damaged));
  if (auto damaged = names_.take_damaged()) damaged_.push_back(std::move(*damaged));
  if (totals_.take_renewed()) renewed_.push_back(totals_path(directory_));
  if (totals_.take_anew()) {  // this month's file has just been counted into it
    for (const Month each : log_months(directory_, LogKind::access))
      if (each != month) uncounted_.insert(each);
  }
  if (!uncounted_.empty()) return {true, {}};
  uncounted_.swap(not_now_);
  return {false, std::exchange(totals_failed_, {})};
}

bool LogStore::sync() {
  bool good = totals_.sync() == SQLITE_OK;
  for (const auto& [key, opened] : files_) good = opened->sync() == SQLITE_OK && good;
  // The names of files that were made meanwhile.
  const int folder = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  good = folder >= 0 && ::fsync(folder) == 0 && good;
  if (folder >= 0) ::close(folder);
  return good;
}

std::vector<std::string> LogStore::close_replaced() {
  std::vector<std::string> paths;
  for (auto it = files_.begin(); it != files_.end();) {
    const bool gone = it->second->replaced();
    if (gone) {
      paths.push_back(it->second->path());
      forget_tunnels_of(it->first);
    }
    it = gone ? files_.erase(it) : std::next(it);
  }
  return paths;
}

}  // namespace schoolgate::audit
