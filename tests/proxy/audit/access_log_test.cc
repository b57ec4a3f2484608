#include "proxy/audit/access_log.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <set>
#include <thread>

#include "proxy/audit/log_store.h"
#include "proxy/audit/totals_reader.h"
#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace std::chrono_literals;
using Catch::Contains;
using Catch::StartsWith;

namespace {

unsigned mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

LogRow only_row(const std::string& dir, LogKind kind = LogKind::access) {
  LogQuery query;
  query.kind = kind;
  auto rows = LogReader(dir).rows(query);
  REQUIRE(rows);
  REQUIRE(rows->size() == 1);
  return rows->front();
}

std::vector<LogRow> all_rows(const std::string& dir, LogKind kind = LogKind::access) {
  LogQuery query;
  query.kind = kind;
  auto rows = LogReader(dir).rows(query);
  if (!rows) FAIL(rows.error().message);
  return *rows;
}

std::vector<LogEvent> all_events(const std::string& dir) {
  auto events = LogReader(dir).events(std::nullopt, 0);
  if (!events) FAIL(events.error().message);
  return *events;
}

std::size_t count_events(const std::string& dir, const std::string& what) {
  std::size_t n = 0;
  for (const LogEvent& e : all_events(dir)) n += e.what == what;
  return n;
}

}  // namespace

TEST_CASE("a blocked request's row has every column", "[audit]") {
  TempDir dir;
  auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  REQUIRE(log->write(blocked_record(42, "bad.example.com", "/games/slots?words=secret")));
  REQUIRE(log->flush(10s));
  const LogRow row = only_row(dir.path);
  CHECK(row.time_ms == march_2026);
  CHECK(row.code == decision_code(42));
  CHECK(row.client.starts_with("HS-"));
  CHECK(row.client.size() == 11);
  CHECK(row.tier == "thcs");
  CHECK(row.action == Action::block);
  CHECK(row.flags == Flags{true, false, true});
  CHECK(row.host == "bad.example.com");
  CHECK(row.path == "/games/slots");
  CHECK(row.method == "GET");
  CHECK(row.seen == "url");
  CHECK(row.layer == to_string(Layer::category));
  CHECK(row.reason == to_string(Reason::category));
  CHECK(row.category == "gambling");
  CHECK(row.file == "lists/gambling.txt");
  CHECK(row.line == 12);
  CHECK(row.revision == 7);
  CHECK(row.digest == "digest-7");
  CHECK(row.port == 80);
  CHECK(row.status == 403);
  CHECK(row.bytes_up == 300);
  CHECK(row.bytes_down == 5'000'000'000);
  CHECK(row.duration_ms == 25);
  CHECK(row.ended == "blocked");
}

TEST_CASE("privacy: what the ordinary log keeps", "[audit]") {
  struct Case {
    const char* name;
    Action action;
    const char* path;
    const char* want_path;
    Action want_action;
  };
  const Case cases[] = {
      {"allowed: the host alone", Action::allow, "/private/diary?q=1", "", Action::allow},
      {"warned: the path without query", Action::warn, "/chat/room?q=1", "/chat/room", Action::warn},
      {"blocked: the path without query", Action::block, "/a/b?c=d?e", "/a/b", Action::block},
      {"blocked: no fragment either", Action::block, "/a#b", "/a", Action::block},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      TempDir dir;
      auto log = open_log(dir);
      log->policy_loaded(sample_snapshot(7));
      LogRecord record = blocked_record(1, "site.vn", c.path);
      record.verdict.action = c.action;
      REQUIRE(log->write(std::move(record)));
      REQUIRE(log->flush(10s));
      const LogRow row = only_row(dir.path);
      CHECK(row.path == c.want_path);
      CHECK(row.action == c.want_action);
    }
  }
}

TEST_CASE("privacy: a request that was refused unjudged has no path, whoever filled it", "[audit]") {
  TempDir dir;
  auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  LogRecord record = blocked_record(1, "site.vn", "/private/diary");
  record.verdict = Verdict::refused(Reason::bad_request);
  REQUIRE(log->write(std::move(record)));
  REQUIRE(log->flush(10s));
  CHECK(only_row(dir.path).host == "site.vn");
  CHECK(only_row(dir.path).path.empty());
}

