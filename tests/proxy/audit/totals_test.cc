// Totals against what the rows say, however often the process ends between the two.
#include "proxy/audit/totals.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <tuple>

#include "proxy/audit/codes.h"
#include "proxy/audit/log_store.h"
#include "proxy/audit/totals_reader.h"
#include "proxy/audit/upkeep.h"
#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t forever_ms = 4'000'000'000'000;

// (hour, tier, category, action, seen) -> requests
using Figures =
    std::map<std::tuple<std::int64_t, std::string, std::string, std::string, std::string>, std::uint64_t>;

Figures figures_of(const std::vector<Tally::Line>& lines) {
  Figures all;
  for (const Tally::Line& l : lines)
    all[{l.hour, l.tier, l.category, std::string(action_name(l.action)),
         std::string(to_string(static_cast<Seen>(l.seen)))}] += l.requests;
  return all;
}

// What totals.db alone says.
Figures stored(const std::string& directory) {
  auto db = Database::open(totals_path(directory), Database::Mode::read);
  REQUIRE(db);
  auto query = db->prepare(
      "SELECT h.hour, t.text, c.text, a.name, s.name, h.requests FROM hourly h JOIN name t ON t.id=h.tier "
      "JOIN "
      "name c ON c.id=h.category JOIN action a ON a.id=h.action JOIN seen s ON s.id=h.seen");
  REQUIRE(query);
  Figures all;
  while (query->step() == SQLITE_ROW)
    all[{query->integer(0), query->text(1), query->text(2), query->text(3), query->text(4)}] +=
        static_cast<std::uint64_t>(query->integer(5));
  return all;
}

// What the rows say.
Figures from_rows(const std::string& directory) {
  const auto rows = LogReader(directory).rows({});
  REQUIRE(rows);
  Figures all;
  for (const LogRow& row : *rows)
    all[{row.time_ms / hour_ms, row.tier, row.category,
         std::string(row.refused ? action_name(refused_action) : to_string(row.action)), row.seen}] +=
        static_cast<std::uint64_t>(row.count);
  return all;
}

Figures read(const std::string& directory, std::int64_t from_ms = 0, std::int64_t to_ms = forever_ms) {
  const auto lines = read_totals(directory, from_ms, to_ms);
  if (!lines) FAIL(lines.error().message);
  return figures_of(*lines);
}

std::uint64_t sum(const Figures& all) {
  std::uint64_t n = 0;
  for (const auto& [key, requests] : all) n += requests;
  return n;
}

LogStore open_store(const TempDir& dir) {
  std::filesystem::create_directories(dir.path);
  auto store = LogStore::open(dir.path, dir.path + "/keys", 90);
  if (!store) FAIL(store.error().message);
  return std::move(*store);
}

RevisionNames names() {
  RevisionNames names;
  names.serial = 1;
  names.revision = 7;
  names.digest = "d";
  names.loaded_ms = march_2026;
  names.tiers = {"tieu_hoc", "thcs"};
  names.categories = {"gambling", "self_harm"};
  names.sources = {"a", "b"};
  return names;
}

void write(LogStore& store, std::vector<LogRecord> rows, bool with_names = true) {
  Batch batch;
  batch.rows = std::move(rows);
  if (with_names) batch.policies.push_back(names());
  const auto done = store.store(batch);
  if (done.failed()) FAIL(done.error().message);
}

void count_all(LogStore& store) {
  for (;;) {
    const LogStore::Counted counted = store.add_totals();
    if (counted.result.failed()) FAIL(counted.result.error().message);
    if (!counted.more) return;
  }
}

