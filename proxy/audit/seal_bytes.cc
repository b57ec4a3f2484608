#include "proxy/audit/seal_bytes.h"

#include <algorithm>
#include <charconv>

namespace schoolgate::audit {
namespace {

void add_row(RowHash& hash, const Statement& row) {
  const int columns = row.columns();
  for (int i = 0; i < columns; ++i) {
    switch (row.type(i)) {
      case SQLITE_INTEGER:
        hash.number(row.integer(i));
        break;
      case SQLITE_NULL:
        hash.null();
        break;
      default:
        hash.text(row.view(i));
    }
  }
  hash.end_row();
}

SealedTable sealed_ends(std::int64_t count, RowHash& hash) {
  SealedTable sealed;
  sealed.name = ends_table;
  sealed.after = sealed.last = 0;
  sealed.count = count;
  sealed.digest = count == 0 ? "-" : to_hex(hash.finish());
  return sealed;
}

// One reading for many statements: each alone would lock the file and let it go.
class OneReading {
 public:
  explicit OneReading(Database& db) : db_(db.in_transaction() ? nullptr : &db) {
    if (db_ != nullptr) (void)db_->exec("BEGIN");
  }
  ~OneReading() {
    if (db_ != nullptr) (void)db_->exec("COMMIT");
  }
  OneReading(const OneReading&) = delete;
  OneReading& operator=(const OneReading&) = delete;

 private:
  Database* db_;
};

}  // namespace

void RowHash::flush() noexcept {
  hash_.update(std::string_view(bytes_.data(), used_));
  used_ = 0;
}

void RowHash::digits(std::int64_t number) noexcept {
  if (bytes_.size() - used_ < longest_number) flush();
  char* const begin = bytes_.data() + used_;
  used_ =
      static_cast<std::size_t>(std::to_chars(begin, begin + longest_number - 1, number).ptr - bytes_.data());
}

void RowHash::number(std::int64_t number) noexcept {
  digits(number);
  bytes_[used_++] = ';';
}

void RowHash::text(std::string_view text) noexcept {
  digits(static_cast<std::int64_t>(text.size()));
  bytes_[used_++] = ':';
  if (text.size() > bytes_.size() - used_) flush();
  if (text.size() > bytes_.size()) {
    hash_.update(text);
  } else {
    used_ += text.copy(bytes_.data() + used_, text.size());
  }
  if (used_ == bytes_.size()) flush();
  bytes_[used_++] = ';';
}

void RowHash::null() noexcept {
  if (bytes_.size() - used_ < longest_number) flush();
  bytes_[used_++] = '-';
  bytes_[used_++] = ';';
}

void RowHash::end_row() noexcept {
  if (used_ == bytes_.size()) flush();
  bytes_[used_++] = '\n';
}

Sha256Digest RowHash::finish() noexcept {
  flush();
  return hash_.finish();
}

void TableHash::use(const HashedRows& rows) {
  // No row has a number below 1.
  if (rows.count == 0 || at_ != sealed_.after || rows.first != std::max<std::int64_t>(at_, 0) + 1 ||
      rows.last != last_)
    return;
  at_ = last_;
  sealed_.count = rows.count;
  from_ms_ = rows.from_ms;
  to_ms_ = rows.to_ms;
  hash_ = rows.hash;
}

Result<bool, DbError> TableHash::step(Database& db, std::int64_t limit) {
  if (at_ >= last_ || !has_table(db, spec_.name)) return true;
  auto query = db.prepare(std::string(spec_.sql) + " WHERE a.id > ?1 AND a.id <= ?2 ORDER BY a.id LIMIT ?3");
  if (!query) return query.error();
  query->bind(1, at_).bind(2, last_).bind(3, limit);
  const bool is_access = &spec_ == &sealed_tables[0];
  std::int64_t taken = 0;
  int code;
  while ((code = query->step()) == SQLITE_ROW) {
    at_ = query->integer(0);
    if (is_access) {
      const std::int64_t time = query->integer(1);
      from_ms_ = from_ms_ == 0 ? time : std::min(from_ms_, time);
      to_ms_ = std::max(to_ms_, time);
    }
    ++taken;
    add_row(hash_, *query);
  }
  if (code != SQLITE_DONE) return db.error();
  sealed_.count += taken;
  return taken < limit;
}

SealedTable TableHash::finish() {
  sealed_.digest = sealed_.count == 0 ? "-" : to_hex(hash_.finish());
  return sealed_;
}

Result<SealedTable, DbError> hash_ends(Database& db, std::span<const std::int64_t> ids) {
  const SealedTableSpec& spec = sealed_tables[1];
  const OneReading reading(db);
  auto query = db.prepare(std::string(spec.sql) + " WHERE a.id = ?1");
  if (!query) return query.error();
  RowHash hash;
  std::int64_t count = 0;
  for (const std::int64_t id : ids) {
    query->bind(1, id);
    const int code = query->step();
    if (code == SQLITE_ROW) {
      add_row(hash, *query);
      ++count;
    } else if (code != SQLITE_DONE) {
      return db.error();
    }
    query->reset();
  }
  return sealed_ends(count, hash);
}

SealedTable hash_ends(std::span<const EndRow> ends) {
  RowHash hash;
  for (const EndRow& end : ends) {
    for (const std::int64_t number : {end.id, end.bytes_up, end.bytes_down, end.duration_ms, end.ended})
      hash.number(number);
    hash.end_row();
  }
  return sealed_ends(static_cast<std::int64_t>(ends.size()), hash);
}

std::string file_id_of(Database& db) {
  auto query = db.prepare("SELECT id FROM born");
  if (!query || query->step() != SQLITE_ROW) return "-";
  return query->text(0);
}

}  // namespace schoolgate::audit