TEST_CASE("help: named in the safeguarding file, nothing of it in the ordinary one", "[audit]") {
  TempDir dir;
  auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  LogRecord record = allowed_record(9, "search.example");
  record.path = "/q?despair";
  record.status = 204;
  record.help = blocked_record(9, "", "").verdict;
  record.help->action = Action::help;
  record.help->flags = Flags{true, true, false};
  record.help->category = 1;
  REQUIRE(log->write(std::move(record)));
  REQUIRE(log->flush(10s));

  const LogRow plain = only_row(dir.path);
  CHECK(plain.action == Action::allow);
  CHECK(plain.flags == Flags{});
  CHECK(plain.category.empty());
  CHECK(plain.status == 204);
  CHECK(plain.ended == "done");

  const LogRow secret = only_row(dir.path, LogKind::safeguarding);
  CHECK(secret.action == Action::help);
  CHECK(secret.category == "self_harm");
  CHECK(secret.file == "lists/gambling.txt");
  CHECK(secret.flags.alert);
  CHECK(secret.path.empty());
  CHECK(secret.client == plain.client);
  CHECK(secret.code == plain.code);

  // Not one byte of the ordinary files says it.
  const std::string path = log_path(dir.path, LogKind::access, Month{2026, 3});
  std::string bytes;
  for (const char* suffix : {"", "-wal"}) {
    std::ifstream in(path + suffix, std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(in), {});
  }
  log->stop();
  CHECK(bytes.find("search.example") != std::string::npos);
  CHECK(bytes.find("self_harm") == std::string::npos);
  CHECK(bytes.find("despair") == std::string::npos);
}

TEST_CASE("help: what ended with it has no row in the ordinary file, nor a gap", "[audit]") {
  TempDir dir;
  auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  LogRecord page = blocked_record(2, "search.example", "/q?words"), tunnel = page;
  page.verdict.action = tunnel.verdict.action = Action::help;
  tunnel.decision = 3;
  tunnel.part = LogRecord::Part::tunnel_open;
  REQUIRE(log->write(allowed_record(1, "a.vn")));
  REQUIRE(log->write(std::move(page)));
  REQUIRE(log->write(std::move(tunnel)));
  LogRecord end;
  end.part = LogRecord::Part::tunnel_end;
  end.decision = 3;
  end.verdict.action = Action::help;
  REQUIRE(log->write(std::move(end)));
  REQUIRE(log->write(allowed_record(4, "b.vn")));
  REQUIRE(log->flush(10s));
  CHECK(log->health().written == 2);
  const LogReader reader(dir.path);
  const auto rows = reader.rows({});
  REQUIRE(rows);
  REQUIRE(rows->size() == 2);
  CHECK((*rows)[1].id == (*rows)[0].id + 1);
  LogQuery secret;
  secret.kind = LogKind::safeguarding;
  REQUIRE(reader.rows(secret)->size() == 2);
  CHECK((*reader.rows(secret))[1].ended == "done");
}

TEST_CASE("an alert's row counts the hits that came after it", "[audit]") {
  TempDir dir;
  auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  for (const auto& [decision, alert] : {std::pair{1, 1}, {2, 0}, {3, 1}, {4, 4}, {5, 1}, {6, 99}}) {
    LogRecord record = allowed_record(static_cast<std::uint64_t>(decision), "search.example");
    record.help = record.verdict;
    record.help->action = Action::help;
    record.help->flags.alert = decision == alert;
    record.alert = static_cast<std::uint64_t>(alert);
    REQUIRE(log->write(std::move(record)));
    REQUIRE(log->flush(10s));
  }
  LogQuery query;
  query.kind = LogKind::safeguarding;
  std::vector<std::int64_t> hits;
  const auto rows = LogReader(dir.path).rows(query);
  REQUIRE(rows);
  for (const LogRow& row : *rows) hits.push_back(row.count);
  CHECK(hits == std::vector<std::int64_t>{3, 1, 1, 1, 1, 1});
}

TEST_CASE("modes: the log for its group, keys and safeguarding for their owner alone", "[audit]") {
  TempDir dir;
  auto log = open_log(dir);
  LogRecord record = blocked_record(9, "a.vn", "");
  record.verdict.action = Action::help;
  REQUIRE(log->write(std::move(record)));
  REQUIRE(log->flush(10s));
  CHECK(mode_of(log_path(dir.path, LogKind::access, Month{2026, 3})) == 0640);
  CHECK(mode_of(log_path(dir.path, LogKind::safeguarding, Month{2026, 3})) == 0600);
  CHECK(mode_of(log_path(dir.path, LogKind::safeguarding, Month{2026, 3}) + "-wal") == 0600);
  CHECK(mode_of(dir.path + "/keys") == 0600);
}

