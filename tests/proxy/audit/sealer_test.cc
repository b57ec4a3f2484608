// What is sealed goes by whole spans, and the check afterwards says so. Edits of others: seal_edits_test.cc.
#include "proxy/audit/sealer.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <limits>

#include "proxy/audit/log_store.h"
#include "proxy/audit/seal_check.h"
#include "proxy/audit/size_bound.h"
#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;

namespace {

const auto nothing_protected = [](Month) { return false; };

// A store whose rows are sealed when the test says so, at the time of the rows.
struct SealedStore {
  enum class Begins { sealed, unsealed };
  explicit SealedStore(Begins begins = Begins::sealed) {
    std::filesystem::create_directories(dir.path);
    if (begins == Begins::sealed) {
      open();
    } else {
      open_store();
      Batch lives;  // of two runs, so that it is none that was cut before its first seal
      for (int i = 0; i < 2; ++i) lives.events.push_back({march_2026, "schoolgate", "start", "{}"});
      put(std::move(lives));
    }
  }
  void open_store() {
    auto opened = LogStore::open(dir.path, dir.path + "/keys", 30);
    if (!opened) FAIL(opened.error().message.english());
    store.emplace(std::move(*opened));
  }
  void begin_sealing() {
    auto opened = Sealer::open(dir.path, march_2026);
    if (!opened) FAIL(opened.error().message);
    sealer.emplace(std::move(*opened));
    store->use_sealer(*sealer);
  }
  void open() {
    store.reset();
    sealer.reset();
    open_store();
    begin_sealing();
  }
  void put(Batch batch) {
    if (const auto stored = store->store(batch); stored.failed()) FAIL(stored.error().message);
  }
  void seal(std::int64_t now_ms) {
    const auto sealed = sealer->seal_all(now_ms, "-", std::numeric_limits<std::int64_t>::max());
    if (sealed.failed()) FAIL(sealed.error().message);
  }
  // A span of `rows` rows of two clients, and a tunnel that ended in it.
  void put_span(std::int64_t time_ms, int rows) {
    put_rows(time_ms, rows);
    seal(time_ms + span_ms);
  }
  void put_rows(std::int64_t time_ms, int rows) {
    Batch batch;
    for (int i = 0; i < rows; ++i) {
      LogRecord row = allowed_record(++decision, "h" + std::to_string(i % 3) + ".vn");
      row.client = IpAddress::v4(1 + static_cast<std::uint32_t>(i % 2));
      row.time_ms = time_ms + i;
      batch.rows.push_back(row);
    }
    LogRecord blocked = blocked_record(++decision, "bad.vn", "/x");
    blocked.time_ms = time_ms;
    batch.rows.push_back(blocked);
    LogRecord tunnel = allowed_record(++decision, "tunnel.vn");
    tunnel.time_ms = time_ms;
    tunnel.part = LogRecord::Part::tunnel_open;
    batch.rows.push_back(tunnel);
    // The tunnel of the span before ends in this one.
    if (open_tunnel != 0) {
      LogRecord end;
      end.part = LogRecord::Part::tunnel_end;
      end.decision = open_tunnel;
      end.bytes_down = 5;
      batch.rows.push_back(end);
    }
    open_tunnel = tunnel.decision;
    put(std::move(batch));
  }
  std::int64_t retain(std::int64_t cut_ms) {
    const LogStore::Retained done = store->retain(cut_ms, march_2026 + span_ms, nothing_protected);
    if (done.result.failed()) FAIL(done.result.error().message);
    CHECK_FALSE(done.more);
    return done.rows;
  }
  [[nodiscard]] SealCheck check() const {
    SealQuestion question;
    question.directory = dir.path;
    auto checked = check_seals(question);
    if (!checked) FAIL(checked.error().message);
    return std::move(*checked);
  }
  [[nodiscard]] std::int64_t ask(const std::string& sql, Month month) const {
    auto db = Database::open(log_path(dir.path, LogKind::access, month), Database::Mode::read);
    REQUIRE(db);
    return db->integer(sql);
  }

  TempDir dir;
  std::optional<Sealer> sealer;
  std::optional<LogStore> store;
  std::uint64_t decision = 0, open_tunnel = 0;
};

std::string kinds_of(const SealCheck& checked) {
  std::string text;
  for (const Finding& one : checked.findings) {
    text += text.empty() ? "" : " ";
    text += to_string(one.kind);
    text += one.table.empty() ? "" : ":" + one.table;
  }
  return text;
}

const Month march = Month::of(march_2026);

}  // namespace

