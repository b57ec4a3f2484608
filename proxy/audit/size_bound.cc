#include "proxy/audit/size_bound.h"
#include "proxy/audit/month.h"

#include <algorithm>
#include <filesystem>
#include <tuple>

#include "proxy/audit/codes.h"
#include "proxy/audit/schema.h"
#include "proxy/core/json_text.h"

namespace schoolgate::audit {
namespace {

constexpr std::int64_t busy_rows = 500'000;  // of a day: some seconds' work at once
// A pass that has begun makes some room, or it would begin again at once.
constexpr std::uint64_t percent_after_a_pass = 90;

std::string range_of(std::int64_t from_ms, std::int64_t to_ms) {
  return "a.ts_ms >= " + std::to_string(from_ms) + " AND a.ts_ms < " + std::to_string(to_ms);
}

std::string rows_of(const std::vector<SealUnit>& units) {
  const SealedTable* first = units.front().table("access");
  const SealedTable* last = units.back().table("access");
  if (first == nullptr || last == nullptr) return "0";
  return "a.id > " + std::to_string(first->after) + " AND a.id <= " + std::to_string(last->last);
}

}  // namespace

void SizeBound::measure() {
  bytes_ = 0;
  for (const std::string& name : names_in(directory_)) {
    if (!name.starts_with("access-") && !name.starts_with("safeguarding-")) continue;
    std::error_code gone;
    const std::uint64_t size = std::filesystem::file_size(directory_ + "/" + name, gone);
    if (!gone) bytes_ += size;
  }
  for (const auto& [key, bytes] : free_) bytes_ -= std::min(bytes_, bytes);
}

// Files of before kept the pages of rows that went; they do not count.
void SizeBound::find_free_pages() {
  for (const LogKind kind : {LogKind::access, LogKind::safeguarding}) {
    for (const Month month : log_months(directory_, kind)) {
      auto db = Database::open(log_path(directory_, kind, month), Database::Mode::read);
      if (!db) continue;
      const std::int64_t bytes = db->integer("PRAGMA freelist_count") * db->integer("PRAGMA page_size");
      free_[{kind, month}] = static_cast<std::uint64_t>(std::max<std::int64_t>(bytes, 0));
    }
  }
  std::erase_if(free_, [&](const auto& entry) {
    std::error_code error;
    return !std::filesystem::exists(log_path(directory_, entry.first.first, entry.first.second), error);
  });
}

void SizeBound::begin(std::int64_t before_ms) {
  stage_ = Stage::count;
  before_ms_ = before_ms;
  at_ms_ = 0;
  at_seal_.clear();
  rows_of_.clear();
}

void SizeBound::next_stage() {
  if (stage_ == Stage::count) {
    // A share is what each would have if all of a month's clients had the same.
    std::int64_t all = 0;
    for (const auto& [client, rows] : rows_of_) all += rows;
    const std::int64_t share = rows_of_.empty() ? 0 : all / static_cast<std::int64_t>(rows_of_.size());
    std::erase_if(rows_of_, [&](const auto& entry) { return entry.second <= share; });
  }
  const bool last = stage_ == Stage::gone_private;
  full_ = full_ || last;
  stage_ = last ? Stage::idle : static_cast<Stage>(static_cast<int>(stage_) + 1);
  at_ms_ = 0;
  at_seal_.clear();
  note_id_ = 0;
}

Result<void, DbError> SizeBound::open(Month month) {
  const std::pair key{kind(), month};
  if (open_ == key) return {};
  open_.reset();
  db_.reset();
  note_id_ = 0;
  auto opened = Database::open(log_path(directory_, key.first, month), Database::Mode::write);
  if (!opened) return opened.error();
  db_.emplace(std::move(*opened));
  open_ = key;
  (void)db_->exec("PRAGMA temp_store=MEMORY; PRAGMA synchronous=NORMAL;");
  // A file that an older program began, and nobody has written to since.
  const std::string known =
      std::string("SELECT count(*) FROM sqlite_schema WHERE type='table' AND name='") + added_table + "'";
  if (db_->integer(known) == 0) {
    const std::string sql = std::string("BEGIN IMMEDIATE;") + add_tables + "COMMIT;";
    if (db_->exec(sql.c_str()) != SQLITE_OK) {
      DbError error = db_->error();
      if (db_->in_transaction()) (void)db_->exec("ROLLBACK");
      return error;
    }
  }
  return {};
}

// What a stage looks at, as a condition on `a`.
std::string SizeBound::condition(const Slice& slice) const {
  std::string text = slice.units.empty() ? range_of(slice.from_ms, slice.to_ms) : rows_of(slice.units);
  if (slice.base) text += " AND a.id <= " + std::to_string(*slice.base);
  if (stage_ == Stage::gone_private) return text;
  // Rows of what was refused unjudged are nobody's block either.
  const std::string idle = "(a.action IN (0," + std::to_string(refused_action) +
                           ") AND a.ruling_id IN (SELECT id FROM ruling WHERE flags = 0))";
  if (stage_ == Stage::gone_others) return text + " AND NOT " + idle;
  text += " AND " + idle;
  if (stage_ != Stage::heavy) return text;
  std::string clients;
  for (auto it = rows_of_.lower_bound({slice.month, 0});
       it != rows_of_.end() && it->first.first == slice.month; ++it)
    clients += (clients.empty() ? "" : ",") + std::to_string(it->first.second);
  return text + " AND a.client_id IN (" + clients + ")";
}

// The next day (or hour) that has a row, from `at_ms_` on; nullopt if there is none.
Result<std::optional<SizeBound::Slice>, DbError> SizeBound::next_slice(
    const std::function<bool(Month)>& protects) {
  for (const Month month : log_months(directory_, kind())) {
    if (month.begin_ms() >= before_ms_ || protects(month)) continue;
    if (const auto opened = open(month); opened.failed()) return opened.error();
    if (sealer_ == nullptr) {
      if (auto slice = next_times(month, nullptr)) return slice;
      continue;
    }
    auto sealed = next_units(month);
    if (!sealed || *sealed) return sealed;
  }
  return std::optional<Slice>();
}

std::optional<SizeBound::Slice> SizeBound::next_times(Month month, const UnsealedRows* unsealed) {
  const std::int64_t end = std::min(month.next().begin_ms(), before_ms_);
  const std::int64_t from = std::max(at_ms_, month.begin_ms());
  if (from >= end) return std::nullopt;
  const std::string limit = unsealed != nullptr ? " AND a.id <= " + std::to_string(unsealed->base) : "";
  const std::int64_t first =
      db_->integer("SELECT min(a.ts_ms) FROM access a WHERE " + range_of(from, end) + limit);
  if (first == 0) return std::nullopt;
  const std::int64_t day = first - first % day_ms;
  Slice slice{month, std::max(day, from), std::min(day + day_ms, end), {}};
  if (unsealed != nullptr) {
    slice.base = unsealed->base;
    slice.ended_since = unsealed->ended_since;
  }
  if (db_->integer("SELECT count(*) FROM access a WHERE " + range_of(slice.from_ms, slice.to_ms) + limit) >
      busy_rows) {
    slice.from_ms = std::max(from, first - first % hour_ms);
    slice.to_ms = std::min(first - first % hour_ms + hour_ms, end);
  }
  return slice;
}

// First what came before sealing began, then spans that follow each other, some hours' worth.
Result<std::optional<SizeBound::Slice>, DbError> SizeBound::next_units(Month month) {
  auto sealed = sealer_->units(kind(), month);
  if (!sealed) return sealed.error();
  if (const UnsealedRows unsealed = sealed->unsealed(); unsealed.base > 0) {
    if (auto slice = next_times(month, &unsealed)) return slice;
  }
  std::int64_t& at = at_seal_[month];
  Slice slice;
  slice.month = month;
  std::int64_t rows = 0;
  for (const SealUnit& unit : sealed->all()) {
    if (unit.last_seal <= at) continue;
    const bool goes = unit.removed_by == 0 && unit.rows != 0 && unit.to_ms < before_ms_;
    const std::int64_t begin = slice.units.empty() ? unit.from_ms : slice.from_ms;
    const bool fits = rows + unit.rows <= busy_rows && unit.to_ms - begin < day_ms;
    if (!slice.units.empty() && (!goes || !fits)) break;
    if (!goes) continue;
    if (slice.units.empty()) slice.from_ms = unit.from_ms;
    slice.to_ms = std::max(slice.to_ms, unit.to_ms + 1);
    rows += unit.rows;
    slice.units.push_back(unit);
  }
  if (slice.units.empty()) return std::optional<Slice>();
  return std::optional(std::move(slice));
}

// temp.listed: the tunnels whose ends stand in the slice; others' are of a later span, and stay with it. Of
// what came before sealing began: those whose ends are such others.
int SizeBound::list_ends(const Slice& slice) {
  int code =
      db_->exec("DROP TABLE IF EXISTS temp.listed; CREATE TEMP TABLE listed (id INTEGER PRIMARY KEY);");
  if (code != SQLITE_OK) return code;
  auto add = db_->prepare("INSERT OR IGNORE INTO temp.listed VALUES (?1)");
  if (!add) return add.error().code;
  for (const SealUnit& unit : slice.units) {
    for (const std::int64_t id : unpack_ids(unit.ends)) {
      code = add->bind(1, id).step();
      add->reset();
      if (code != SQLITE_DONE) return code;
    }
  }
  for (const std::int64_t id : slice.ended_since) {
    code = add->bind(1, id).step();
    add->reset();
    if (code != SQLITE_DONE) return code;
  }
  return SQLITE_OK;
}

// In the transaction of the change: what stays of the slice.
Result<void, DbError> SizeBound::seal(const Slice& slice, std::int64_t now_ms) {
  std::vector<std::int64_t> ends;
  {
    auto query =
        db_->prepare("SELECT l.id FROM temp.listed l JOIN tunnel_end t ON t.id = l.id ORDER BY l.id");
    if (!query) return query.error();
    while (query->step() == SQLITE_ROW) ends.push_back(query->integer(0));
  }
  return sealer_->replace(kind(), slice.month, slice.units, *db_, ends, "log: max_megabytes", now_ms);
}

void SizeBound::count(const Slice& slice) {
  auto query =
      db_->prepare("SELECT a.client_id, count(*) FROM access a WHERE " + condition(slice) + " GROUP BY 1");
  if (!query) return;
  while (query->step() == SQLITE_ROW) rows_of_[{slice.month, query->integer(0)}] += query->integer(1);
}

// What add_to_sum() of log_record.h does, for rows in the file.
std::string sum_taken() {
  const auto same = [](const std::string& column, int differs) {
    return ", " + column + " = iif(s.least_" + column + " = s.most_" + column + ", s.least_" + column + ", " +
           std::to_string(differs) + ")";
  };
  const auto range = [](const std::string& column) {
    return ", min(" + column + ") AS least_" + column + ", max(" + column + ") AS most_" + column;
  };
  std::string set =
      "UPDATE access SET bytes_up = s.up, bytes_down = s.down, duration_ms = s.ms, ended = s.ended";
  std::string from = " FROM (SELECT stays, sum(up) AS up, sum(down) AS down, max(ms) AS ms, ended";
  for (const char* column : {"port", "status", "method", "seen"}) {
    const bool is_seen = std::string_view(column) == "seen";
    set += same(column, is_seen ? static_cast<int>(Seen::nothing) : 0);
    from += range(column);
  }
  return set + from +
         " FROM temp.taken GROUP BY stays) s WHERE access.id = s.stays;"
         "DELETE FROM detail WHERE id IN (SELECT stays FROM temp.taken GROUP BY stays"
         " HAVING min(cause) <> max(cause));"
         "INSERT INTO summed SELECT stays, sum(count) FROM temp.taken GROUP BY stays;";
}

// In a transaction. `rows` are taken away, of which `left` stay.
int SizeBound::change(const Slice& slice, std::int64_t& rows, std::int64_t& left) {
  const bool sums = stage_ == Stage::heavy || stage_ == Stage::allowed, sealed = !slice.units.empty();
  if (const int code = list_ends(slice); code != SQLITE_OK) return code;
  const std::string whose = std::string(sealed ? " IN" : " NOT IN") + " (SELECT id FROM temp.listed)";
  std::string sql = "DROP TABLE IF EXISTS temp.taken; CREATE TEMP TABLE taken AS SELECT a.id, ";
  sql += sums ? "min(a.id) OVER (PARTITION BY a.client_id, a.host_id, a.ts_ms / 86400000, a.ruling_id,"
                " coalesce(t.ended, a.ended, 0)) AS stays,"
                " coalesce(n.count, 1) AS count, coalesce(t.bytes_up, a.bytes_up) AS up,"
                " coalesce(t.bytes_down, a.bytes_down) AS down,"
                " coalesce(t.duration_ms, a.duration_ms) AS ms, coalesce(t.ended, a.ended, 0) AS ended,"
                " a.port, a.status, a.method, a.seen, coalesce(q.cause, '') AS cause"
                " FROM access a LEFT JOIN summed n ON n.id = a.id LEFT JOIN tunnel_end t ON t.id = a.id"
                " LEFT JOIN detail q ON q.id = a.id"
              : "0 AS stays FROM access a";
  sql += " WHERE " + condition(slice);
  if (sums) sql += " AND (t.id IS NULL OR t.id" + whose + ")";
  sql += ";";
  if (sums)  // what stands alone stays as it is
    sql +=
        "DELETE FROM temp.taken WHERE stays IN (SELECT stays FROM temp.taken GROUP BY stays HAVING count(*) "
        "= 1);";
  if (const int code = db_->exec(sql.c_str()); code != SQLITE_OK) return code;
  rows = db_->integer("SELECT count(*) FROM temp.taken");
  left = db_->integer("SELECT count(*) FROM temp.taken WHERE id = stays");
  sql.clear();
  // The end of a tunnel that stays goes into its row.
  sql +=
      "DELETE FROM summed WHERE id IN (SELECT id FROM temp.taken);"
      "DELETE FROM tunnel_end WHERE id IN (SELECT id FROM temp.taken) AND id";
  sql += whose + ";";
  for (const char* table : {"detail", "access"})
    sql +=
        "DELETE FROM " + std::string(table) + " WHERE id IN (SELECT id FROM temp.taken WHERE id <> stays);";
  if (sums) sql += sum_taken();
  // Ends whose tunnels went before them.
  if (sealed && rows != 0)
    sql +=
        "DELETE FROM tunnel_end WHERE id IN (SELECT id FROM temp.listed) AND id NOT IN (SELECT id FROM "
        "access);";
  if (sealed && rows != 0 && stage_ == Stage::gone_private) {
    for (const char* table : {"again", "case_hit", "alert_case", "case_step", "case_message"}) {
      const SealedTable* first = slice.units.front().table(table);
      const SealedTable* last = slice.units.back().table(table);
      if (first == nullptr || last == nullptr || last->last <= first->after) continue;
      const std::string name(table);
      // The last row keeps its number from being given again.
      sql += "DELETE FROM " + name + " WHERE id > " + std::to_string(first->after) +
             " AND id <= " + std::to_string(last->last) + " AND id < (SELECT max(id) FROM " + name + ");";
    }
  }
  return db_->exec(sql.c_str());
}

// One event for a stage in a file, which grows with it.
int SizeBound::note(const Slice& slice, std::int64_t rows, std::int64_t left, std::int64_t now_ms) {
  constexpr const char* did[] = {"",
                                 "",
                                 "summed: clients above their share",
                                 "summed: allowed",
                                 "removed: allowed",
                                 "removed: not allowed",
                                 "removed"};
  if (sealer_ != nullptr) note_id_ = 0;  // what is sealed does not grow: an event for each slice
  if (note_id_ == 0) note_rows_ = note_left_ = 0, note_from_ms_ = slice.from_ms;
  note_rows_ += rows;
  note_left_ += left;
  JsonObject told;
  told.add("did", did[static_cast<int>(stage_)])
      .add("from", utc_text(note_from_ms_))
      .add("to", utc_text(slice.to_ms))
      .add("rows", note_rows_)
      .add("left", note_left_);
  if (!slice.units.empty())
    told.add("seals", JsonArray().add(std::to_string(slice.units.front().first_seal) + "-" +
                                      std::to_string(slice.units.back().last_seal)));
  const std::string detail = told.add("why", "log: max_megabytes").text();
  auto statement =
      db_->prepare(note_id_ == 0 ? "INSERT INTO event VALUES (NULL,?1,'schoolgate','log_shortened',?2)"
                                 : "UPDATE event SET ts_ms=?1, detail=?2 WHERE id=?3");
  if (!statement) return statement.error().code;
  statement->bind(1, now_ms).bind(2, detail);
  if (note_id_ != 0) statement->bind(3, note_id_);
  const int code = statement->step();
  if (note_id_ == 0) note_id_ = db_->last_id();
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

Result<void, DbError> SizeBound::shorten(const Slice& slice, std::int64_t now_ms) {
  std::int64_t rows = 0, left = 0;
  const auto before = std::tuple(note_id_, note_rows_, note_left_, note_from_ms_);
  Result<void, DbError> sealed;
  bool done = db_->exec("BEGIN IMMEDIATE") == SQLITE_OK && change(slice, rows, left) == SQLITE_OK &&
              (rows == 0 || note(slice, rows, left, now_ms) == SQLITE_OK);
  if (done && rows != 0 && !slice.units.empty()) sealed = seal(slice, now_ms);
  done = done && sealed.ok() && db_->exec("COMMIT") == SQLITE_OK;
  if (!done) {
    DbError error = sealed.failed() ? sealed.error() : db_->error();
    if (db_->in_transaction()) (void)db_->exec("ROLLBACK");
    std::tie(note_id_, note_rows_, note_left_, note_from_ms_) = before;
    return error;
  }
  if (rows == 0) return {};
  // The pages go back to the disk where the file was made so; a failure leaves them for the next time.
  (void)db_->exec("PRAGMA incremental_vacuum");
  (void)db_->exec("PRAGMA wal_checkpoint(TRUNCATE)");
  free_[*open_] =
      static_cast<std::uint64_t>(db_->integer("PRAGMA freelist_count") * db_->integer("PRAGMA page_size"));
  return {};
}

SizeBound::Shortened SizeBound::step(std::int64_t before_ms, std::int64_t now_ms,
                                     const std::function<bool(Month)>& protects) {
  Shortened done;
  measure();
  const bool over =
      bytes_ > (stage_ == Stage::idle && !full_ ? max_bytes_ : max_bytes_ / 100 * percent_after_a_pass);
  if (over && waits_for_sealer_) {
    full_ = true;
    return done;
  }
  if (!over) {
    stage_ = Stage::idle;
    full_ = false;
    open_.reset();
    db_.reset();
    return done;
  }
  if (stage_ == Stage::idle) {
    // Whole days alone: what is full stays so until another one is old enough.
    const std::int64_t days = before_ms - before_ms % day_ms;
    if (full_ && days == before_ms_) return done;
    find_free_pages();
    measure();
    if (bytes_ <= max_bytes_) return done;
    done.begun = !full_;
    begin(days);
  }
  const auto found = next_slice(protects);
  if (!found) {
    done.result = found.error();
    open_.reset();
    db_.reset();
    return done;
  }
  const std::optional<Slice>& slice = *found;
  if (!slice) {
    next_stage();
  } else {
    const bool nothing = stage_ == Stage::heavy && rows_of_.empty();
    if (stage_ == Stage::count) count(*slice);
    if (stage_ != Stage::count && !nothing) done.result = shorten(*slice, now_ms);
    if (done.result.ok() && slice->units.empty()) at_ms_ = slice->to_ms;
    if (done.result.ok() && !slice->units.empty()) at_seal_[slice->month] = slice->units.back().last_seal;
  }
  done.more = done.result.ok() && stage_ != Stage::idle;
  if (stage_ == Stage::idle) {
    open_.reset();
    db_.reset();
  }
  return done;
}

}  // namespace schoolgate::audit