TEST_CASE("a tunnel's end joins its first row", "[audit]") {
  TempDir dir;
  auto log = open_log(dir);
  LogRecord begin = allowed_record(77, "tunnel.vn");
  begin.part = LogRecord::Part::tunnel_open;
  REQUIRE(log->write(std::move(begin)));
  REQUIRE(log->flush(10s));
  CHECK(only_row(dir.path).ended == "open");
  LogRecord end;
  end.part = LogRecord::Part::tunnel_end;
  end.decision = 77;
  end.bytes_up = 11;
  end.bytes_down = 22;
  end.duration_ms = 33;
  end.ended = Ended::policy_changed;
  REQUIRE(log->write(std::move(end)));
  REQUIRE(log->flush(10s));
  const LogRow row = only_row(dir.path);
  CHECK(row.ended == "policy-changed");
  CHECK(row.bytes_up == 11);
  CHECK(row.bytes_down == 22);
  CHECK(row.duration_ms == 33);
}

TEST_CASE("start tells how the last run ended, and its open tunnels read cut", "[audit]") {
  TempDir dir;
  {
    auto log = open_log(dir);
    LogRecord begin = allowed_record(1, "tunnel.vn");
    begin.part = LogRecord::Part::tunnel_open;
    REQUIRE(log->write(std::move(begin)));
    log->stop();
  }
  CHECK(all_events(dir.path).front().detail.find(R"("last_run":"none")") != std::string::npos);
  CHECK(all_events(dir.path).back().what == "stop");
  CHECK(only_row(dir.path).ended == "cut");

  // What kill -9 leaves: the files as they are at some moment, without the event `stop`.
  TempDir copy;
  {
    auto log = open_log(dir, march_2026 + 10'000);
    LogRecord begin = allowed_record(2, "tunnel.vn");
    begin.part = LogRecord::Part::tunnel_open;
    begin.time_ms = march_2026 + 11'000;
    REQUIRE(log->write(std::move(begin)));
    REQUIRE(log->flush(10s));
    CHECK(all_rows(dir.path).at(1).ended == "open");
    std::filesystem::copy(dir.path, copy.path, std::filesystem::copy_options::recursive);
  }
  CHECK(all_events(dir.path).at(2).detail.find(R"("last_run":"clean stop")") != std::string::npos);
  CHECK(all_rows(copy.path).at(1).ended == "open");
  auto log = open_log(copy, march_2026 + 60'000);
  CHECK(all_events(copy.path).at(3).detail.find(R"("last_run":"unclean stop")") != std::string::npos);
  CHECK(all_rows(copy.path).at(1).ended == "cut");
}

TEST_CASE("a month's end: rows go to the file of their month, ends to their tunnel's", "[audit]") {
  TempDir dir;
  auto log = open_log(dir);
  const std::int64_t april = Month{2026, 4}.begin_ms();
  log->policy_loaded(sample_snapshot(7));
  LogRecord begin = blocked_record(1, "a.vn", "");
  begin.part = LogRecord::Part::tunnel_open;
  begin.time_ms = april - 1;
  LogRecord later = blocked_record(2, "a.vn", "");
  later.time_ms = april;
  LogRecord end;
  end.part = LogRecord::Part::tunnel_end;
  end.decision = 1;
  end.time_ms = april + 5;
  end.ended = Ended::client_gone;
  REQUIRE(log->write(std::move(begin)));
  REQUIRE(log->write(std::move(later)));
  REQUIRE(log->write(std::move(end)));
  REQUIRE(log->flush(10s));
  CHECK(log_months(dir.path, LogKind::access) == std::vector<Month>{{2026, 3}, {2026, 4}});
  const auto rows = all_rows(dir.path);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].month == Month{2026, 3});
  CHECK(rows[0].ended == "client-gone");
  CHECK(rows[1].month == Month{2026, 4});
  CHECK(rows[1].category == "gambling");    // names are in every file
  CHECK(rows[0].client != rows[1].client);  // another key, another pseudonym
}

