#include "proxy/audit/wish_book.h"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "proxy/audit/database_file.h"
#include "proxy/audit/schema.h"
#include "proxy/core/json_text.h"
#include "proxy/core/log_record.h"

namespace schoolgate::audit {
namespace {

constexpr std::int64_t asking_hour_ms = 60 * 60 * 1000;
constexpr std::chrono::seconds patience_of_answers{5}, forget_each{3600}, write_again{1};
constexpr std::string_view wish_columns =
    "id, code, host, tier, category, list, asked_ms, last_ms, state, reasons, devices, answered_ms, by, why, "
    "line, open_until_ms";

// Of no decision: a code of the log would tell whose it was.
std::string random_wish_code() {
  std::uint64_t bits = 0;
  while (::getrandom(&bits, sizeof bits, 0) != sizeof bits) {
  }
  std::string code = decision_code(bits);
  std::erase(code, '-');
  return "BN-" + code;
}

std::string reasons_text(const Wish& wish) {
  std::string text;
  for (const std::uint32_t times : wish.reasons) text += (text.empty() ? "" : " ") + std::to_string(times);
  return text;
}

void read_reasons(const std::string& text, Wish& wish) {
  std::size_t at = 0;
  for (std::uint32_t& times : wish.reasons) {
    while (at < text.size() && text[at] >= '0' && text[at] <= '9')
      times = times * 10 + static_cast<std::uint32_t>(text[at++] - '0');
    ++at;
  }
}

std::uint32_t small_number(std::int64_t number) noexcept {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(number, 0, 1'000'000));
}

Wish wish_of_row(const Statement& row) {
  Wish wish;
  wish.code = row.text(1);
  wish.host = row.text(2);
  wish.tier = row.text(3);
  wish.category = row.text(4);
  wish.list = row.text(5);
  wish.asked_ms = row.integer(6);
  wish.last_ms = row.integer(7);
  wish.state = static_cast<WishState>(std::clamp<std::int64_t>(row.integer(8), 0, 3));
  read_reasons(row.text(9), wish);
  wish.devices = small_number(row.integer(10));
  wish.answered_ms = row.integer(11);
  wish.by = row.text(12);
  wish.why = row.text(13);
  wish.line = row.integer(14) != 0;
  wish.open_until_ms = row.integer(15);
  return wish;
}

bool is_shown(const Wish& wish, std::int64_t now_ms) noexcept {
  if (wish.state == WishState::open) return true;
  // A clock that was set back shows no older answers.
  const std::int64_t since = now_ms - std::max(wish.answered_ms, wish.open_until_ms);
  return since < wish_shown_ms && now_ms >= wish.asked_ms - wish_shown_ms;
}

}  // namespace

std::string wishes_path(const std::string& directory) {
  return directory + "/wishes.db";
}

Result<std::vector<Wish>> read_wishes(const std::string& directory, std::int64_t from_ms,
                                      std::int64_t to_ms) {
  const std::string path = wishes_path(directory);
  std::vector<Wish> wishes;
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return wishes;
  auto db = Database::open(path, Database::Mode::read);
  const auto fail = [&](const Message& why) { return Error{say("cannot read {}: {}", path, why)}; };
  if (!db) return fail(db.error().message);
  if (Message other = version_problem(*db, path, wishes_id, wishes_version); !other.empty())
    return Error{std::move(other)};
  auto query = db->prepare("SELECT " + std::string(wish_columns) +
                           " FROM wish WHERE asked_ms >= ?1 AND asked_ms < ?2 ORDER BY asked_ms, id");
  if (!query) return fail(query.error().message);
  query->bind(1, from_ms).bind(2, to_ms);
  int code = SQLITE_DONE;
  while ((code = query->step()) == SQLITE_ROW) wishes.push_back(wish_of_row(*query));
  if (code != SQLITE_DONE) return fail(db->error().message);
  return wishes;
}

WishBook::~WishBook() {
  close();
}

void WishBook::tell(const char* what, const std::string& detail) const {
  if (hooks_.event) hooks_.event(what, detail);
}

Result<Database, DbError> WishBook::open_file(const std::string& path) {
  auto file = open_or_begin(
      path, {.id = wishes_id, .version = wishes_version, .tables = create_wishes, .layout = {}});
  if (!file) return file.error();
  return std::move(file->db);
}

Result<void, DbError> WishBook::take_up() {
  auto query = db_->prepare("SELECT " + std::string(wish_columns) + " FROM wish ORDER BY id");
  if (!query) return query.error();
  int code = SQLITE_DONE;
  while ((code = query->step()) == SQLITE_ROW) {
    Entry entry{.wish = wish_of_row(*query), .id = query->integer(0), .devices = {}};
    const Wish& wish = entry.wish;
    last_id_ = std::max(last_id_, entry.id);
    by_code_[wish.code] = entry.id;
    newest_about_[{wish.host, wish.tier, wish.category}] = entry.id;
    if (wish.state == WishState::open) ++open_;
    entries_.emplace(entry.id, std::move(entry));
  }
  if (code != SQLITE_DONE) return db_->error();
  return {};
}

