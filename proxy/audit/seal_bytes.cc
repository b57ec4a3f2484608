#include "proxy/audit/seal_bytes.h"

#include <algorithm>
#include <charconv>

namespace schoolgate::audit {
namespace {

constexpr std::size_t hashed_at_once = 32'768;

void add_number(std::string& bytes, std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  bytes.append(digits, end);
}

void add_row(std::string& bytes, const Statement& row) {
  const int columns = row.columns();
  for (int i = 0; i < columns; ++i) {
    switch (row.type(i)) {
      case SQLITE_INTEGER:
        add_number(bytes, row.integer(i));
        break;
      case SQLITE_NULL:
        bytes += '-';
        break;
      default: {
        const std::string_view text = row.view(i);
        add_number(bytes, static_cast<std::int64_t>(text.size()));
        bytes += ':';
        bytes += text;
      }
    }
    bytes += ';';
  }
  bytes += '\n';
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

Result<bool, DbError> TableHash::step(Database& db, std::int64_t limit) {
  if (at_ >= last_ || !has_table(db, spec_.name)) return true;
  auto query = db.prepare(std::string(spec_.sql) + " WHERE a.id > ?1 AND a.id <= ?2 ORDER BY a.id LIMIT ?3");
  if (!query) return query.error();
  query->bind(1, at_).bind(2, last_).bind(3, limit);
  std::string bytes;
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
    add_row(bytes, *query);
    if (bytes.size() < hashed_at_once) continue;
    hash_.update(bytes);
    bytes.clear();
  }
  if (code != SQLITE_DONE) return db.error();
  hash_.update(bytes);
  sealed_.count += taken;
  return taken < limit;
}

SealedTable TableHash::finish() {
  sealed_.digest = sealed_.count == 0 ? "-" : to_hex(hash_.finish());
  return sealed_;
}

Result<SealedTable, DbError> hash_ends(Database& db, std::span<const std::int64_t> ids) {
  SealedTable sealed;
  sealed.name = ends_table;
  sealed.after = sealed.last = 0;
  const SealedTableSpec& spec = sealed_tables[1];
  const OneReading reading(db);
  auto query = db.prepare(std::string(spec.sql) + " WHERE a.id = ?1");
  if (!query) return query.error();
  Sha256 hash;
  std::string bytes;
  for (const std::int64_t id : ids) {
    query->bind(1, id);
    const int code = query->step();
    if (code == SQLITE_ROW) {
      add_row(bytes, *query);
      ++sealed.count;
    } else if (code != SQLITE_DONE) {
      return db.error();
    }
    query->reset();
    if (bytes.size() < hashed_at_once) continue;
    hash.update(bytes);
    bytes.clear();
  }
  hash.update(bytes);
  sealed.digest = sealed.count == 0 ? "-" : to_hex(hash.finish());
  return sealed;
}

std::string file_id_of(Database& db) {
  auto query = db.prepare("SELECT id FROM born");
  if (!query || query->step() != SQLITE_ROW) return "-";
  return query->text(0);
}

}  // namespace schoolgate::audit