TEST_CASE("a locked file: rows wait, room goes away, and both come back", "[audit]") {
  TempDir dir;
  AccessLogOptions options = log_options(dir);
  options.patience = 0ms;
  options.retry = 1ms;
  auto log = AccessLog::open(std::move(options));
  REQUIRE(log);
  CHECK((*log)->has_room());
  auto other = Database::open(log_path(dir.path, LogKind::access, Month{2026, 3}), Database::Mode::write);
  REQUIRE(other);
  REQUIRE(other->exec("BEGIN IMMEDIATE") == SQLITE_OK);
  REQUIRE((*log)->write(allowed_record(1, "a.vn")));
  CHECK_FALSE((*log)->flush(300ms));
  CHECK_FALSE((*log)->has_room());
  CHECK((*log)->health().stalled);
  CHECK_FALSE((*log)->health().last_error.empty());
  CHECK((*log)->write(blocked_record(2, "b.vn", "/x")));  // taken all the same
  REQUIRE(other->exec("ROLLBACK") == SQLITE_OK);
  REQUIRE((*log)->flush(10s));
  CHECK((*log)->has_room());
  CHECK(all_rows(dir.path).size() == 2);
  REQUIRE((*log)->flush(10s));
  CHECK(count_events(dir.path, "log_recovered") == 1);
}

TEST_CASE("a full queue: the last part is for blocked rows, the rest is counted and told", "[audit]") {
  TempDir dir;
  AccessLogOptions options = log_options(dir);
  options.capacity = 16;
  options.retry = 1ms;
  auto opened = AccessLog::open(std::move(options));
  REQUIRE(opened);
  AccessLog& log = **opened;
  auto other = Database::open(log_path(dir.path, LogKind::access, Month{2026, 3}), Database::Mode::write);
  REQUIRE(other);
  REQUIRE(other->exec("BEGIN IMMEDIATE") == SQLITE_OK);
  std::uint64_t n = 0;
  for (int i = 0; i < 8; ++i) REQUIRE(log.write(allowed_record(++n, "a.vn")));
  CHECK_FALSE(log.has_room());                                                  // 8 of 16: half
  for (int i = 0; i < 6; ++i) REQUIRE(log.write(allowed_record(++n, "a.vn")));  // exchanges begun before
  CHECK_FALSE(log.write(allowed_record(++n, "lost.vn")));                       // 14 of 16
  LogRecord refused = blocked_record(++n, "lost.vn", "/");
  refused.verdict = Verdict::refused(Reason::bad_request);  // nobody's block
  CHECK_FALSE(log.write(std::move(refused)));
  for (int i = 0; i < 2; ++i) REQUIRE(log.write(blocked_record(++n, "b.vn", "/")));
  CHECK_FALSE(log.write(blocked_record(++n, "lost.vn", "/")));
  REQUIRE(other->exec("ROLLBACK") == SQLITE_OK);
  REQUIRE(log.flush(10s));
  REQUIRE(log.flush(10s));  // the event of the loss
  CHECK(log.has_room());
  CHECK(log.health().lost == 3);
  CHECK(all_rows(dir.path).size() == 16);
  const auto events = all_events(dir.path);
  REQUIRE(events.back().what == "rows_lost");
  CHECK(events.back().detail.find(R"("rows":3,"of_them_not_allowed":1)") != std::string::npos);
}

TEST_CASE("a full disk: rows wait in memory and are written when there is room", "[audit]") {
  TempDir dir;
  AccessLogOptions options = log_options(dir);
  options.patience = 0ms;
  options.retry = 1ms;
  auto log = AccessLog::open(std::move(options));
  REQUIRE(log);
  REQUIRE((*log)->write(allowed_record(1, "before.vn")));
  REQUIRE((*log)->flush(10s));
  // A limit on the size of files makes write() fail as a full disk does.
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &old_limit) == 0);
  const rlimit small{4'096, old_limit.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const bool taken = (*log)->write(blocked_record(2, "during.vn", "/x"));
  const bool written = (*log)->flush(300ms);
  const bool room = (*log)->has_room();
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &old_limit) == 0);
  std::signal(SIGXFSZ, old_handler);
  CHECK(taken);
  CHECK_FALSE(written);
  CHECK_FALSE(room);
  REQUIRE((*log)->flush(10s));
  CHECK((*log)->has_room());
  const auto rows = all_rows(dir.path);
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].host == "during.vn");
}