std::vector<LogRecord> some_rows(std::mt19937& random, std::int64_t begin_ms, int most = 40) {
  std::vector<LogRecord> rows;
  for (int i = static_cast<int>(random() % static_cast<unsigned>(most)); i >= 0; --i) {
    LogRecord row =
        random() % 3 == 0 ? blocked_record(random(), "bad.vn", "/x") : allowed_record(random(), "ok.vn");
    row.time_ms = begin_ms + static_cast<std::int64_t>(random() % (40 * day_ms));
    row.tier = static_cast<TierId>(random() % 2);
    row.seen = static_cast<Seen>(random() % 6);
    if (random() % 7 == 0) row.count = 1 + static_cast<std::uint32_t>(random() % 50);
    if (random() % 9 == 0) row.verdict = Verdict::refused(Reason::bad_request);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

TEST_CASE("totals: every row once, whenever the process ends and whoever else writes", "[audit][totals]") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    DYNAMIC_SECTION("seed " << seed) {
      std::mt19937 random(seed);
      TempDir dir;
      std::optional<LogStore> one = open_store(dir), other;
      for (int step = 0; step < 60; ++step) {
        switch (random() % 8) {
          case 0:  // ends by force: what was not counted is in no memory any more
            one.reset();
            one = open_store(dir);
            break;
          case 1:  // another process takes over, or ends
            if (other) {
              other.reset();
            } else {
              other = open_store(dir);
            }
            break;
          case 2:
            (void)one->add_totals();
            break;
          case 3:
            if (other) (void)other->add_totals();
            break;
          case 4:
            if (other) write(*other, some_rows(random, march_2026));
            break;
          default:
            write(*one, some_rows(random, march_2026));
        }
      }
      CHECK(read(dir.path) == from_rows(dir.path));  // also what is not counted yet
      count_all(*one);
      one.reset();
      other.reset();
      one = open_store(dir);
      count_all(*one);
      count_all(*one);
      CHECK(stored(dir.path) == from_rows(dir.path));
      CHECK(read(dir.path) == from_rows(dir.path));
    }
  }
}

TEST_CASE("totals: hours of a period", "[audit][totals]") {
  TempDir dir;
  LogStore store = open_store(dir);
  std::vector<LogRecord> rows;
  for (int i = 0; i < 10; ++i) {
    rows.push_back(allowed_record(static_cast<std::uint64_t>(i), "ok.vn"));
    rows.back().time_ms = Month{2026, 3}.begin_ms() - 5 * hour_ms + i * hour_ms;
  }
  write(store, rows);
  const std::int64_t march = Month{2026, 3}.begin_ms();
  for (int counted = 0; counted < 2; ++counted) {
    CHECK(sum(read(dir.path)) == 10);
    CHECK(sum(read(dir.path, march)) == 5);
    CHECK(sum(read(dir.path, 0, march)) == 5);
    CHECK(sum(read(dir.path, march - hour_ms, march + hour_ms)) == 2);
    CHECK(sum(read(dir.path, march + 5 * hour_ms)) == 0);
    count_all(store);
  }
}

TEST_CASE("totals: a help row counts as its ordinary row, one without does not at all", "[audit][totals]") {
  TempDir dir;
  LogStore store = open_store(dir);
  LogRecord helped = allowed_record(1, "tim.vn");
  helped.help = blocked_record(1, "", "").verdict;
  helped.help->action = Action::help;
  helped.help->category = 1;
  LogRecord page = allowed_record(2, "giup.vn");
  page.verdict.action = Action::help;
  page.verdict.category = 1;
  write(store, {helped, page});
  count_all(store);
  CHECK(stored(dir.path) == Figures{{{march_2026 / hour_ms, "tieu_hoc", "", "allow", "url"}, 1}});
}

