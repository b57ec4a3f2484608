#include "proxy/audit/site_names.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "proxy/audit/codes.h"
#include "proxy/audit/schema.h"
#include "proxy/audit/totals_reader.h"
#include "rules/url/host.h"
#include "rules/url/public_suffix.h"

namespace schoolgate::audit {
namespace {

constexpr std::int64_t hosts_per_step = 5'000, rows_per_look = 50'000;
// After a start rows are looked at again, for who asked is nowhere written: so many at most.
constexpr std::int64_t looked_at_again = 2'000'000;

// What is no name of a site: addresses, what was refused for its form, names without a dot.
std::string_view site_name_of(const std::string& host) {
  Host parsed;
  if (parse_host(host, parsed).failed() || parsed.is_address() || parsed.text != host) return {};
  const std::string_view site = schoolgate::site_of(host);
  return site.find('.') == std::string_view::npos ? std::string_view() : site;
}

}  // namespace

std::string names_path(const std::string& directory) {
  return directory + "/names.db";
}

FileKind names_kind() {
  return {.id = names_id, .version = names_version, .tables = create_names, .layout = {}};
}

DbError SiteNames::fail(DbError error) {
  if (db_ && db_->in_transaction()) (void)db_->exec("ROLLBACK");
  close();
  if (error.damaged()) set_aside();
  return error;
}

void SiteNames::close() noexcept {
  for (Statement* statement : {&find_mark_, &set_mark_, &add_site_, &find_site_, &set_many_})
    *statement = Statement();
  db_.reset();
  looked_.reset();
}

void SiteNames::set_aside() {
  if (std::string aside = set_file_aside(names_path(directory_)); !aside.empty()) damaged_ = std::move(aside);
}

Result<void, DbError> SiteNames::open() {
  const std::string path = names_path(directory_);
  if (db_ && ::access(path.c_str(), F_OK) == 0) return {};
  close();
  auto file = open_or_begin(path, names_kind());
  if (!file) return file.error();
  db_.emplace(std::move(file->db));
  const struct {
    Statement* statement;
    std::string_view sql;
  } all[] = {
      {&find_mark_, "SELECT host FROM read_to WHERE month=?1"},
      {&set_mark_, "INSERT INTO read_to VALUES (?1,?2) ON CONFLICT (month) DO UPDATE SET host=excluded.host"},
      {&add_site_, "INSERT OR IGNORE INTO site VALUES (NULL,?1,?2,0)"},
      {&find_site_, "SELECT id, many FROM site WHERE name=?1"},
      {&set_many_, "UPDATE site SET many=1 WHERE id=?1"},
  };
  for (const auto& one : all) {
    auto prepared = db_->prepare(one.sql);
    if (!prepared) return prepared.error();
    *one.statement = std::move(*prepared);
  }
  return {};
}

Result<void, DbError> SiteNames::run(Statement& statement) {
  const int code = statement.step();
  Result<void, DbError> ran;
  if (code != SQLITE_DONE) ran = db_->error();
  statement.reset();
  return ran;
}

// The day of names that have just come. Of a month's file that was there before this one nobody knows on
// which day its names came: they are no newer than the month.
std::int64_t SiteNames::day_of(Month month, bool marked, Database& rows) {
  const std::int64_t newest = rows.integer("SELECT ts_ms FROM access ORDER BY id DESC LIMIT 1");
  if (!marked && newest - rows.integer("SELECT min(ts_ms) FROM access") > day_ms) catching_up_.insert(month);
  return (catching_up_.contains(month) ? month.begin_ms() : newest) / day_ms;
}

Result<bool, DbError> SiteNames::add_hosts(Month month, Database& rows) {
  const std::string month_name = month.to_string();
  const bool marked = find_mark_.bind(1, month_name).step() == SQLITE_ROW;
  std::int64_t mark = marked ? find_mark_.integer(0) : 0;
  find_mark_.reset();
  // Ids that are given again: the month's file is another one.
  if (mark > rows.integer("SELECT max(id) FROM host")) mark = 0;
  auto query = rows.prepare("SELECT id, name FROM host WHERE id > ?1 ORDER BY id LIMIT " +
                            std::to_string(hosts_per_step));
  if (!query) return DbError{SQLITE_ERROR, query.error().message};
  const std::int64_t day = day_of(month, marked, rows);
  std::int64_t last = mark, taken = 0;
  query->bind(1, mark);
  while (query->step() == SQLITE_ROW) {
    last = query->integer(0);
    ++taken;
    const std::string host = query->text(1);
    const std::string_view site = site_name_of(host);
    if (site.empty()) continue;
    add_site_.bind(1, site).bind(2, day);
    if (const auto added = run(add_site_); added.failed()) return added.error();
  }
  if (last != mark || !marked) {
    set_mark_.bind(1, month_name).bind(2, last);
    if (const auto set = run(set_mark_); set.failed()) return set.error();
  }
  if (taken < hosts_per_step) catching_up_.erase(month);
  return taken == hosts_per_step;
}

// What is kept of it in `site_of_host`.
Result<std::int64_t*, DbError> SiteNames::site_of(std::int64_t host, Database& rows) {
  const auto known = looked_->site_of_host.find(host);
  if (known != looked_->site_of_host.end()) return &known->second;
  auto query = rows.prepare("SELECT name FROM host WHERE id = ?1");
  if (!query) return DbError{SQLITE_ERROR, query.error().message};
  std::int64_t site = 0;
  if (query->bind(1, host).step() == SQLITE_ROW) {
    const std::string text = query->text(0);
    const std::string_view name = site_name_of(text);
    if (!name.empty() && find_site_.bind(1, name).step() == SQLITE_ROW && find_site_.integer(1) == 0)
      site = find_site_.integer(0);
    find_site_.reset();
  }
  return &looked_->site_of_host.emplace(host, site).first->second;
}

Result<bool, DbError> SiteNames::count_clients(Month month, Database& rows) {
  const auto newest = last_row(rows);
  if (!newest) return DbError{SQLITE_ERROR, newest.error().message};
  if (!looked_ || looked_->month != month || looked_->last > *newest)
    looked_.emplace(Looked{month, std::max<std::int64_t>(0, *newest - looked_at_again), {}, {}, {}});
  const std::int64_t to = std::min(*newest, looked_->last + rows_per_look);
  // Of most rows the site is soon known to be many's: to sort out which are alike would cost more.
  auto query = rows.prepare("SELECT host_id, client_id FROM access WHERE id > ?1 AND id <= ?2");
  if (!query) return DbError{SQLITE_ERROR, query.error().message};
  query->bind(1, looked_->last).bind(2, to);
  while (query->step() == SQLITE_ROW) {
    const std::int64_t host = query->integer(0);
    const auto found = site_of(host, rows);
    if (!found) return found.error();
    std::int64_t& site = **found;
    if (site != 0 && looked_->many.contains(site)) site = 0;
    if (site == 0) continue;
    std::set<std::int64_t>& askers = looked_->askers[site];
    askers.insert(query->integer(1));
    if (askers.size() < many_clients) continue;
    set_many_.bind(1, site);
    if (const auto set = run(set_many_); set.failed()) return set.error();
    looked_->askers.erase(site);
    looked_->many.insert(site);
  }
  looked_->last = to;
  return to < *newest;
}

Result<bool, DbError> SiteNames::add_within(Month month, Database& rows, bool newest) {
  const auto more = add_hosts(month, rows);
  if (!more || *more) {
    if (more && db_->exec("COMMIT") != SQLITE_OK) return db_->error();
    return more;
  }
  const auto counted = newest ? count_clients(month, rows) : Result<bool, DbError>(false);
  if (!counted) return counted.error();
  if (db_->exec("COMMIT") != SQLITE_OK) return db_->error();
  return *counted;
}

Result<bool, DbError> SiteNames::add(Month month, Database& rows, bool newest) {
  if (const auto opened = open(); opened.failed()) return fail(opened.error());
  if (db_->exec("BEGIN IMMEDIATE") != SQLITE_OK) return fail(db_->error());
  auto added = add_within(month, rows, newest);
  if (added.failed()) return fail(added.error());
  return added;
}

Result<SiteNames::Range, DbError> SiteNames::older(std::int64_t cut_ms, bool all) {
  if (const auto opened = open(); opened.failed()) return fail(opened.error());
  auto query = db_->prepare(std::string("SELECT count(*), min(first_day), max(first_day) FROM site WHERE ") +
                            (all ? "" : "many = 0 AND ") + "first_day < ?1");
  if (!query || query->bind(1, cut_ms / day_ms).step() != SQLITE_ROW) return fail(db_->error());
  return Range{query->integer(0), query->integer(1) * day_ms, query->integer(2) * day_ms};
}

Result<void, DbError> SiteNames::forget(std::int64_t cut_ms, bool all) {
  const auto range = older(cut_ms, all);
  if (!range) return range.error();
  if (range->lines == 0) return {};
  const std::string sql = std::string("DELETE FROM site WHERE ") + (all ? "" : "many = 0 AND ") +
                          "first_day < " + std::to_string(cut_ms / day_ms);
  if (db_->exec(sql.c_str()) != SQLITE_OK) return fail(db_->error());
  looked_.reset();  // their numbers may be given again
  return {};
}

Result<std::vector<SiteName>> read_site_names(const std::string& directory, std::int64_t since_ms, bool all) {
  std::vector<SiteName> names;
  const std::string path = names_path(directory);
  const auto unreadable = [&](const DbError& error) {
    return Error{say("cannot read {}: {}", path, error.message)};
  };
  if (::access(path.c_str(), F_OK) != 0) return names;
  auto db = Database::open(path, Database::Mode::read);
  if (!db) return unreadable(db.error());
  if (Message other = version_problem(*db, path, names_id, names_version); !other.empty())
    return Error{std::move(other)};
  auto query = db->prepare(
      "SELECT name, first_day, many FROM site WHERE first_day >= ?1 AND many >= ?2 "
      "ORDER BY first_day DESC, name");
  if (!query) return unreadable(query.error());
  query->bind(1, since_ms / day_ms).bind(2, std::int64_t{all ? 0 : 1});
  int code;
  while ((code = query->step()) == SQLITE_ROW)
    names.push_back({query->text(0), query->integer(1) * day_ms, query->integer(2) != 0});
  if (code != SQLITE_DONE) return unreadable(db->error());
  return names;
}

}  // namespace schoolgate::audit