TEST_CASE("a clock far ahead of the newest row deletes nothing", "[audit]") {
  TempDir dir;
  {
    auto log = open_log(dir);
    REQUIRE(log->write(allowed_record(1, "a.vn")));
  }
  constexpr std::int64_t years = 10LL * 365 * 24 * 60 * 60 * 1000;
  auto log = open_log(dir, march_2026 + years);
  REQUIRE(log->flush(10s));
  log->event("test", "look", "{}");
  REQUIRE(log->flush(10s));
  log->stop();  // after the first look at what is old
  CHECK(count_events(dir.path, "retention_waits") == 1);
  CHECK(all_rows(dir.path).size() == 1);
}

TEST_CASE("a file that is no database is set aside, and the log goes on", "[audit]") {
  TempDir dir;
  std::filesystem::create_directories(dir.path);
  const std::string path = log_path(dir.path, LogKind::access, Month{2026, 3});
  std::ofstream(path) << std::string(20'000, 'x');
  auto log = open_log(dir);
  REQUIRE(log->write(allowed_record(1, "a.vn")));
  REQUIRE(log->flush(10s));
  CHECK(only_row(dir.path).host == "a.vn");
  CHECK(std::filesystem::file_size(path + ".damaged-1") == 20'000);
}

TEST_CASE("a file that an older program began learns the names that came since", "[audit]") {
  TempDir dir;
  open_log(dir)->stop();
  {
    auto db = Database::open(log_path(dir.path, LogKind::access, Month{2026, 3}), Database::Mode::write);
    REQUIRE(db);
    REQUIRE(db->exec("DELETE FROM seen WHERE name='search-words'") == SQLITE_OK);
  }
  const auto log = open_log(dir);
  LogRecord record = allowed_record(1, "a.vn");
  record.seen = Seen::search_words;
  REQUIRE(log->write(std::move(record)));
  log->stop();
  CHECK(only_row(dir.path).seen == "search-words");
}

TEST_CASE("a file that an older program began is read as it is, and learns the tables that came since",
          "[audit]") {
  TempDir dir;
  {
    auto log = open_log(dir);
    REQUIRE(log->write(allowed_record(1, "before.vn")));
  }
  const std::string path = log_path(dir.path, LogKind::access, Month{2026, 3});
  auto db = Database::open(path, Database::Mode::write);
  REQUIRE(db);
  REQUIRE(
      db->exec(
          "DROP VIEW log; DROP TABLE detail; DROP TABLE summed; DELETE FROM action WHERE name='refused'") ==
      SQLITE_OK);
  CHECK(only_row(dir.path).host == "before.vn");
  LogRecord failed = allowed_record(2, "after.vn");
  failed.cause = "refused";
  {
    auto log = open_log(dir);
    REQUIRE(log->write(std::move(failed)));
  }
  const std::vector<LogRow> rows = all_rows(dir.path);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].cause.empty());
  CHECK(rows[1].cause == "refused");
  CHECK(db->integer("SELECT count(*) FROM log WHERE cause = 'refused'") == 1);
  CHECK(db->integer("SELECT count(*) FROM action WHERE name = 'refused'") == 1);
}

TEST_CASE("files of an older version: which were brought to a new form is told and recorded once",
          "[audit]") {
  TempDir dir;
  const auto run = [&] {
    std::vector<std::string> said;
    AccessLogOptions options = log_options(dir);
    options.complain = [&](const Message& line) { said.push_back(line.english()); };
    auto log = AccessLog::open(std::move(options));
    REQUIRE(log);
    LogRecord help = allowed_record(1, "a.vn");
    help.verdict.action = Action::help;
    REQUIRE((*log)->write(std::move(help)));
    REQUIRE((*log)->flush(10s));
    const auto counted = [&] {
      auto db = Database::open(totals_path(dir.path), Database::Mode::read);
      return db && counts_visits(*db);
    };
    for (int tries = 0; tries < 1000 && !counted(); ++tries) std::this_thread::sleep_for(10ms);
    REQUIRE((*log)->write(allowed_record(2, "b.vn")));
    REQUIRE((*log)->stop());
    log->reset();
    std::sort(said.begin(), said.end());
    return said;
  };
  const auto change = [&](const std::string& path, const char* sql) {
    auto db = Database::open(path, Database::Mode::write);
    REQUIRE(db);
    REQUIRE(db->exec(sql) == SQLITE_OK);
  };
  CHECK(run().empty());
  const std::string month = log_path(dir.path, LogKind::access, Month{2026, 3});
  change(month, "DROP VIEW log; DROP TABLE detail; DROP TABLE summed");
  change(log_path(dir.path, LogKind::safeguarding, Month{2026, 3}),
         "DROP TABLE case_message; DROP TABLE case_step; DROP TABLE case_hit; DROP TABLE alert_case");
  change(totals_path(dir.path), "DROP VIEW totals; DROP TABLE visited");
  const std::vector<std::string> said = run();
  REQUIRE(said.size() == 3);
  CHECK_THAT(said[0],
             StartsWith("access-2026-03.db: an older version of Schoolgate wrote it") && Contains("(test)"));
  CHECK_THAT(said[1], StartsWith("safeguarding-2026-03.db: an older version of Schoolgate wrote it"));
  CHECK_THAT(said[2], StartsWith("totals.db: an older version of Schoolgate wrote it"));
  CHECK(run().empty());
  auto db = Database::open(month, Database::Mode::read);
  REQUIRE(db);
  CHECK(db->integer("SELECT count(*) FROM event WHERE what='file_renewed'") == 3);
  CHECK(db->integer(
            "SELECT count(*) FROM event WHERE what='file_renewed' AND detail LIKE '%\"totals.db\"%'") == 1);
}