TEST_CASE("totals: visits beside requests, also of sums, in a file that an older program began",
          "[audit][totals]") {
  for (const bool from_file : {false, true}) {
    DYNAMIC_SECTION(from_file) {
      TempDir dir;
      {
        LogStore store = open_store(dir);
        write(store, {allowed_record(1, "ok.vn")});
        count_all(store);
      }
      {
        auto db = Database::open(totals_path(dir.path), Database::Mode::write);
        REQUIRE(db);
        REQUIRE(db->exec("DROP VIEW totals; DROP TABLE visited") == SQLITE_OK);
      }
      CHECK_FALSE(first_visit_ms(dir.path));
      CHECK(read_totals(dir.path, 0, forever_ms)->front().visits == 0);
      std::optional<LogStore> store = open_store(dir);
      LogRecord page = allowed_record(2, "ok.vn"), part = page, sum = page;
      page.visit = sum.visit = Visit::yes;
      sum.count = 5;
      write(*store, {page, part, sum});
      CHECK(first_visit_ms(dir.path) == march_2026 / hour_ms * hour_ms);
      if (from_file) store = open_store(dir);
      for (int counted = 0; counted < 2; ++counted) {
        std::uint64_t requests = 0, visits = 0;
        const auto lines = read_totals(dir.path, 0, forever_ms);
        REQUIRE(lines);
        for (const Tally::Line& line : *lines) requests += line.requests, visits += line.visits;
        CHECK(requests == 8);
        CHECK(visits == 6);
        count_all(*store);
      }
      auto db = Database::open(totals_path(dir.path), Database::Mode::read);
      REQUIRE(db);
      CHECK(db->integer("SELECT sum(visits) * 100 + sum(requests) FROM totals") == 608);
      CHECK(first_visit_ms(dir.path) == march_2026 / hour_ms * hour_ms);
      REQUIRE(store->retain_totals(march_2026 + day_ms, march_2026, totals_days, [](Month) { return false; })
                  .ok());
      CHECK(db->integer("SELECT count(*) FROM visited") == 0);
    }
  }
}

TEST_CASE("totals: of rows that went nothing is lost, nor counted again", "[audit][totals]") {
  TempDir dir;
  LogStore store = open_store(dir);
  std::mt19937 random(5);
  write(store, some_rows(random, march_2026, 200));
  write(store, some_rows(random, march_2026, 200));
  const Figures all = from_rows(dir.path);
  count_all(store);
  const auto never = [](Month) { return false; };
  while (store.retain(forever_ms - day_ms, march_2026 + 200 * day_ms, never).more) {
  }
  CHECK(from_rows(dir.path).empty());
  CHECK(read(dir.path) == all);
  write(store, {allowed_record(9, "ok.vn")});  // ids begin anew
  Figures more = all;
  ++more[{march_2026 / hour_ms, "tieu_hoc", "", "allow", "url"}];
  count_all(store);
  CHECK(stored(dir.path) == more);
  CHECK(read(dir.path) == more);
}

TEST_CASE("totals: a month's file that was moved away while in use", "[audit][totals]") {
  TempDir dir;
  LogStore store = open_store(dir);
  std::mt19937 random(6);
  for (int i = 0; i < 20; ++i) write(store, {allowed_record(1, "ok.vn")});
  count_all(store);
  const std::string path = log_path(dir.path, LogKind::access, {2026, 3});
  std::filesystem::rename(path, dir.root + "/away.db");
  REQUIRE(store.close_replaced().size() == 1);
  write(store, {allowed_record(2, "ok.vn"), allowed_record(3, "ok.vn")});
  count_all(store);
  CHECK(sum(stored(dir.path)) == 22);
  for (int i = 0; i < 30; ++i) write(store, {allowed_record(4, "ok.vn")});
  count_all(store);
  CHECK(sum(stored(dir.path)) == 52);
}

TEST_CASE("totals: a damaged or deleted file is made anew of the rows there are", "[audit][totals]") {
  TempDir dir;
  std::mt19937 random(7);
  {
    LogStore store = open_store(dir);
    write(store, some_rows(random, march_2026, 100));
    count_all(store);
  }
  const std::string path = totals_path(dir.path);
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0640);
  std::ofstream(path, std::ios::trunc) << std::string(9'000, 'x');
  LogStore store = open_store(dir);
  while (store.add_totals().more) {
  }
  CHECK(store.take_damaged() == std::vector<std::string>{path + ".damaged-1"});
  count_all(store);
  CHECK(stored(dir.path) == from_rows(dir.path));
  std::filesystem::remove(path);
  std::filesystem::remove(path + "-wal");
  std::filesystem::remove(path + "-shm");
  write(store, some_rows(random, march_2026, 100));
  count_all(store);
  CHECK(stored(dir.path) == from_rows(dir.path));
}

