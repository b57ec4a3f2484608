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
constexpr int rows_per_step = 5'000;          // of retention, some 20 ms

DbError as_db_error(const Error& error) {
  return {SQLITE_IOERR, error.message};
}

std::string why_old(std::uint32_t days) {
  return "older than " + std::to_string(days) + " days";
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
  sealer.ask_for_ends(
      [this](LogKind kind, Month month, bool looked) -> std::optional<std::vector<std::int64_t>> {
        const FileKey key{month, kind};
        const bool closed = closed_.erase(key) != 0;
        if (const auto opened = files_.find(key); opened != files_.end()) return opened->second->take_ends();
        if (closed || !looked) return std::nullopt;
        return std::vector<std::int64_t>();
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
    LogRecord kept = record;
    make_ordinary(kept);
    const auto id = insert({tunnel.month, LogKind::access}, kept, &record);
    if (!id) return id.error();
    tunnel.id = *id;
  }
  if (is_private(record)) {
    LogRecord kept = record;
    make_safeguarding(kept);
    const auto id = insert({tunnel.month, LogKind::safeguarding}, kept, &record);
    if (!id) return id.error();
    tunnel.private_id = *id;
    if (record.alert != 0) {
      if (const auto noted = note_alert(kept, tunnel); noted.failed()) return noted;
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

LogStore::Counted LogStore::add_totals() {
  if (uncounted_.empty()) return {};
  const Month month = *uncounted_.begin();
  auto added = add_totals_of(month);
  if (added && !*added) added = add_names_of(month);
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

Result<void, DbError> LogStore::retain_totals(std::int64_t cut_ms, std::int64_t now_ms, std::uint32_t days,
                                              const std::function<bool(Month)>& protects) {
  if (cut_ms <= 0) return {};
  const auto old = totals_.older(cut_ms, protects);
  if (!old) return old.error();
  if (old->lines == 0) return retain_names(cut_ms, now_ms, days, true);
  const auto told = tell_retention(LogKind::access, now_ms, JsonArray().add("totals.db"),
                                   {old->lines, old->from_ms, old->to_ms}, days);
  if (told.failed()) return told;
  if (const auto gone = totals_.forget(cut_ms, protects); gone.failed()) return gone;
  return retain_names(cut_ms, now_ms, days, true);
}

// Names that few devices asked for go with the rows, the others with the totals.
Result<void, DbError> LogStore::retain_names(std::int64_t cut_ms, std::int64_t now_ms, std::uint32_t days,
                                             bool all) {
  const auto old = names_.older(cut_ms, all);
  if (!old) return old.error();
  if (old->lines == 0) return {};
  const auto told = tell_retention(LogKind::access, now_ms, JsonArray().add("names.db"),
                                   {old->lines, old->from_ms, old->to_ms}, days);
  if (told.failed()) return told;
  return names_.forget(cut_ms, all);
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

LogStore::OldRows LogStore::find_old(LogKind kind, std::int64_t cut_ms,
                                     const std::function<bool(Month)>& protects) {
  OldRows old;
  const Month edge = Month::of(cut_ms);
  for (const Month month : log_months(directory_, kind)) {
    if (protects(month)) continue;
    if (month < edge) old.months.push_back(month);
    if (month == edge) old.edge = true;
  }
  return old;
}

// What was set aside of this file.
std::vector<std::string> LogStore::set_aside_of(const std::string& path) {
  std::vector<std::string> found;
  for (int n = 1; n < 1000; ++n) {
    std::string aside = path + ".damaged-" + std::to_string(n);
    if (::access(aside.c_str(), F_OK) != 0) break;
    found.push_back(std::move(aside));
  }
  return found;
}

// Counted and written down before anything goes: an end in between leaves a word too many, never one too few.
Result<void, DbError> LogStore::announce(LogKind kind, const OldRows& old, std::int64_t cut_ms,
                                         std::int64_t now_ms) {
  RowRange all;
  JsonArray files, seals;
  std::vector<std::pair<FileKey, std::vector<SealUnit>>> to_seal;
  std::vector<std::pair<Month, RowRange>> whole_files;
  const auto add = [&](Month month, bool whole) -> Result<void, DbError> {
    const FileKey key{month, kind};
    auto opened = file(key);
    if (!opened) return opened.error();
    RowRange one;
    if (sealer_ == nullptr) {
      one = (*opened)->range_before(cut_ms);
    } else {
      auto sealed = old_units(key, whole ? std::numeric_limits<std::int64_t>::max() : cut_ms);
      if (!sealed) return sealed.error();
      one = whole ? (*opened)->range_before(cut_ms) : sealed->rows;
      for (const std::string& range : sealed->seals) seals.add(range);
      if (!whole) to_seal.emplace_back(key, std::move(sealed->units));
      if (whole) whole_files.emplace_back(month, one);
    }
    if (one.rows == 0) return {};
    all.from_ms = all.rows == 0 ? one.from_ms : std::min(all.from_ms, one.from_ms);
    all.to_ms = std::max(all.to_ms, one.to_ms);
    all.rows += one.rows;
    return {};
  };
  for (const Month month : old.months) {
    if (const auto added = add(month, true); added.failed() && !added.error().damaged()) return added.error();
    std::vector<std::string> paths = set_aside_of(log_path(directory_, kind, month));
    paths.insert(paths.begin(), log_path(directory_, kind, month));
    for (const std::string& path : paths) files.add(path.substr(path.rfind('/') + 1));
  }
  if (old.edge) {
    if (const auto added = add(Month::of(cut_ms), false); added.failed()) return added.error();
  }
  if (all.rows == 0 && files.empty()) return {};
  if (const auto told = tell_retention(kind, now_ms, files, all, keep_days_, seals); told.failed())
    return told;
  for (const auto& [month, rows] : whole_files) {
    const auto sealed = sealer_->remove_file(kind, month, rows, why_old(keep_days_), now_ms);
    if (sealed.failed()) return sealed;
  }
  for (const auto& [key, units] : to_seal) {
    if (const auto sealed = seal_removal(key, units, now_ms); sealed.failed()) return sealed;
  }
  return {};
}

// A unit without rows goes with the one before it.
Result<LogStore::OldUnits, DbError> LogStore::old_units(FileKey key, std::int64_t cut_ms) {
  OldUnits old;
  auto opened = file(key);
  if (!opened) return opened.error();
  auto sealed = sealer_->units(key.second, key.first);
  if (!sealed) return sealed.error();
  const UnsealedRows unsealed = sealed->unsealed();
  old.rows = (*opened)->range_before(cut_ms, &unsealed);
  const std::int64_t first_row = (*opened)->first_row();
  std::int64_t time_ms = 0, first_seal = 0, last_seal = 0;
  const auto name_range = [&] {
    if (first_seal != 0) old.seals.push_back(std::to_string(first_seal) + "-" + std::to_string(last_seal));
    first_seal = 0;
  };
  std::vector<SealUnit>& going = going_[key];
  going.clear();
  for (const SealUnit& unit : sealed->all()) {
    if (unit.to_ms != 0) time_ms = unit.to_ms;
    if (time_ms >= cut_ms) {
      name_range();
      continue;
    }
    const SealedTable* access = unit.table("access");
    const bool left = access != nullptr && first_row != 0 && access->last >= first_row;
    if (unit.removed_by == 0 || left) going.push_back(unit);
    if (unit.removed_by != 0) {
      name_range();
      continue;
    }
    if (first_seal == 0) first_seal = unit.first_seal;
    last_seal = unit.last_seal;
    old.units.push_back(unit);
    if (unit.rows == 0) continue;
    old.rows.from_ms = old.rows.rows == 0 ? unit.from_ms : std::min(old.rows.from_ms, unit.from_ms);
    old.rows.to_ms = std::max(old.rows.to_ms, unit.to_ms);
    old.rows.rows += unit.rows;
  }
  name_range();
  std::reverse(going.begin(), going.end());  // taken from the back: the oldest first
  return old;
}

// A seal for those that follow each other.
Result<void, DbError> LogStore::seal_removal(FileKey key, const std::vector<SealUnit>& units,
                                             std::int64_t now_ms) {
  const std::string why = why_old(keep_days_);
  std::vector<SealUnit> run;
  for (std::size_t i = 0; i < units.size(); ++i) {
    run.push_back(units[i]);
    const SealedTable* here = units[i].table("access");
    const SealedTable* next = i + 1 < units.size() ? units[i + 1].table("access") : nullptr;
    if (here != nullptr && next != nullptr && here->last == next->after) continue;
    if (const auto sealed = sealer_->remove(key.second, key.first, run, why, now_ms); sealed.failed())
      return sealed;
    run.clear();
  }
  return {};
}

// At most rows_per_step of them.
Result<std::int64_t, DbError> LogStore::delete_old(FileKey key, std::int64_t cut_ms) {
  auto opened = file(key);
  if (!opened) return opened.error();
  if (sealer_ == nullptr) return (*opened)->delete_before(cut_ms, rows_per_step);
  const auto sealed = sealer_->units(key.second, key.first);
  if (!sealed) return sealed.error();
  const UnsealedRows unsealed = sealed->unsealed();
  sealer_->let_go(key.second, key.first);
  const auto before = (*opened)->delete_before(cut_ms, rows_per_step, &unsealed);
  if (!before) return before.error();
  std::int64_t deleted = *before;
  std::vector<SealUnit>& going = going_[key];
  while (!going.empty() && deleted < rows_per_step) {
    const int limit = rows_per_step - static_cast<int>(deleted);
    const auto gone = (*opened)->delete_unit(going.back(), limit);
    if (!gone) return gone.error();
    deleted += *gone;
    if (*gone < limit) going.pop_back();
  }
  return deleted;
}

Result<void, DbError> LogStore::tell_retention(LogKind kind, std::int64_t now_ms, const JsonArray& files,
                                               const RowRange& rows, std::uint32_t days,
                                               const JsonArray& seals) {
  JsonObject detail;
  detail.add("files", files).add("rows", rows.rows);
  if (rows.rows != 0) detail.add("from", utc_text(rows.from_ms)).add("to", utc_text(rows.to_ms));
  if (!seals.empty()) detail.add("seals", seals);
  detail.add("why", why_old(days));
  const FileKey key{Month::of(now_ms), kind};
  auto target = file(key);
  if (!target) return target.error();
  auto told = (*target)->begin();
  if (told.ok()) told = (*target)->insert_event({now_ms, "schoolgate", "retention", detail.text(), kind});
  if (told.ok()) told = (*target)->commit();
  if (told.failed()) (*target)->rollback();
  return told;
}

// The file, what belongs to it and what was set aside of it. False: the file itself is still there.
bool LogStore::delete_month(FileKey key, const std::string& path) {
  files_.erase(key);
  forget_tunnels_of(key);
  if (sealer_ != nullptr) sealer_->let_go(key.second, key.first);
  if (::unlink(path.c_str()) != 0) return false;
  for (const char* suffix : {"-wal", "-shm"}) ::unlink((path + suffix).c_str());
  for (const std::string& aside : set_aside_of(path)) {
    for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((aside + suffix).c_str());
  }
  return true;
}

LogStore::Retained LogStore::retain(std::int64_t cut_ms, std::int64_t now_ms,
                                    const std::function<bool(Month)>& protects) {
  Retained done;
  if (cut_ms <= 0) return done;
  if (waits_for_sealer_) {
    done.result = DbError{SQLITE_BUSY, say("it waits until the log can be sealed again")};
    return done;
  }
  for (const LogKind kind : {LogKind::access, LogKind::safeguarding}) {
    const OldRows old = find_old(kind, cut_ms, protects);
    if (old.months.empty() && !old.edge) continue;
    if (!announced_.contains({kind, cut_ms})) {
      if (const auto announced = announce(kind, old, cut_ms, now_ms); announced.failed()) {
        done.result = announced;
        continue;
      }
      announced_.emplace(kind, cut_ms);
    }
    for (const Month month : old.months) {
      std::string path = log_path(directory_, kind, month);
      if (delete_month({month, kind}, path)) done.files.push_back(std::move(path));
    }
    if (!old.edge) continue;
    const auto deleted = delete_old({Month::of(cut_ms), kind}, cut_ms);
    if (!deleted) continue;
    done.rows += *deleted;
    done.more = done.more || *deleted == rows_per_step;
  }
  if (!done.more) {
    announced_.clear();
    going_.clear();
    forget_keys(Month::of(cut_ms));
    if (const auto gone = retain_names(cut_ms, now_ms, keep_days_, false); gone.failed() && done.result.ok())
      done.result = gone;
  }
  return done;
}

// The keys of months before `first` that have no rows any more. A failure leaves an old key for the next
// time.
void LogStore::forget_keys(Month first) {
  (void)keys_.forget([&](Month month) {
    if (!(month < first)) return false;
    for (const LogKind kind : {LogKind::access, LogKind::safeguarding}) {
      if (::access(log_path(directory_, kind, month).c_str(), F_OK) == 0) return false;
    }
    return true;
  });
}

}  // namespace schoolgate::audit
