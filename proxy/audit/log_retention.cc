// What the log store deletes by rule: rows, totals and names beyond their days; told first, and sealed.

#include <unistd.h>

#include <algorithm>
#include <limits>

#include "proxy/audit/log_store.h"
#include "proxy/core/json_text.h"

namespace schoolgate::audit {
namespace {

constexpr int rows_per_step = 5'000;  // some 20 ms

std::string why_old(std::uint32_t days) {
  return "older than " + std::to_string(days) + " days";
}

}  // namespace

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

// What goes of one file: a whole one, or what is older than `cut_ms`.
Result<void, DbError> LogStore::gather(FileKey key, bool whole, std::int64_t cut_ms, Going& going) {
  auto opened = file(key);
  if (!opened) return opened.error();
  RowRange rows;
  if (sealer_ == nullptr) {
    rows = (*opened)->range_before(cut_ms);
  } else {
    auto sealed = old_units(key, whole ? std::numeric_limits<std::int64_t>::max() : cut_ms);
    if (!sealed) return sealed.error();
    for (const std::string& range : sealed->seals) going.seals.add(range);
    rows = whole ? (*opened)->range_before(cut_ms) : sealed->rows;
    if (whole)
      going.files.emplace_back(key, rows);
    else
      going.units.emplace_back(key, std::move(sealed->units));
  }
  if (rows.rows == 0) return {};
  going.rows.from_ms = going.rows.rows == 0 ? rows.from_ms : std::min(going.rows.from_ms, rows.from_ms);
  going.rows.to_ms = std::max(going.rows.to_ms, rows.to_ms);
  going.rows.rows += rows.rows;
  return {};
}

Result<void, DbError> LogStore::seal_removals(const Going& going, std::int64_t now_ms) {
  for (const auto& [key, rows] : going.files) {
    const auto sealed = sealer_->remove_file(key.second, key.first, rows, why_old(keep_days_), now_ms);
    if (sealed.failed()) return sealed;
  }
  for (const auto& [key, units] : going.units) {
    if (const auto sealed = seal_removal(key, units, now_ms); sealed.failed()) return sealed;
  }
  return {};
}

// Counted and written down before anything goes: an end in between leaves a word too many, never one too few.
Result<void, DbError> LogStore::announce(LogKind kind, const OldRows& old, std::int64_t cut_ms,
                                         std::int64_t now_ms) {
  Going going;
  JsonArray files;
  for (const Month month : old.months) {
    const auto gathered = gather({month, kind}, true, cut_ms, going);
    if (gathered.failed() && !gathered.error().damaged()) return gathered.error();
    std::vector<std::string> paths = set_aside_of(log_path(directory_, kind, month));
    paths.insert(paths.begin(), log_path(directory_, kind, month));
    for (const std::string& path : paths) files.add(path.substr(path.rfind('/') + 1));
  }
  if (old.edge) {
    if (const auto gathered = gather({Month::of(cut_ms), kind}, false, cut_ms, going); gathered.failed())
      return gathered;
  }
  if (going.rows.rows == 0 && files.empty()) return {};
  if (const auto told = tell_retention(kind, now_ms, files, going.rows, keep_days_, going.seals);
      told.failed())
    return told;
  return seal_removals(going, now_ms);
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
