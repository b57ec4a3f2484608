#include "proxy/audit/seal_book.h"

#include <utility>

#include "proxy/audit/database_file.h"
#include "proxy/audit/schema.h"

namespace schoolgate::audit {
namespace {

constexpr char create_seals[] = R"sql(
CREATE TABLE seal (
  number INTEGER PRIMARY KEY,
  file TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('opening', 'span', 'replaced', 'removed')),
  text TEXT NOT NULL,
  signature TEXT NOT NULL,
  ends BLOB NOT NULL
) STRICT;
CREATE INDEX seal_of ON seal (file, number);
CREATE TABLE signer (key TEXT PRIMARY KEY, public_key TEXT NOT NULL) STRICT, WITHOUT ROWID;
)sql";

}  // namespace

std::string seals_path(const std::string& directory, LogKind kind) {
  return directory + (kind == LogKind::access ? "/seals.db" : "/seals-safeguarding.db");
}

Result<SealBook, DbError> SealBook::open(const std::string& directory, LogKind kind, Database::Mode mode) {
  const std::string path = seals_path(directory, kind);
  if (mode == Database::Mode::write) {
    auto file = open_or_begin(path, {.id = seals_id,
                                     .version = seals_version,
                                     .mode = kind == LogKind::access ? 0640U : 0600U,
                                     .tables = create_seals,
                                     .layout = {}});
    if (!file) return file.error();
    return SealBook(std::move(file->db));
  }
  auto db = Database::open(path, mode);
  if (!db) return db.error();
  if (const Message other = version_problem(*db, path, seals_id, seals_version); !other.empty())
    return DbError{SQLITE_MISUSE, other};
  return SealBook(std::move(*db));
}

Result<std::optional<KeptSeal>, DbError> SealBook::one(std::string_view where, std::string_view file) {
  auto query = db_.prepare("SELECT number, text, signature, ends FROM seal " + std::string(where) +
                           " ORDER BY number DESC LIMIT 1");
  if (!query) return query.error();
  if (!file.empty()) query->bind(1, file);
  const int code = query->step();
  if (code == SQLITE_DONE) return std::optional<KeptSeal>();
  if (code != SQLITE_ROW) return db_.error();
  return std::optional(
      KeptSeal{query->integer(0), query->text(1), query->text(2), std::string(query->view(3))});
}

Result<std::optional<KeptSeal>, DbError> SealBook::last() {
  return one("", "");
}

Result<std::optional<KeptSeal>, DbError> SealBook::last_of(std::string_view file) {
  return one("WHERE file = ?1 AND kind IN ('opening', 'span')", file);
}

Result<void, DbError> SealBook::each(std::string_view file,
                                     const std::function<void(KeptSeal&& seal)>& take) {
  auto query = db_.prepare(std::string("SELECT number, text, signature, ends FROM seal ") +
                           (file.empty() ? "" : "WHERE file = ?1 ") + "ORDER BY number");
  if (!query) return query.error();
  if (!file.empty()) query->bind(1, file);
  int code;
  while ((code = query->step()) == SQLITE_ROW)
    take({query->integer(0), query->text(1), query->text(2), std::string(query->view(3))});
  if (code != SQLITE_DONE) return db_.error();
  return {};
}

Result<std::map<std::string, SealPublicKey>, DbError> SealBook::signers() {
  std::map<std::string, SealPublicKey> keys;
  auto query = db_.prepare("SELECT key, public_key FROM signer");
  if (!query) return query.error();
  int code;
  while ((code = query->step()) == SQLITE_ROW) {
    if (auto key = SealPublicKey::parse(query->text(1))) keys.emplace(query->text(0), *key);
  }
  if (code != SQLITE_DONE) return db_.error();
  return keys;
}

Result<bool, DbError> SealBook::add(Seal& seal, std::string_view ends, const SealKey& key,
                                    std::int64_t after) {
  if (db_.exec("BEGIN IMMEDIATE") != SQLITE_OK) return db_.error();
  auto added = add_within(seal, ends, key, after);
  if (added && *added && db_.exec("COMMIT") != SQLITE_OK) added = db_.error();
  if (db_.in_transaction()) (void)db_.exec("ROLLBACK");
  return added;
}

Result<bool, DbError> SealBook::add_within(Seal& seal, std::string_view ends, const SealKey& key,
                                           std::int64_t after) {
  if (after >= 0) {
    const auto of_file = last_of(seal.file);
    if (!of_file) return of_file.error();
    if ((*of_file ? (*of_file)->number : 0) != after) return false;
  }
  const auto before = last();
  if (!before) return before.error();
  seal.number = *before ? (*before)->number + 1 : 1;
  seal.previous = *before ? seal_digest((*before)->text, (*before)->signature) : "-";
  seal.key = key.public_key().name();
  const std::string text = seal_text(seal), file = seal.file, kind(to_string(seal.kind));
  seal.root = seal_root(seal.tables);
  const auto signature = key.sign(text, "schoolgate seal " + std::to_string(seal.number) + " of the " +
                                            (seal.log == LogKind::access ? "access" : "safeguarding") +
                                            " log, " + utc_text(seal.made_ms));
  if (!signature) return DbError{SQLITE_ERROR, signature.error().message};
  auto signer = db_.prepare("INSERT OR IGNORE INTO signer VALUES (?1,?2)");
  if (!signer) return signer.error();
  const std::string public_key = key.public_key().base64();
  if (signer->bind(1, seal.key).bind(2, public_key).step() != SQLITE_DONE) return db_.error();
  auto insert = db_.prepare("INSERT INTO seal VALUES (?1,?2,?3,?4,?5,?6)");
  if (!insert) return insert.error();
  insert->bind(1, seal.number).bind(2, file).bind(3, kind).bind(4, text).bind(5, *signature);
  if (insert->bind_blob(6, ends).step() != SQLITE_DONE) return db_.error();
  return true;
}

}  // namespace schoolgate::audit