TEST_CASE("a row that outlives many reloads keeps its tier and its rule", "[audit]") {
  TempDir dir;
  const auto log = open_log(dir);
  auto judged_by = sample_snapshot(7);  // as the exchange holds it
  log->policy_loaded(judged_by);
  for (std::uint64_t revision = 8; revision < 100; ++revision) {
    log->policy_loaded(sample_snapshot(revision));
    REQUIRE(log->flush(10s));
  }
  REQUIRE(log->write(blocked_record(1, "long.vn", "/")));
  judged_by.reset();
  log->policy_loaded(sample_snapshot(100));
  REQUIRE(log->flush(10s));
  const LogRow row = only_row(dir.path);
  CHECK(row.tier == "thcs");
  CHECK(row.file == "lists/gambling.txt");
  CHECK(row.revision == 7);
}

TEST_CASE("a row says whether it is a visit, in files of an older program too", "[audit]") {
  TempDir dir;
  open_log(dir)->policy_loaded(sample_snapshot(7));
  const std::string path = log_path(dir.path, LogKind::access, {2026, 3});
  {
    auto db = Database::open(path, Database::Mode::write);
    REQUIRE(db);
    REQUIRE(db->exec("DROP VIEW log; CREATE VIEW log AS SELECT id FROM access") == SQLITE_OK);
  }
  {
    const auto log = open_log(dir);
    log->policy_loaded(sample_snapshot(7));
    LogRecord page = blocked_record(1, "bad.vn", "/"), part = blocked_record(2, "bad.vn", "/x.js");
    page.visit = Visit::yes;
    REQUIRE(log->write(std::move(page)));
    REQUIRE(log->write(std::move(part)));
    for (std::uint64_t tunnel = 3; tunnel < 10; ++tunnel) {  // of one page
      LogRecord row = allowed_record(tunnel, "img" + std::to_string(tunnel) + ".bao.vn");
      row.visit = Visit::of_burst;
      REQUIRE(log->write(std::move(row)));
    }
    REQUIRE(log->stop());
  }
  const auto rows = LogReader(dir.path).rows({});
  REQUIRE(rows);
  REQUIRE(rows->size() == 9);
  for (std::size_t i = 0; i < rows->size(); ++i) CHECK((*rows)[i].visit == (i == 0 || i == 2));
  LogQuery visits;
  visits.visits = true;
  CHECK(LogReader(dir.path).rows(visits)->size() == 2);
  auto db = Database::open(path, Database::Mode::read);
  REQUIRE(db);
  CHECK(db->integer("SELECT sum(visit) FROM log") == 2);
}

TEST_CASE("a row that stands for many says so, in files of an older program too", "[audit]") {
  TempDir dir;
  open_log(dir)->stop();
  const std::string path = log_path(dir.path, LogKind::access, Month{2026, 3});
  {
    auto db = Database::open(path, Database::Mode::write);
    REQUIRE(db);
    REQUIRE(db->exec("DROP VIEW log; DROP TABLE detail; DROP TABLE summed") == SQLITE_OK);
  }
  CHECK(all_rows(dir.path).empty());  // read as it is
  const auto log = open_log(dir);
  LogRecord many = blocked_record(1, "many.vn", "/");
  many.count = 592'071;
  REQUIRE(log->write(std::move(many)));
  REQUIRE(log->write(blocked_record(2, "one.vn", "/")));
  log->stop();
  const auto rows = all_rows(dir.path);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].count == 592'071);
  CHECK(rows[1].count == 1);
  auto db = Database::open(path, Database::Mode::read);
  REQUIRE(db);
  CHECK(db->integer("SELECT sum(count) FROM log") == 592'072);
  CHECK(db->integer("SELECT count(*) FROM summed") == 1);
}