TEST_CASE("sealed rows go by whole spans when they are old, and a seal says so", "[audit][seal]") {
  SealedStore log;
  const std::int64_t first = march_2026 - march_2026 % span_ms;
  for (int i = 0; i < 6; ++i) log.put_span(first + i * span_ms, 10);
  REQUIRE(log.check().findings.empty());
  // The cut is in the middle of the third span: that one stays whole.
  const std::int64_t cut = first + 2 * span_ms + 5;
  const LogStore::Retained done = log.store->retain(cut, march_2026 + span_ms, nothing_protected);
  if (done.result.failed()) FAIL(done.result.error().message);
  CHECK(done.rows == 24);
  CHECK_FALSE(done.more);
  CHECK(log.ask("SELECT min(id) FROM access", march) == 25);
  CHECK(log.ask("SELECT detail->>'rows' FROM event WHERE what = 'retention'", march) == 24);
  CHECK(log.ask("SELECT detail->>'seals' = '[\"1-2\"]' FROM event WHERE what = 'retention'", march) == 1);
  log.seal(march_2026 + 7 * span_ms);
  const SealCheck checked = log.check();
  CHECK(kinds_of(checked) == "deleted_by_rule");
  CHECK(checked.findings[0].rows == 24);
  CHECK(checked.findings[0].why == "older than 30 days");
  CHECK(checked.chains[0].rows == 4 * 12);
  SECTION("the same once more is nothing") {
    const LogStore::Retained again = log.store->retain(cut, march_2026 + span_ms, nothing_protected);
    CHECK(again.rows == 0);
    log.seal(march_2026 + 8 * span_ms);
    CHECK(kinds_of(log.check()) == "deleted_by_rule");
  }
  SECTION("all of the month's rows: no number is given again") {
    (void)log.store->retain(march_2026 + 100 * span_ms, march_2026 + span_ms, nothing_protected);
    REQUIRE(log.ask("SELECT count(*) FROM access", march) == 0);
    log.put_span(march_2026 + 200 * span_ms, 3);
    CHECK(log.ask("SELECT min(id) FROM access", march) == 73);
    CHECK(log.check().whole());
  }
  SECTION("what a rule took is told apart from what somebody took") {
    auto db = Database::open(log_path(log.dir.path, LogKind::access, march), Database::Mode::write);
    REQUIRE(db);
    REQUIRE(db->exec("DELETE FROM access WHERE id = 30") == SQLITE_OK);
    const SealCheck after = log.check();
    CHECK(kinds_of(after) == "deleted_by_rule missing:access");
    REQUIRE(after.findings.size() == 2);
    CHECK(after.findings[1].ids == std::vector<std::int64_t>{30});
  }
}

TEST_CASE("a month that goes leaves its seals, and the chain holds", "[audit][seal]") {
  SealedStore log;
  const std::int64_t january = Month{2026, 1}.begin_ms();
  log.put_span(january, 4);
  log.put_span(march_2026, 4);
  const LogStore::Retained done = log.store->retain(march_2026 - 30 * day_ms, march_2026, nothing_protected);
  if (done.result.failed()) FAIL(done.result.error().message);
  REQUIRE(done.files.size() == 1);
  log.seal(march_2026 + 2 * span_ms);
  const SealCheck checked = log.check();
  CHECK(kinds_of(checked) == "deleted_by_rule");
  CHECK(checked.findings[0].file == "access-2026-01.db");
  CHECK(checked.findings[0].rows == 6);
}