TEST_CASE("totals: one month's file that cannot be read keeps no other from being counted",
          "[audit][totals]") {
  TempDir dir;
  {
    LogStore store = open_store(dir);
    LogRecord april = allowed_record(2, "ok.vn");
    april.time_ms = Month{2026, 4}.begin_ms();
    write(store, {allowed_record(1, "ok.vn"), april});
  }
  std::ofstream(log_path(dir.path, LogKind::access, {2026, 3}), std::ios::trunc) << std::string(9'000, 'x');
  LogStore store = open_store(dir);
  LogStore::Counted counted;
  for (int round = 0; round < 2; ++round) {  // tried again in the next
    while ((counted = store.add_totals()).more) {
    }
    CHECK(counted.result.failed());
    CHECK(store.take_damaged().empty());  // of the totals nothing is wrong
    CHECK(sum(stored(dir.path)) == 1);
  }
}

TEST_CASE("totals: a file of another version is left alone, and said", "[audit][totals]") {
  TempDir dir;
  LogStore store = open_store(dir);
  write(store, {allowed_record(1, "ok.vn")});
  count_all(store);
  {
    auto db = Database::open(totals_path(dir.path), Database::Mode::write);
    REQUIRE(db);
    REQUIRE(db->exec("PRAGMA user_version=99") == SQLITE_OK);
  }
  LogStore later = open_store(dir);
  CHECK(later.add_totals().result.failed());
  CHECK_FALSE(read_totals(dir.path, 0, forever_ms));
}

TEST_CASE("totals: kept for five years, and told when they go", "[audit][totals][upkeep]") {
  TempDir dir;
  LogStore store = open_store(dir);
  LogRecord old = allowed_record(1, "ok.vn"), late = old;
  old.time_ms = march_2026 - 1'826 * day_ms;
  write(store, {old, late});
  count_all(store);
  const auto never = [](Month) { return false; };
  const std::int64_t cut = march_2026 - std::int64_t{totals_days} * day_ms;
  REQUIRE(store
              .retain_totals(cut, march_2026, totals_days,
                             [&](Month month) { return month == Month::of(old.time_ms); })
              .ok());  // rows of a clock that was behind
  CHECK(sum(stored(dir.path)) == 2);
  REQUIRE(store.retain_totals(cut, march_2026, totals_days, never).ok());
  CHECK(sum(stored(dir.path)) == 1);
  REQUIRE(store.retain_totals(cut, march_2026, totals_days, never).ok());  // says nothing
  const auto events = LogReader(dir.path).events(march_2026, 0);
  REQUIRE(events);
  REQUIRE(events->size() == 2);
  CHECK(events->front().detail.find(R"({"files":["names.db"],"rows":1,)") == 0);
  CHECK(events->back().what == "retention");
  CHECK(events->back().detail.find(R"({"files":["totals.db"],"rows":1,"from":"2021-03-04T)") == 0);
  CHECK(events->back().detail.find(R"("why":"older than 1825 days")") != std::string::npos);
}

TEST_CASE("totals: the running log writes them, and has them at its end", "[audit][totals]") {
  TempDir dir;
  {
    const auto log = open_log(dir);
    log->policy_loaded(sample_snapshot(7));
    for (std::uint64_t i = 0; i < 500; ++i) REQUIRE(log->write(blocked_record(i, "bad.vn", "/")));
    REQUIRE(log->stop());
  }
  CHECK(stored(dir.path) == Figures{{{march_2026 / hour_ms, "thcs", "gambling", "block", "url"}, 500}});
  auto db = Database::open(totals_path(dir.path), Database::Mode::read);
  REQUIRE(db);
  CHECK(db->integer("SELECT requests FROM totals WHERE hour='2026-03-04T04:00:00Z' AND tier='thcs' AND "
                    "category='gambling' AND action='block' AND seen='url'") == 500);
}