TEST_CASE("a file of another program is not touched", "[audit]") {
  TempDir dir;
  std::filesystem::create_directories(dir.path);
  const std::string path = log_path(dir.path, LogKind::access, Month{2026, 3});
  std::ofstream(path).close();
  {
    auto db = Database::open(path, Database::Mode::write);
    REQUIRE(db);
    REQUIRE(db->exec("CREATE TABLE mine(x)") == SQLITE_OK);
  }
  const auto log = AccessLog::open(log_options(dir));
  REQUIRE_FALSE(log);
  CHECK(log.error().message.english().find("no such file of Schoolgate") != std::string::npos);
}

TEST_CASE("events: a detail that is no JSON is kept as a string", "[audit]") {
  TempDir dir;
  auto log = open_log(dir);
  log->event("teacher", "grant", R"({"tier":"thcs"})");
  log->event("teacher", "odd", "not { json");
  REQUIRE(log->flush(10s));
  const auto events = all_events(dir.path);
  REQUIRE(events.size() == 3);
  CHECK(events[1].actor == "teacher");
  CHECK(events[1].detail == R"({"tier":"thcs"})");
  CHECK(events[2].detail == R"("not { json")");
}

TEST_CASE("what no table can hold costs one row, not the batch", "[audit]") {
  TempDir dir;
  auto log = open_log(dir);
  LogRecord odd = allowed_record(1, std::string("a\0b\xff.vn", 7) + std::string(5'000, 'h'));
  odd.method = std::string(10'000, 'M');
  odd.bytes_up = ~std::uint64_t{0};
  REQUIRE(log->write(std::move(odd)));
  REQUIRE(log->write(allowed_record(2, "")));
  REQUIRE(log->flush(10s));
  const auto rows = all_rows(dir.path);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].method == "other");
  CHECK(rows[0].host.size() == 255);
  CHECK(rows[1].host.empty());
}

TEST_CASE("many workers at once: every row that was taken is there", "[audit]") {
  TempDir dir;
  auto log = open_log(dir);
  constexpr int workers = 4, each = 5'000;
  std::vector<std::thread> threads;
  std::atomic<int> taken{0};
  for (int w = 0; w < workers; ++w) {
    threads.emplace_back([&, w] {
      for (int i = 0; i < each; ++i) {
        taken += log->write(allowed_record(static_cast<std::uint64_t>(w * each + i), "a.vn"));
      }
    });
  }
  for (std::thread& t : threads) t.join();
  log->stop();
  CHECK(taken == workers * each);
  std::set<std::string> codes;
  for (const LogRow& row : all_rows(dir.path)) codes.insert(row.code);
  CHECK(codes.size() == workers * each);
}

TEST_CASE("after stop nothing is taken", "[audit]") {
  TempDir dir;
  auto log = open_log(dir);
  CHECK(log->stop());
  CHECK_FALSE(log->write(allowed_record(1, "a.vn")));
}

TEST_CASE("stop does not wait for ever", "[audit]") {
  TempDir dir;
  AccessLogOptions options = log_options(dir);
  options.patience = 50ms;
  options.retry = 1ms;
  std::vector<std::string> said;  // by the writer's thread; read once it has ended
  options.complain = [&](const Message& line) { said.push_back(line.english()); };
  auto log = AccessLog::open(std::move(options));
  REQUIRE(log);
  auto other = Database::open(log_path(dir.path, LogKind::access, Month{2026, 3}), Database::Mode::write);
  REQUIRE(other);
  REQUIRE(other->exec("BEGIN IMMEDIATE") == SQLITE_OK);
  REQUIRE((*log)->write(allowed_record(1, "a.vn")));
  CHECK_FALSE((*log)->stop());
  CHECK((*log)->health().lost == 1);
  REQUIRE(said.size() == 2);  // that it cannot be written, and at the end what that cost
  CHECK_THAT(said[1], Catch::Matchers::Contains("1 rows are lost"));
  CHECK_FALSE((*log)->write(allowed_record(2, "a.vn")));
}