Result<void> WishBook::open(const std::string& directory) {
  const std::string path = wishes_path(directory);
  const std::scoped_lock lock(mutex_);
  directory_ = directory;
  const auto attempt = [&]() -> Result<void, DbError> {
    entries_.clear();
    by_code_.clear();
    newest_about_.clear();
    open_ = 0;
    db_.reset();
    auto db = open_file(path);
    if (!db) return db.error();
    db_.emplace(std::move(*db));
    return take_up();
  };
  auto opened = attempt();
  if (opened.failed() && opened.error().damaged()) {
    db_.reset();
    if (const std::string aside = set_file_aside(path); !aside.empty()) {
      tell("wishes_damaged", JsonObject().add("set_aside", aside).text());
      opened = attempt();
    }
  }
  if (opened.failed()) {
    db_.reset();
    return Error{say("{}: {}", path, opened.error().message)};
  }
  taking_ = true;
  thread_ = std::thread([this] { write_on(); });
  return {};
}

void WishBook::close() {
  {
    const std::scoped_lock lock(mutex_);
    taking_ = false;
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

// Whether this client has not asked too often; it is counted.
bool WishBook::may_ask(const WishAsk& ask) {
  auto found = asked_.find(ask.client);
  if (found == asked_.end()) {
    if (asked_.size() >= limits_.clients) {
      asked_.erase(by_age_.back());
      by_age_.pop_back();
    }
    by_age_.push_front(ask.client);
    found = asked_.emplace(ask.client, Asked{ask.now_ms, 0, by_age_.begin()}).first;
  }
  Asked& asked = found->second;
  by_age_.splice(by_age_.begin(), by_age_, asked.age);
  if (ask.now_ms < asked.since_ms || ask.now_ms - asked.since_ms >= asking_hour_ms)
    asked.since_ms = ask.now_ms, asked.times = 0;
  if (asked.times >= (ask.shared ? limits_.per_hour_shared : limits_.per_hour)) return false;
  ++asked.times;
  return true;
}

const WishBook::Entry* WishBook::entry_about(const About& about) const {
  const auto found = newest_about_.find(about);
  if (found == newest_about_.end()) return nullptr;
  const auto entry = entries_.find(found->second);
  return entry == entries_.end() ? nullptr : &entry->second;
}

void WishBook::changed(Entry& entry) {
  if (!entry.changed) ++unwritten_;
  entry.changed = true;
  wake_.notify_all();
}

void WishBook::forget(std::int64_t id) {
  const auto found = entries_.find(id);
  const Wish& wish = found->second.wish;
  by_code_.erase(wish.code);
  const auto newest = newest_about_.find({wish.host, wish.tier, wish.category});
  if (newest != newest_about_.end() && newest->second == id) newest_about_.erase(newest);
  if (wish.state == WishState::open) --open_;
  entries_.erase(found);
}

void WishBook::drop_one() {
  std::int64_t answered = 0;
  for (const auto& [id, entry] : entries_) {
    if (entry.wish.state == WishState::open) continue;
    if (answered == 0) answered = id;
    if (entry.wish.state != WishState::lapsed) continue;
    answered = id;
    break;
  }
  if (answered == 0) return;
  forget(answered);
  gone_.push_back(answered);
}

void WishBook::lapse_one(std::int64_t now_ms) {
  Entry* least = nullptr;
  for (auto& [id, entry] : entries_) {
    if (entry.wish.state != WishState::open) continue;
    if (least == nullptr || entry.wish.devices < least->wish.devices) least = &entry;  // ids grow with time
  }
  if (least == nullptr) return;
  least->wish.state = WishState::lapsed;
  least->wish.answered_ms = now_ms;
  least->devices.clear();
  --open_;
  changed(*least);
}

WishBook::Entry& WishBook::begin_wish(const WishAsk& ask) {
  if (open_ >= limits_.open) lapse_one(ask.now_ms);
  if (entries_.size() >= limits_.kept) drop_one();
  Entry entry;
  entry.id = ++last_id_;
  Wish& wish = entry.wish;
  do wish.code = random_wish_code();
  while (by_code_.contains(wish.code));
  wish.host = ask.host;
  wish.tier = ask.tier;
  wish.category = ask.category;
  wish.list = ask.list;
  wish.asked_ms = ask.now_ms;
  by_code_[wish.code] = entry.id;
  newest_about_[{wish.host, wish.tier, wish.category}] = entry.id;
  ++open_;
  return entries_.emplace(entry.id, std::move(entry)).first->second;
}

WishReply WishBook::ask(const WishAsk& ask) {
  const std::scoped_lock lock(mutex_);
  if (!taking_) return {WishOutcome::closed};
  const Entry* const known = entry_about({ask.host, ask.tier, ask.category});
  if (known != nullptr && known->wish.state == WishState::denied && is_shown(known->wish, ask.now_ms))
    return {WishOutcome::denied, known->wish.code};
  const bool is_open = known != nullptr && known->wish.state == WishState::open;
  if (is_open && known->devices.contains(ask.client)) return {WishOutcome::repeated, known->wish.code};
  if (!may_ask(ask)) return {WishOutcome::too_many};
  Entry& entry = is_open ? entries_.at(known->id) : begin_wish(ask);
  Wish& wish = entry.wish;
  wish.last_ms = ask.now_ms;
  std::uint32_t& times = wish.reasons[static_cast<std::size_t>(ask.reason)];
  times = small_number(std::int64_t{times} + 1);
  if (entry.devices.size() < limits_.devices && entry.devices.insert(ask.client).second) ++wish.devices;
  changed(entry);
  return {is_open ? WishOutcome::merged : WishOutcome::taken, wish.code};
}

std::optional<Wish> WishBook::find(std::string_view code, std::int64_t now_ms) const {
  auto wish = with_code(code);
  if (wish && !is_shown(*wish, now_ms)) wish.reset();
  return wish;
}

std::optional<Wish> WishBook::about(std::string_view host, std::string_view tier, std::string_view category,
                                    std::int64_t now_ms) const {
  const std::scoped_lock lock(mutex_);
  const Entry* const entry = entry_about({std::string(host), std::string(tier), std::string(category)});
  if (entry == nullptr || !is_shown(entry->wish, now_ms) || entry->wish.state == WishState::lapsed)
    return std::nullopt;
  return entry->wish;
}

std::vector<Wish> WishBook::list(bool all) const {
  const std::scoped_lock lock(mutex_);
  std::vector<Wish> out;
  for (auto at = entries_.rbegin(); at != entries_.rend(); ++at)
    if (all || at->second.wish.state == WishState::open) out.push_back(at->second.wish);
  return out;
}

std::optional<Wish> WishBook::with_code(std::string_view code) const {
  const std::scoped_lock lock(mutex_);
  const auto found = by_code_.find(code);
  if (found == by_code_.end()) return std::nullopt;
  return entries_.at(found->second).wish;
}

Result<void> WishBook::answer(std::string_view code, const Wish& answer) {
  std::unique_lock lock(mutex_);
  const auto found = by_code_.find(code);
  if (found == by_code_.end()) return Error{say("there is no report \"{}\"", std::string(code))};
  Entry& entry = entries_.at(found->second);
  if (entry.wish.state == WishState::granted || entry.wish.state == WishState::denied)
    return Error{say("{} was answered already", std::string(code))};
  if (!taking_) return Error{say("the proxy is ending")};
  if (entry.wish.state == WishState::open) --open_;
  entry.wish.state = answer.state;
  entry.wish.answered_ms = answer.answered_ms;
  entry.wish.by = answer.by;
  entry.wish.why = answer.why;
  entry.wish.line = answer.line;
  entry.wish.open_until_ms = answer.open_until_ms;
  entry.devices.clear();
  changed(entry);
  const std::int64_t id = entry.id;
  const bool written = written_.wait_for(lock, patience_of_answers, [&] {
    const auto now = entries_.find(id);
    return now == entries_.end() || (!writing_ && !now->second.changed);
  });
  if (!written) return Error{say("{} cannot be written", wishes_path(directory_))};
  return {};
}

std::vector<WishBook::Entry> WishBook::take_changed() {
  std::vector<Entry> out;
  for (auto& [id, entry] : entries_) {
    if (!entry.changed) continue;
    out.push_back({entry.wish, entry.id, {}, true});
    entry.changed = false;
  }
  return out;
}

void WishBook::put_back(const std::vector<Entry>& entries) {
  for (const Entry& one : entries)
    if (const auto found = entries_.find(one.id); found != entries_.end()) found->second.changed = true;
}

Result<void, DbError> WishBook::write(const std::vector<Entry>& entries,
                                      const std::vector<std::int64_t>& gone) {
  if (!db_) {
    auto db = open_file(wishes_path(directory_));
    if (!db) return db.error();
    db_.emplace(std::move(*db));
  }
  const auto fail = [this](DbError error) {
    if (db_->in_transaction()) (void)db_->exec("ROLLBACK");
    db_.reset();
    return error;
  };
  auto put =
      db_->prepare("INSERT INTO wish (" + std::string(wish_columns) +
                   ") VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16) ON CONFLICT (id) "
                   "DO UPDATE SET last_ms=excluded.last_ms, state=excluded.state, "
                   "reasons=excluded.reasons, devices=excluded.devices, "
                   "answered_ms=excluded.answered_ms, by=excluded.by, why=excluded.why, "
                   "line=excluded.line, open_until_ms=excluded.open_until_ms");
  auto drop = db_->prepare("DELETE FROM wish WHERE id = ?1");
  if (!put) return fail(put.error());
  if (!drop) return fail(drop.error());
  if (db_->exec("BEGIN IMMEDIATE") != SQLITE_OK) return fail(db_->error());
  for (const Entry& entry : entries) {
    const Wish& wish = entry.wish;
    const std::string reasons = reasons_text(wish);
    put->bind(1, entry.id).bind(2, wish.code).bind(3, wish.host).bind(4, wish.tier).bind(5, wish.category);
    put->bind(6, wish.list).bind(7, wish.asked_ms).bind(8, wish.last_ms);
    put->bind(9, static_cast<std::int64_t>(wish.state)).bind(10, reasons);
    put->bind(11, std::int64_t{wish.devices}).bind(12, wish.answered_ms).bind(13, wish.by).bind(14, wish.why);
    put->bind(15, std::int64_t{wish.line}).bind(16, wish.open_until_ms);
    const int code = put->step();
    put->reset();
    if (code != SQLITE_DONE) return fail(db_->error());
  }
  for (const std::int64_t id : gone) {
    const int code = drop->bind(1, id).step();
    drop->reset();
    if (code != SQLITE_DONE) return fail(db_->error());
  }
  if (db_->exec("COMMIT") != SQLITE_OK) return fail(db_->error());
  return {};
}

// What is older than the log's rows may be.
void WishBook::forget_old() {
  const std::int64_t cut_ms = hooks_.cut_ms ? hooks_.cut_ms() : 0;
  if (cut_ms <= 0) return;
  {
    const std::scoped_lock lock(mutex_);
    std::vector<std::int64_t> old;
    for (const auto& [id, entry] : entries_)
      if (entry.wish.last_ms < cut_ms && !entry.changed) old.push_back(id);
    for (const std::int64_t id : old) forget(id);
  }
  if (!db_) return;
  if (auto gone = db_->prepare("DELETE FROM wish WHERE last_ms < ?1"); gone)
    (void)gone->bind(1, cut_ms).step();  // tried again in an hour
}

void WishBook::write_changed(std::unique_lock<std::mutex>& lock) {
  const std::vector<Entry> entries = take_changed();
  const std::vector<std::int64_t> gone = std::exchange(gone_, {});
  unwritten_ = 0;
  writing_ = true;
  lock.unlock();
  const auto written = write(entries, gone);
  const bool told = failing_;
  if (written.failed() && written.error().damaged()) {
    const std::string aside = set_file_aside(wishes_path(directory_));
    tell("wishes_damaged", JsonObject().add("set_aside", aside).text());
  } else if (written.failed() && !told) {
    tell("wishes_not_written", JsonObject().add("why", written.error().message.english()).text());
  }
  lock.lock();
  writing_ = false;
  failing_ = written.failed();
  if (failing_) {
    put_back(entries);
    gone_.insert(gone_.end(), gone.begin(), gone.end());
    if (written.error().damaged())  // the new file shall have all of them
      for (auto& [id, entry] : entries_) entry.changed = true;
    unwritten_ = static_cast<std::size_t>(
        std::count_if(entries_.begin(), entries_.end(), [](const auto& one) { return one.second.changed; }));
  }
  written_.notify_all();
}

void WishBook::write_on() {
  auto forget_at = std::chrono::steady_clock::now();
  std::optional<std::chrono::steady_clock::time_point> give_up;
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto due = [&] { return ending_ || (unwritten_ != 0 && !failing_); };
    wake_.wait_for(lock, failing_ ? std::chrono::seconds(write_again) : std::chrono::seconds(60), due);
    if (unwritten_ != 0) write_changed(lock);
    // Behind the write, in which the lock was let go of: the end may have come meanwhile.
    if (ending_ && !give_up) give_up = std::chrono::steady_clock::now() + patience_of_answers;
    if (ending_ && (unwritten_ == 0 || std::chrono::steady_clock::now() >= *give_up)) break;
    if (ending_) {
      lock.unlock();
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      lock.lock();
      continue;
    }
    if (std::chrono::steady_clock::now() < forget_at) continue;
    forget_at = std::chrono::steady_clock::now() + forget_each;
    lock.unlock();
    forget_old();
    lock.lock();
  }
  db_.reset();
}

}  // namespace schoolgate::audit