TEST_CASE("the size bound sums sealed spans and seals what is left", "[audit][seal][size]") {
  SealedStore log;
  const std::int64_t first = march_2026 - march_2026 % span_ms;
  for (int i = 0; i < 4; ++i) log.put_span(first + i * span_ms, 2'000);
  log.store.reset();  // its connections
  SizeBound measured(log.dir.path, 1ull << 40);
  const auto work = [&](SizeBound& bound) {
    bound.use_sealer(*log.sealer);
    const std::int64_t before = (first / day_ms + 1) * day_ms;
    for (int steps = 0;; ++steps) {
      const SizeBound::Shortened done = bound.step(before, march_2026 + day_ms, nothing_protected);
      if (done.result.failed()) FAIL(done.result.error().message);
      if (!done.more) break;
      REQUIRE(steps < 200);
    }
  };
  work(measured);
  SECTION("summed") {
    SizeBound bound(log.dir.path, measured.bytes() * 9 / 10);
    work(bound);
    CHECK(log.ask("SELECT count(*) FROM access", march) < 100);
    CHECK(log.ask("SELECT sum(count) FROM log", march) == 4 * 2'002);
    CHECK(log.ask("SELECT count(*) FROM log WHERE host = 'bad.vn'", march) == 4);
  }
  SECTION("and removed") {
    SizeBound bound(log.dir.path, 1);
    work(bound);
    CHECK(log.ask("SELECT count(*) FROM access", march) == 0);
  }
  log.open();
  log.seal(march_2026 + 50 * span_ms);
  const SealCheck checked = log.check();
  CAPTURE(kinds_of(checked));
  CHECK(checked.whole());
  CHECK(std::any_of(checked.findings.begin(), checked.findings.end(),
                    [](const Finding& one) { return one.kind == FindingKind::summed; }));
}

TEST_CASE("rows that are in no seal yet go by their time", "[audit][seal]") {
  SealedStore log;
  const std::int64_t first = march_2026 - march_2026 % span_ms;
  log.put_span(first, 10);
  log.put_rows(first + span_ms, 10);
  const bool half_hashed = GENERATE(false, true);
  if (half_hashed) {
    const Sealer::Step begun = log.sealer->step(first + 3 * span_ms);
    REQUIRE(begun.result.ok());
    REQUIRE(begun.more);
  }
  CHECK(log.retain(first + span_ms + 5) ==
        12 + 7);  // the span, and of the rest what is older: 5, a block, a tunnel
  for (bool more = half_hashed; more;) {
    const Sealer::Step step = log.sealer->step(first + 3 * span_ms);
    if (step.result.failed()) FAIL(step.result.error().message);
    more = step.more;
  }
  log.seal(first + 4 * span_ms);
  const SealCheck checked = log.check();
  CHECK(kinds_of(checked) == "deleted_by_rule");
  CHECK(checked.chains[0].rows == 5);
}

TEST_CASE("what came before sealing began goes by its time, and its sealed ends with their span",
          "[audit][seal]") {
  SealedStore log(SealedStore::Begins::unsealed);
  const std::int64_t first = march_2026 - march_2026 % span_ms;
  log.put_rows(first, 10);
  log.begin_sealing();
  log.put_span(first + span_ms, 10);  // ends the tunnel of before
  CHECK(kinds_of(log.check()) == "before_sealing");
  SECTION("by retention") {
    CHECK(log.retain(first + span_ms) == 12);
    log.seal(first + 3 * span_ms);
    CHECK(kinds_of(log.check()).empty());
    CHECK(log.retain(first + 2 * span_ms) == 12);
    log.seal(first + 4 * span_ms);
    CHECK(log.ask("SELECT count(*) FROM tunnel_end", march) == 0);
    CHECK(kinds_of(log.check()) == "deleted_by_rule");
  }
  SECTION("by the bound on the disk") {
    log.store.reset();
    SizeBound bound(log.dir.path, 1);
    bound.use_sealer(*log.sealer);
    const std::int64_t before = (first / day_ms + 1) * day_ms;
    for (int steps = 0;; ++steps) {
      const SizeBound::Shortened done = bound.step(before, march_2026 + day_ms, nothing_protected);
      if (done.result.failed()) FAIL(done.result.error().message);
      const SealCheck checked = log.check();
      CAPTURE(kinds_of(checked), steps);
      REQUIRE(checked.whole());
      if (!done.more) break;
      REQUIRE(steps < 200);
    }
    CHECK(log.ask("SELECT count(*) FROM access", march) == 0);
  }
}

TEST_CASE("a replacement that was sealed and not done is no edit", "[audit][seal]") {
  SealedStore log;
  const std::int64_t first = march_2026 - march_2026 % span_ms;
  for (int i = 0; i < 3; ++i) log.put_span(first + i * span_ms, 10);
  const auto units = log.sealer->units(LogKind::access, march);
  REQUIRE(units);
  {
    auto db = Database::open(log_path(log.dir.path, LogKind::access, march), Database::Mode::write);
    REQUIRE(db);
    REQUIRE(db->exec("BEGIN IMMEDIATE; DELETE FROM access WHERE id < 20; DELETE FROM tunnel_end;") ==
            SQLITE_OK);
    REQUIRE(
        log.sealer->replace(LogKind::access, march, units->all(), *db, {}, "log: max_megabytes", march_2026)
            .ok());
    REQUIRE(db->exec("ROLLBACK") == SQLITE_OK);  // the power failed here
  }
  CHECK(kinds_of(log.check()) == "summed_by_rule");
  CHECK(log.check().chains[0].rows == 36);
}

TEST_CASE("without a sealer nothing that may be sealed goes", "[audit][seal]") {
  SealedStore log;
  log.put_span(march_2026, 4);
  log.open_store();
  log.store->wait_for_sealer();
  const LogStore::Retained done =
      log.store->retain(march_2026 + day_ms, march_2026 + day_ms, nothing_protected);
  CHECK(done.result.failed());
  CHECK(done.rows == 0);
  SizeBound bound(log.dir.path, 1);
  bound.wait_for_sealer();
  CHECK_FALSE(bound.step(march_2026 + 2 * day_ms, march_2026 + 2 * day_ms, nothing_protected).more);
  CHECK(bound.full());
  CHECK(log.ask("SELECT count(*) FROM access", march) == 6);
  log.store->use_sealer(*log.sealer);
  CHECK(log.retain(march_2026 + day_ms) == 6);
}

TEST_CASE("what is fresh is sealed without being read again, and the rest is read", "[audit][seal]") {
  SealedStore log;
  const std::int64_t first = march_2026 - march_2026 % span_ms;
  log.put_span(first, 3);
  log.put_rows(first + span_ms, 25'000);
  const bool fresh = GENERATE(true, false);
  if (!fresh) log.open();  // as after kill -9: what was hashed is in no memory any more
  const std::int64_t later = first + 3 * span_ms;
  log.sealer->seal_soon();
  int steps = 0;
  for (bool more = true; more; ++steps) {
    const Sealer::Step step = log.sealer->step(later);
    if (step.result.failed()) FAIL(step.result.error().message.english());
    more = step.more;
  }
  CHECK(steps == (fresh ? 2 : 4));  // to begin, and 10,000 rows a piece
  const SealCheck checked = log.check();
  CHECK(checked.findings.empty());
  CHECK(checked.chains[0].rows == 3 + 25'000 + 2 * 2);
  CHECK(checked.chains[0].seals == 2);
}

TEST_CASE("ends of tunnels that another process wrote are sealed too", "[audit][seal]") {
  SealedStore log;
  log.put_span(march_2026, 3);
  {
    auto db = Database::open(log_path(log.dir.path, LogKind::access, march), Database::Mode::write);
    REQUIRE(db);
    REQUIRE(db->exec("INSERT INTO tunnel_end SELECT max(id), 1, 2, 3, 0 FROM access WHERE ended IS NULL") ==
            SQLITE_OK);
  }
  log.seal(march_2026 + 2 * span_ms);
  CHECK(log.check().findings.empty());
  auto book = SealBook::open(log.dir.path, LogKind::access, Database::Mode::read);
  REQUIRE(book);
  const auto last = book->last();
  REQUIRE((last && *last));
  CHECK(unpack_ids((*last)->ends).size() == 1);
}

TEST_CASE("a seal's text is read exactly as it is written", "[audit][seal]") {
  Seal seal;
  seal.number = 3;
  seal.key = "1F2E3D4C5B6A7988";
  seal.made_ms = march_2026;
  seal.file = "access-2026-03.db";
  seal.file_id = "-";
  seal.tables = {{"access", -1, 5, 5, "abc"}, {"tunnel_end", 0, 0, 0, "-"}};
  const std::string text = seal_text(seal);
  const auto read = parse_seal(text);
  REQUIRE(read);
  seal.root = seal_root(seal.tables);
  CHECK(*read == seal);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = other[i] == 'x' ? 'y' : 'x';
    const auto wrong = parse_seal(other);
    if (wrong) CHECK(seal_text(*wrong) == other);  // a text in a place for texts
    CHECK_FALSE(parse_seal(text.substr(0, i)));
  }
  CHECK_FALSE(parse_seal(text + "\n"));
  const std::vector<std::int64_t> ids{1, 2, 130, 131, 5'000'000'000};
  CHECK(unpack_ids(pack_ids(ids)) == ids);
  CHECK(pack_ids({}).empty());
}

TEST_CASE("seals are signed as minisign signs, by a key that its owner alone can read", "[audit][seal]") {
  TempDir dir;
  std::filesystem::create_directories(dir.path);
  const auto key = SealKey::load(dir.path + "/seal.key");
  REQUIRE(key);
  CHECK((std::filesystem::status(dir.path + "/seal.key").permissions() & std::filesystem::perms(0777)) ==
        std::filesystem::perms(0600));
  const auto again = SealKey::load(dir.path + "/seal.key");
  REQUIRE(again);
  CHECK(again->public_key() == key->public_key());
  const std::string text = "what is signed\n";
  const auto signature = key->sign(text, "a comment");
  REQUIRE(signature);
  CHECK(verify_seal(key->public_key(), text, *signature));
  CHECK_FALSE(verify_seal(key->public_key(), text + " ", *signature));
  std::string comment = *signature;
  comment.replace(comment.find("a comment"), 9, "b comment");
  CHECK_FALSE(verify_seal(key->public_key(), text, comment));
  std::ofstream(dir.path + "/text") << text;
  std::ofstream(dir.path + "/text.minisig") << *signature;
  std::ofstream(dir.path + "/pub") << key->public_key().file();
  const std::string verify = "minisign -Vq -p '" + dir.path + "/pub' -m '" + dir.path + "/text'";
  CHECK(std::system(verify.c_str()) == 0);
  std::ofstream(dir.path + "/text") << text << "more\n";
  CHECK(std::system((verify + " 2>/dev/null").c_str()) != 0);
  REQUIRE(std::filesystem::exists(dir.path + "/seal.key"));
  std::filesystem::permissions(dir.path + "/seal.key", std::filesystem::perms(0640));
  CHECK_FALSE(SealKey::load(dir.path + "/seal.key"));
}
