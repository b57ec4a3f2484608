#include "proxy/audit/sealer.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>

#include "config/text/whole_file.h"
#include "proxy/audit/schema.h"

namespace schoolgate::audit {
namespace {

constexpr std::int64_t rows_per_piece = 10'000;  // some 20 ms
constexpr std::size_t most_listed_ends = 2'000'000;

std::string file_name(LogKind kind, Month month) {
  const std::string path = log_path("", kind, month);
  return path.substr(path.rfind('/') + 1);
}

std::int64_t last_id_of(Database& db, const char* table) {
  if (!has_table(db, table)) return -1;
  auto query = db.prepare(std::string("SELECT coalesce(max(id), -1) FROM ") + table);
  return query && query->step() == SQLITE_ROW ? query->integer(0) : -1;
}

// The log was begun by the run before this one, which did not come to its first seal.
bool is_first_life(const std::string& directory) {
  std::int64_t told = 0;
  for (const Month month : log_months(directory, LogKind::access)) {
    auto db = Database::open(log_path(directory, LogKind::access, month), Database::Mode::read);
    if (db) told += db->integer("SELECT count(*) FROM event WHERE what IN ('start','stop')");
  }
  return told <= 1;
}

}  // namespace

Result<Sealer, DbError> Sealer::open(std::string directory, std::int64_t now_ms) {
  const auto failed = [](const Error& error) { return DbError{SQLITE_IOERR, error.message}; };
  auto key = SealKey::load(directory + "/seal.key");
  if (!key) return failed(key.error());
  const std::string public_path = directory + "/seal.pub", public_key = key->public_key().file();
  std::ifstream in(public_path, std::ios::binary);
  if (std::string(std::istreambuf_iterator<char>(in), {}) != public_key) {
    const auto told = write_whole_file(public_path, {public_key}, {.mode = 0644});
    if (told.failed()) return failed(told.error());
  }
  std::vector<std::string> damaged;
  const auto open_book = [&](LogKind kind) {
    auto book = SealBook::open(directory, kind, Database::Mode::write);
    if (book || !book.error().damaged()) return book;
    if (std::string aside = set_file_aside(seals_path(directory, kind)); !aside.empty())
      damaged.push_back(std::move(aside));
    return SealBook::open(directory, kind, Database::Mode::write);
  };
  auto access = open_book(LogKind::access);
  if (!access) return access.error();
  auto safeguarding = open_book(LogKind::safeguarding);
  if (!safeguarding) return safeguarding.error();
  Sealer sealer(std::move(directory), std::move(*key), std::move(*access), std::move(*safeguarding));
  sealer.slot_ = now_ms / span_ms;
  sealer.damaged_ = std::move(damaged);
  for (const LogKind kind : {LogKind::access, LogKind::safeguarding}) {
    if (const auto begun = sealer.begin_chain(kind, now_ms); begun.failed()) return begun.error();
  }
  return sealer;
}

Result<void, DbError> Sealer::begin_chain(LogKind kind, std::int64_t now_ms) {
  const auto last = book(kind).last();
  if (!last) return last.error();
  if (const std::optional<KeptSeal>& seal = *last) {
    const auto parsed = parse_seal(seal->text);
    if (parsed && parsed->key != key_.public_key().name()) former_key_ = parsed->key;
    return {};
  }
  const bool first_life = is_first_life(directory_);
  for (const Month month : log_months(directory_, kind)) {
    if (const auto opened = open_file({kind, month}, first_life, now_ms);
        opened.failed() && !opened.error().damaged())
      return opened;
  }
  return {};
}

Seal Sealer::blank(FileKey key, SealKind kind, std::int64_t now_ms) const {
  Seal seal;
  seal.made_ms = std::max<std::int64_t>(now_ms, 0);
  seal.log = key.first;
  seal.kind = kind;
  seal.file = file_name(key.first, key.second);
  return seal;
}

// Names are sealed from the first on, for later rows have them too; rows and events that are there are not.
Result<void, DbError> Sealer::open_file(FileKey key, bool first_life, std::int64_t now_ms) {
  auto db = Database::open(log_path(directory_, key.first, key.second), Database::Mode::read);
  if (!db) return db.error();
  if (db->integer("PRAGMA application_id") != application_id) return {};
  if (db->exec("BEGIN") != SQLITE_OK) return db->error();
  Seal seal = blank(key, SealKind::opening, now_ms);
  seal.file_id = file_id_of(*db);
  if (first_life && seal.file_id != "-") return {};  // a version that seals began it: all of it is sealed
  std::vector<std::int64_t> ends;
  for (const SealedTableSpec& spec : sealed_tables) {
    if (!is_sealed_in(spec, key.first)) continue;
    if (spec.name == ends_table) {
      auto query = db->prepare("SELECT id FROM tunnel_end ORDER BY id");
      if (!query) return query.error();
      while (query->step() == SQLITE_ROW) ends.push_back(query->integer(0));
      seal.tables.push_back({spec.name, 0, 0, static_cast<std::int64_t>(ends.size()), "-"});
      continue;
    }
    const std::int64_t last = last_id_of(*db, spec.name);
    if (spec.as != SealedAs::name) {
      seal.tables.push_back({spec.name, -1, last, 0, "-"});
      continue;
    }
    TableHash hash(spec, -1, last);
    const auto hashed = hash.step(*db, std::numeric_limits<std::int64_t>::max());
    if (!hashed) return hashed.error();
    seal.tables.push_back(hash.finish());
  }
  const auto added = book(key.first).add(seal, pack_ids(ends), key_, -1);
  if (!added) return added.error();
  return {};
}

Result<Sealer::FileState, DbError> Sealer::state_of(FileKey key) {
  FileState state;
  const auto last = book(key.first).last_of(file_name(key.first, key.second));
  if (!last) return last.error();
  if (!*last) return state;
  const auto seal = parse_seal((*last)->text);
  // Somebody wrote to it: what comes after is sealed all the same, from the beginning.
  state.seal = (*last)->number;
  if (!seal) return state;
  state.file_id = seal->file_id;
  for (const SealedTable& table : seal->tables) state.last[table.name] = table.last;
  return state;
}

std::int64_t Sealer::sealed_to(LogKind kind, Month month) {
  const auto known = sealed_to_.find({kind, month});
  if (known != sealed_to_.end()) return known->second;
  const auto state = state_of({kind, month});
  if (!state) return 0;
  std::int64_t last = 0;
  if (const auto found = state->last.find("access"); found != state->last.end()) last = found->second;
  // Another file in its place begins anew.
  if (auto db = Database::open(log_path(directory_, kind, month), Database::Mode::read);
      !db || file_id_of(*db) != state->file_id)
    last = 0;
  return sealed_to_[{kind, month}] = last;
}

Result<void, DbError> Sealer::find_fresh(Work& work) {
  const FileKey key = work.key;
  std::optional<FreshRows::Taken> known;
  if (fresh_) known = fresh_(key.first, key.second, looked_.contains(key));
  if (unsure_.contains(key)) known.reset();
  if (known) {
    work.tables.front().use(known->rows);
    std::sort(known->ends.begin(), known->ends.end(),
              [](const EndRow& a, const EndRow& b) { return a.id < b.id; });
    for (const EndRow& end : known->ends) work.ends.push_back(end.id);
    work.ended = std::move(known->ends);
    return {};
  }
  auto ends = unlisted_ends(key, work.db, work.seal.file_id);
  if (!ends) return ends.error();
  work.ends = std::move(*ends);
  return {};
}

// All that no seal lists, where nobody knows what came.
Result<std::vector<std::int64_t>, DbError> Sealer::unlisted_ends(FileKey key, Database& db,
                                                                 const std::string& file_id) {
  std::vector<std::int64_t> sealed;
  const auto read = book(key.first).each(file_name(key.first, key.second), [&](KeptSeal&& kept) {
    if (kept.ends.empty()) return;
    const auto seal = parse_seal(kept.text);
    if (!seal || seal->file_id != file_id) return;
    const auto ids = unpack_ids(kept.ends);
    sealed.insert(sealed.end(), ids.begin(), ids.end());
  });
  if (read.failed()) return read.error();
  std::sort(sealed.begin(), sealed.end());
  std::vector<std::int64_t> ends;
  auto query = db.prepare("SELECT id FROM tunnel_end WHERE id > 0 ORDER BY id");
  if (!query) return query.error();
  int code;
  auto listed = sealed.begin();
  while ((code = query->step()) == SQLITE_ROW) {
    const std::int64_t id = query->integer(0);
    while (listed != sealed.end() && *listed < id) ++listed;
    const bool is_listed = listed != sealed.end() && *listed == id;
    if (!is_listed && ends.size() < most_listed_ends) ends.push_back(id);
  }
  if (code != SQLITE_DONE) return db.error();
  looked_.insert(key);
  unsure_.erase(key);
  return ends;
}

Result<std::optional<Sealer::Work>, DbError> Sealer::begin_work(FileKey key, std::int64_t now_ms) {
  const std::string path = log_path(directory_, key.first, key.second);
  auto db = Database::open(path, Database::Mode::read);
  // One that went meanwhile, or that nobody can read any more: the check names it.
  if (!db && (db.error().damaged() || ::access(path.c_str(), F_OK) != 0)) return std::optional<Work>();
  if (!db) return db.error();
  if (db->integer("PRAGMA application_id") != application_id) return std::optional<Work>();
  auto state = state_of(key);
  if (!state) return state.error();
  if (db->exec("BEGIN") != SQLITE_OK) return db->error();
  Work work{.key = key,
            .db = std::move(*db),
            .seal = blank(key, SealKind::span, now_ms),
            .tables = {},
            .ends = {},
            .after_seal = state->seal};
  work.seal.file_id = file_id_of(work.db);
  if (state->file_id != work.seal.file_id) state->last.clear();
  bool nothing = true;
  for (const SealedTableSpec& spec : sealed_tables) {
    if (!is_sealed_in(spec, key.first) || spec.name == ends_table) continue;
    const auto found = state->last.find(spec.name);
    const std::int64_t after = found == state->last.end() ? -1 : found->second;
    const std::int64_t last = std::max(after, last_id_of(work.db, spec.name));
    nothing = nothing && last == after;
    work.tables.emplace_back(spec, after, last);
  }
  // Tunnels end in the month in which they began: in an older file nothing ends any more.
  if (nothing && !is_recent(key)) return std::optional<Work>();
  if (const auto found = find_fresh(work); found.failed()) return found.error();
  (void)work.db.exec("COMMIT");  // what is to be hashed does not change any more
  if (nothing && work.ends.empty()) return std::optional<Work>();
  return std::optional<Work>(std::move(work));
}

Result<bool, DbError> Sealer::advance(Work& work, std::int64_t rows) {
  while (work.at < work.tables.size()) {
    TableHash& table = work.tables[work.at];
    const std::int64_t before = table.count();
    const auto done = table.step(work.db, rows);
    if (!done) return done.error();
    if (!*done) return true;
    ++work.at;
    rows -= table.count() - before;
    if (rows <= 0) return true;
  }
  if (const auto finished = finish(work); finished.failed()) return finished.error();
  return false;
}

Result<void, DbError> Sealer::finish(Work& work) {
  auto ends = work.ended ? hash_ends(*work.ended) : hash_ends(work.db, work.ends);
  if (!ends) return ends.error();
  work.seal.from_ms = work.tables.front().from_ms();
  work.seal.to_ms = work.tables.front().to_ms();
  for (TableHash& table : work.tables) {
    work.seal.tables.push_back(table.finish());
    if (work.seal.tables.size() == 1) work.seal.tables.push_back(std::move(*ends));
  }
  const auto added = book(work.key.first).add(work.seal, pack_ids(work.ends), key_, work.after_seal);
  if (!added) return added.error();
  if (!*added) unsure_.insert(work.key);  // the other process's seal may not have these ends
  sealed_to_.erase(work.key);
  return {};
}

bool Sealer::is_recent(FileKey key) const {
  const auto months = log_months(directory_, key.first);
  return months.size() < 2 || key.second >= months[months.size() - 2];
}

void Sealer::gather_files() {
  due_.clear();
  for (const LogKind kind : {LogKind::access, LogKind::safeguarding})
    for (const Month month : log_months(directory_, kind)) due_.emplace_back(kind, month);
  std::reverse(due_.begin(), due_.end());  // taken from the back
}

Sealer::Step Sealer::step(std::int64_t now_ms) {
  Step done;
  if (!work_ && due_.empty()) {
    const std::int64_t slot = now_ms / span_ms;
    done.settled = slot == slot_ && !failed_;
    if (done.settled) return done;
    slot_ = slot;
    failed_ = false;
    gather_files();
  }
  if (!work_ && !due_.empty()) {
    auto begun = begin_work(due_.back(), now_ms);
    due_.pop_back();
    if (begun)
      work_ = std::move(*begun);
    else
      done.result = begun.error();
  } else if (work_) {
    const auto more = advance(*work_, rows_per_piece);
    if (!more) {
      done.result = more.error();
      unsure_.insert(work_->key);
    }
    if (!more || !*more) work_.reset();
  }
  failed_ = failed_ || done.result.failed();
  const bool over = !work_ && due_.empty();
  done.more = done.result.ok() && !over;
  done.settled = over && !failed_;
  return done;
}

Result<void, DbError> Sealer::seal_all(std::int64_t now_ms, const std::string& note, std::int64_t most) {
  work_.reset();
  gather_files();
  Result<void, DbError> result;
  bool left = false;
  for (; !due_.empty(); due_.pop_back()) {
    auto work = begin_work(due_.back(), now_ms);
    if (!work) {
      result = work.error();
      continue;
    }
    if (!*work) continue;
    if ((*work)->tables.front().last() - (*work)->tables.front().after() > most) {
      left = true;
      unsure_.insert(due_.back());  // its ends were taken
      continue;
    }
    (*work)->seal.note = note;
    const auto done = advance(**work, std::numeric_limits<std::int64_t>::max());
    if (done) continue;
    result = done.error();
    unsure_.insert(due_.back());
  }
  slot_ = left ? -1 : now_ms / span_ms;
  failed_ = result.failed();
  return result;
}

void Sealer::let_go(LogKind kind, Month month) {
  const FileKey key{kind, month};
  if (!work_ || work_->key != key) return;
  work_.reset();
  unsure_.insert(key);  // its ends were taken
  due_.push_back(key);
}

Result<SealUnits, DbError> Sealer::units(LogKind kind, Month month) {
  SealUnits units;
  auto db = Database::open(log_path(directory_, kind, month), Database::Mode::read);
  if (!db) return db.error();
  const std::string file_id = file_id_of(*db);
  const auto read = book(kind).each(file_name(kind, month), [&](KeptSeal&& kept) {
    const auto seal = parse_seal(kept.text);
    if (seal && seal->file_id == file_id) (void)units.take(*seal, std::move(kept.ends));
  });
  if (read.failed()) return read.error();
  return units;
}

Result<void, DbError> Sealer::remove(LogKind kind, Month month, const std::vector<SealUnit>& units,
                                     const std::string& why, std::int64_t now_ms) {
  if (units.empty()) return {};
  Seal seal = blank({kind, month}, SealKind::removed, now_ms);
  auto db = Database::open(log_path(directory_, kind, month), Database::Mode::read);
  if (!db) return db.error();
  seal.file_id = file_id_of(*db);
  seal.first_seal = units.front().first_seal;
  seal.last_seal = units.back().last_seal;
  seal.why = why;
  for (const SealUnit& unit : units) {
    seal.rows_before += unit.rows;
    if (unit.to_ms == 0) continue;
    seal.from_ms = seal.to_ms == 0 ? unit.from_ms : std::min(seal.from_ms, unit.from_ms);
    seal.to_ms = std::max(seal.to_ms, unit.to_ms);
  }
  const auto added = book(kind).add(seal, "", key_, -1);
  if (!added) return added.error();
  return {};
}

Result<void, DbError> Sealer::remove_file(LogKind kind, Month month, const RowRange& rows,
                                          const std::string& why, std::int64_t now_ms) {
  Seal seal = blank({kind, month}, SealKind::removed, now_ms);
  auto db = Database::open(log_path(directory_, kind, month), Database::Mode::read);
  seal.file_id = db ? file_id_of(*db) : "-";
  seal.rows_before = rows.rows;
  seal.from_ms = rows.from_ms;
  seal.to_ms = rows.to_ms;
  seal.why = why;
  const auto added = book(kind).add(seal, "", key_, -1);
  if (!added) return added.error();
  return {};
}

Result<void, DbError> Sealer::replace(LogKind kind, Month month, const std::vector<SealUnit>& units,
                                      Database& db, const std::vector<std::int64_t>& ends,
                                      const std::string& why, std::int64_t now_ms) {
  if (units.empty()) return {};
  Seal seal = blank({kind, month}, SealKind::replaced, now_ms);
  seal.file_id = file_id_of(db);
  seal.first_seal = units.front().first_seal;
  seal.last_seal = units.back().last_seal;
  seal.why = why;
  for (const SealUnit& unit : units) seal.rows_before += unit.rows;
  for (const SealedTableSpec& spec : sealed_tables) {
    if (!is_sealed_in(spec, kind) || spec.as != SealedAs::row) continue;
    if (spec.name == ends_table) {
      auto hashed = hash_ends(db, ends);
      if (!hashed) return hashed.error();
      seal.tables.push_back(std::move(*hashed));
      continue;
    }
    const SealedTable* first = units.front().table(spec.name);
    const SealedTable* last = units.back().table(spec.name);
    if (first == nullptr || last == nullptr) continue;
    TableHash hash(spec, first->after, last->last);
    const auto done = hash.step(db, std::numeric_limits<std::int64_t>::max());
    if (!done) return done.error();
    if (spec.name == std::string_view("access")) {
      seal.from_ms = hash.from_ms();
      seal.to_ms = hash.to_ms();
    }
    seal.tables.push_back(hash.finish());
  }
  const auto added = book(kind).add(seal, pack_ids(ends), key_, -1);
  if (!added) return added.error();
  return {};
}

}  // namespace schoolgate::audit
