#include "proxy/audit/totals.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "proxy/audit/codes.h"
#include "proxy/audit/schema.h"
#include "proxy/audit/totals_reader.h"

namespace schoolgate::audit {
namespace {

constexpr std::int64_t counted_per_step = 50'000;  // from the file, some 50 ms

// A wrong month's file is no fault of the totals.
DbError of_rows(const DbError& error) {
  return {SQLITE_ERROR, error.message};
}

// The months before `cut_ms`, as pieces of hours that may go.
std::string condition(std::int64_t oldest_hour, std::int64_t cut_ms,
                      const std::function<bool(Month)>& protects) {
  std::string sql = "hour < " + std::to_string(cut_ms / hour_ms);
  for (Month month = Month::of(oldest_hour * hour_ms); month.begin_ms() < cut_ms; month = month.next()) {
    if (!protects(month)) continue;
    sql += " AND NOT (hour >= " + std::to_string(month.begin_ms() / hour_ms) + " AND hour < " +
           std::to_string(month.next().begin_ms() / hour_ms) + ")";
  }
  return sql;
}

}  // namespace

FileKind totals_kind() {
  std::string sql = std::string(create_totals) + add_totals_tables;
  const auto word = [&](const char* table, int id, std::string_view name) {
    sql += std::string("INSERT INTO ") + table + " VALUES (" + std::to_string(id) + ", '" +
           std::string(name) + "');";
  };
  for (int i = 0; i <= refused_action; ++i) word("action", i, action_name(i));
  for (int i = 0; i <= static_cast<int>(Seen::search_words); ++i)
    word("seen", i, to_string(static_cast<Seen>(i)));
  return {.id = totals_id, .version = totals_version, .tables = std::move(sql), .layout = {}};
}

// Whatever it was: the next call opens the file anew.
DbError Totals::fail(DbError error) {
  if (db_ && db_->in_transaction()) (void)db_->exec("ROLLBACK");
  close();
  if (error.damaged()) set_aside();
  return error;
}

void Totals::close() noexcept {
  for (Statement* statement : {&find_mark_, &set_mark_, &add_name_, &add_line_, &add_visits_})
    *statement = Statement();
  db_.reset();
}

void Totals::set_aside() {
  known_.clear();
  if (std::string aside = set_file_aside(totals_path(directory_)); !aside.empty())
    damaged_ = std::move(aside);
}

Result<void, DbError> Totals::open() {
  const std::string path = totals_path(directory_);
  // Moved or deleted while it was open: what stood in it is gone, and a new one is begun.
  if (db_ && ::access(path.c_str(), F_OK) == 0) return {};
  close();
  known_.clear();
  auto file = open_or_begin(path, totals_kind());
  if (!file) return file.error();
  db_.emplace(std::move(file->db));
  if (file->begun) anew_ = true;
  if (!counts_visits(*db_)) {
    if (db_->exec((std::string("BEGIN IMMEDIATE;") + add_totals_tables + "COMMIT;").c_str()) != SQLITE_OK)
      return db_->error();
    renewed_ = true;
  }
  const struct {
    Statement* statement;
    std::string_view sql;
  } all[] = {
      {&find_mark_, "SELECT id FROM counted WHERE month=?1"},
      {&set_mark_, "INSERT INTO counted VALUES (?1,?2) ON CONFLICT (month) DO UPDATE SET id=excluded.id"},
      {&add_name_, "INSERT OR IGNORE INTO name VALUES (NULL,?1)"},
      {&add_line_,
       "INSERT INTO hourly VALUES (?1,(SELECT id FROM name WHERE text=?2),(SELECT id FROM name WHERE "
       "text=?3),"
       "?4,?5,?6) ON CONFLICT (hour,tier,category,action,seen) DO UPDATE SET "
       "requests=requests+excluded.requests"},
      {&add_visits_,
       "INSERT INTO visited VALUES (?1,(SELECT id FROM name WHERE text=?2),(SELECT id FROM name WHERE "
       "text=?3),"
       "?4,?5,?6) ON CONFLICT (hour,tier,category,action,seen) DO UPDATE SET visits=visits+excluded.visits"},
  };
  for (const auto& one : all) {
    auto prepared = db_->prepare(one.sql);
    if (!prepared) return prepared.error();
    *one.statement = std::move(*prepared);
  }
  return {};
}

Result<void, DbError> Totals::run(Statement& statement) {
  const int code = statement.step();
  Result<void, DbError> ran;
  if (code != SQLITE_DONE) ran = db_->error();
  statement.reset();
  return ran;
}

Result<std::int64_t, DbError> Totals::counted(Month month) {
  const std::string name = month.to_string();
  const int code = find_mark_.bind(1, name).step();
  const std::int64_t id = code == SQLITE_ROW ? find_mark_.integer(0) : 0;
  if (code != SQLITE_ROW && code != SQLITE_DONE) {
    DbError error = db_->error();
    find_mark_.reset();
    return error;
  }
  find_mark_.reset();
  return id;
}

Result<void, DbError> Totals::put(const Tally::Line& line) {
  for (const std::string* name : {&line.tier, &line.category}) {
    add_name_.bind(1, *name);
    if (const auto added = run(add_name_); added.failed()) return added.error();
  }
  for (Statement* statement : {&add_line_, &add_visits_}) {
    const std::uint64_t n = statement == &add_line_ ? line.requests : line.visits;
    if (n == 0) continue;
    statement->bind(1, line.hour)
        .bind(2, line.tier)
        .bind(3, line.category)
        .bind(4, std::int64_t{line.action})
        .bind(5, std::int64_t{line.seen})
        .bind(6, static_cast<std::int64_t>(n));
    if (const auto added = run(*statement); added.failed()) return added;
  }
  return {};
}

Result<bool, DbError> Totals::add_within(Month month, Database& rows, Tally& tally) {
  auto mark = counted(month);
  if (!mark) return mark.error();
  const auto last = last_row(rows);
  if (!last) return of_rows(last.error());
  std::int64_t from = *mark;
  // Ids that are given again: the file is another one than was counted, or its newest rows went.
  const auto known = known_.find(month);
  if (known != known_.end() && tally.first() != 0 && tally.first() <= known->second) from = tally.first() - 1;
  from = std::min(from, *last);
  std::int64_t to = from;
  Result<void, DbError> put_all;
  const auto take = [&](const Tally::Line& line) {
    if (put_all.ok()) put_all = put(line);
  };
  if (tally.first() == from + 1) {
    to = tally.last();
    tally.each(take);
  } else if (from < *last) {
    to = std::min(*last, from + counted_per_step);
    if (const auto read = count_rows(rows, from, to, take); read.failed()) return of_rows(read.error());
  }
  if (put_all.failed()) return put_all.error();
  if (to != *mark) {
    const std::string name = month.to_string();
    set_mark_.bind(1, name).bind(2, to);
    if (const auto set = run(set_mark_); set.failed()) return set.error();
  }
  if (db_->exec("COMMIT") != SQLITE_OK) return db_->error();
  tally.forget();
  known_[month] = to;
  return to < *last;
}

Result<bool, DbError> Totals::add(Month month, Database& rows, Tally& tally) {
  if (const auto opened = open(); opened.failed()) return fail(opened.error());
  if (db_->exec("BEGIN IMMEDIATE") != SQLITE_OK) return fail(db_->error());
  auto added = add_within(month, rows, tally);
  if (added.failed()) return fail(added.error());
  return added;
}

Result<Totals::Range, DbError> Totals::older(std::int64_t cut_ms,
                                             const std::function<bool(Month)>& protects) {
  if (const auto opened = open(); opened.failed()) return fail(opened.error());
  Range range;
  auto query =
      db_->prepare("SELECT min(hour), count(*) FROM hourly WHERE hour < " + std::to_string(cut_ms / hour_ms));
  if (!query || query->step() != SQLITE_ROW) return fail(db_->error());
  if (query->integer(1) == 0) return range;
  auto all = db_->prepare("SELECT count(*), min(hour), max(hour) FROM hourly WHERE " +
                          condition(query->integer(0), cut_ms, protects));
  if (!all || all->step() != SQLITE_ROW) return fail(db_->error());
  range = {all->integer(0), all->integer(1) * hour_ms, all->integer(2) * hour_ms};
  return range;
}

Result<void, DbError> Totals::forget(std::int64_t cut_ms, const std::function<bool(Month)>& protects) {
  const auto range = older(cut_ms, protects);
  if (!range) return range.error();
  if (range->lines == 0) return {};
  const std::string old = " WHERE " + condition(range->from_ms / hour_ms, cut_ms, protects) + ";";
  const std::string sql =
      "BEGIN IMMEDIATE; DELETE FROM visited" + old + "DELETE FROM hourly" + old + "COMMIT;";
  if (db_->exec(sql.c_str()) != SQLITE_OK) return fail(db_->error());
  return {};
}

}  // namespace schoolgate::audit
