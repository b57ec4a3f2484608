// A log of two months and both kinds, and what `check_seals` says of copies of it that somebody edited.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "proxy/audit/seal_book.h"
#include "proxy/audit/seal_check.h"
#include "proxy/audit/sealer.h"
#include "proxy/audit/sqlite.h"
#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace std::chrono_literals;

namespace {

// 2026-02-28T23:40:00Z: the month ends while it is written.
constexpr std::int64_t first_ms = 1'772'322'000'000;

struct ClockedLog {
  explicit ClockedLog(const TempDir& dir) {
    AccessLogOptions options = log_options(dir);
    options.now_ms = [this] { return now.load(); };
    options.complain = [this](const Message& line) { complaints += line.english() + "\n"; };
    auto opened = AccessLog::open(std::move(options));
    if (!opened) FAIL(opened.error().message);
    log = std::move(*opened);
    directory = dir.path;
  }
  [[nodiscard]] std::int64_t seals(LogKind kind = LogKind::access) const {
    auto db = Database::open(seals_path(directory, kind), Database::Mode::read);
    return db ? db->integer("SELECT count(*) FROM seal") : 0;
  }
  // The clock goes on to the next span, and what was written is sealed.
  void next_span() {
    REQUIRE(log->flush(10s));
    const std::int64_t before = seals();
    now += span_ms;
    while (seals() == before) {
      log->event("test", "look", "{}");
      REQUIRE(log->flush(10s));
    }
  }
  void write(LogRecord record) {
    record.time_ms = now;
    REQUIRE(log->write(std::move(record)));
  }
  std::atomic<std::int64_t> now{first_ms};
  std::string complaints, directory;
  std::unique_ptr<AccessLog> log;
};

LogRecord tunnel_end_of(std::uint64_t decision) {
  LogRecord end;
  end.part = LogRecord::Part::tunnel_end;
  end.decision = decision;
  end.bytes_down = 77;
  end.ended = Ended::done;
  return end;
}

void write_two_months(const TempDir& dir) {
  ClockedLog log(dir);
  log.log->policy_loaded(sample_snapshot(7));
  for (std::uint64_t span = 0; span < 5; ++span) {
    const std::uint64_t first = 100 * (span + 1);
    for (std::uint64_t i = 0; i < 8; ++i)
      log.write(allowed_record(first + i, "h" + std::to_string(i % 3) + ".vn"));
    log.write(blocked_record(first + 20, "bad.vn", "/x"));
    LogRecord failed = allowed_record(first + 21, "down.vn");
    failed.cause = "dns: no answer";
    failed.count = 3;
    log.write(failed);
    LogRecord tunnel = allowed_record(first + 22, "tunnel.vn");
    tunnel.part = LogRecord::Part::tunnel_open;
    log.write(tunnel);
    LogRecord helped = allowed_record(first + 23, "search.vn");
    helped.help = helped.verdict;
    helped.help->action = Action::help;
    helped.help->category = 1;
    helped.help->flags.alert = true;
    helped.alert = first + 23;
    helped.alert_until_ms = log.now + 1;
    log.write(helped);
    if (span > 0) REQUIRE(log.log->write(tunnel_end_of(first - 100 + 22)));  // of the span before
    log.log->event("uid 7", "reload", R"({"revision":7})");
    if (span < 4) log.next_span();
  }
  REQUIRE(log.log->stop());
  CHECK(log.complaints.empty());
}

SealCheck check(const std::string& directory, std::string witness = "",
                std::optional<SealPublicKey> key = std::nullopt) {
  SealQuestion question;
  question.directory = directory;
  if (key) question.keys.push_back(*key);
  question.witness = std::move(witness);
  auto checked = check_seals(question);
  if (!checked) FAIL(checked.error().message);
  return std::move(*checked);
}

std::string told(const SealCheck& checked) {
  std::string text;
  for (const Finding& one : checked.findings) {
    text += std::string(to_string(one.kind)) + " " + one.file + " " + one.table + " " +
            std::to_string(one.first_seal) + "-" + std::to_string(one.last_seal) + " ids";
    for (const std::int64_t id : one.ids) text += " " + std::to_string(id);
    text += " rows " + std::to_string(one.rows) + " " + one.why + "\n";
  }
  return text;
}

// What the script for auditors says of it, which shares no line with this program: kind, file and table of
// each finding, as `told_shortly` writes them.
std::string script_says(const std::string& directory, const std::string& key_file,
                        const std::string& witness) {
  const std::string command =
      "python3 " SCHOOLGATE_SOURCE_DIR "/packaging/auditor/schoolgate-verify.py '" + directory + "' --key '" +
      key_file + "' --json" + (witness.empty() ? "" : " --seal " + witness) +
      " | python3 -c \"import json,sys; print(''.join(sorted('%s %s %s\\n' % (f['kind'], "
      "f['file'], f['table']) for f in json.load(sys.stdin)['findings'])), end='')\"";
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  for (char buffer[4096]; const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe);)
    text.append(buffer, got);
  CHECK(::pclose(pipe) == 0);
  return text;
}

std::string told_shortly(const SealCheck& checked) {
  std::vector<std::string> lines;
  for (const Finding& one : checked.findings)
    lines.push_back(std::string(to_string(one.kind)) + " " + one.file + " " + one.table + "\n");
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

// Both of them.
SealCheck check_twice(const std::string& directory, const std::string& witness = "") {
  SealCheck checked = check(directory, witness);
  CHECK(script_says(directory, directory + "/seal.pub", witness) == told_shortly(checked));
  return checked;
}

void run_sql(const std::string& path, const std::string& sql) {
  auto db = Database::open(path, Database::Mode::write);
  REQUIRE(db);
  if (db->exec(sql.c_str()) != SQLITE_OK) FAIL(db->error().message << ": " << sql);
}

const TempDir& whole_log() {
  static const TempDir dir;
  static const bool written = [] {
    write_two_months(dir);
    return true;
  }();
  (void)written;
  return dir;
}

struct Copy {
  Copy() {
    std::filesystem::remove_all(dir.path);
    std::filesystem::copy(whole_log().path, dir.path, std::filesystem::copy_options::recursive);
  }
  void sql(const std::string& file, const std::string& text) const { run_sql(dir.path + "/" + file, text); }
  TempDir dir;
};

const std::string feb = "access-2026-02.db", mar = "access-2026-03.db", help = "safeguarding-2026-03.db";

}  // namespace

TEST_CASE("seals: a log that nobody edited is whole, and every row of it is sealed", "[audit][seal]") {
  const SealCheck checked = check_twice(whole_log().path);
  CAPTURE(told(checked));
  CHECK(checked.whole());
  CHECK(checked.findings.empty());
  REQUIRE(checked.chains.size() == 2);
  CHECK(checked.chains[0].rows == 5 * 12);
  CHECK(checked.chains[1].rows == 5);
  CHECK(checked.chains[0].seals >= 5);
  CHECK(checked.chains[0].last_digest.size() == 64);
  // What is on paper is in the chain.
  CHECK(check(whole_log().path, checked.chains[0].last_digest.substr(0, 12)).whole());
  CHECK_FALSE(check(whole_log().path, std::string(64, 'a')).whole());
}

TEST_CASE("seals: each edit of a copy is found and named", "[audit][seal]") {
  struct Edit {
    const char* name;
    std::string file, sql;
    FindingKind kind;
    std::string at, table;  // of the finding
  };
  const Edit edits[] = {
      {"a row changed", mar, "UPDATE access SET status = 404 WHERE id = 3", FindingKind::changed, mar,
       "access"},
      {"a time shifted", mar, "UPDATE access SET ts_ms = ts_ms + 1 WHERE id = 3", FindingKind::changed, mar,
       "access"},
      {"a row deleted", mar, "DELETE FROM access WHERE id = 4", FindingKind::missing, mar, "access"},
      {"a row inserted at the end", mar,
       "INSERT INTO access SELECT NULL, ts_ms, code, client_id, host_id, ruling_id, action, seen, method, "
       "port, status,"
       " bytes_up, bytes_down, duration_ms, ended, path FROM access WHERE id = 2",
       FindingKind::added, mar, "access"},
      {"a row inserted before the first", mar,
       "INSERT INTO access SELECT -5, ts_ms, code, client_id, host_id, ruling_id, action, seen, method, "
       "port, status,"
       " bytes_up, bytes_down, duration_ms, ended, path FROM access WHERE id = 2",
       FindingKind::added, mar, "access"},
      {"two rows swapped", mar,
       "UPDATE access SET id = 100000 WHERE id = 2; UPDATE access SET id = 2 WHERE id = 3;"
       "UPDATE access SET id = 3 WHERE id = 100000",
       FindingKind::changed, mar, "access"},
      {"a host's name edited", feb, "UPDATE host SET name = 'good.vn' WHERE name = 'bad.vn'",
       FindingKind::changed, feb, "host"},
      {"a client's name edited", feb, "UPDATE client SET name = 'HS-AAAAAAAA' WHERE id = 1",
       FindingKind::changed, feb, "client"},
      {"a ruling edited", feb, "UPDATE ruling SET line = 99 WHERE line = 12", FindingKind::changed, feb,
       "ruling"},
      {"a policy edited", feb, "UPDATE policy SET digest = 'other'", FindingKind::changed, feb, "policy"},
      {"a word for a number edited", feb, "UPDATE action SET name = 'allow' WHERE id = 2",
       FindingKind::changed, feb, "action"},
      {"a tunnel's end edited", feb,
       "UPDATE tunnel_end SET bytes_down = 1 WHERE id = (SELECT min(id) FROM tunnel_end)",
       FindingKind::changed, feb, "tunnel_end"},
      {"a tunnel's end removed", feb, "DELETE FROM tunnel_end WHERE id = (SELECT min(id) FROM tunnel_end)",
       FindingKind::missing, feb, "tunnel_end"},
      {"a tunnel's end invented", feb, "INSERT INTO tunnel_end VALUES (1, 0, 0, 0, 0)", FindingKind::added,
       feb, "tunnel_end"},
      {"an event removed", mar,
       "DELETE FROM event WHERE id = (SELECT min(id) FROM event WHERE what = 'reload')", FindingKind::missing,
       mar, "event"},
      {"an event changed", mar, "UPDATE event SET actor = 'uid 8' WHERE what = 'reload'",
       FindingKind::changed, mar, "event"},
      {"a count edited", feb, "UPDATE summed SET count = 1", FindingKind::changed, feb, "access"},
      {"a detail edited", feb, "UPDATE detail SET cause = 'refused'", FindingKind::changed, feb, "access"},
      {"a row of the safeguarding file removed", help, "DELETE FROM access WHERE id = 1",
       FindingKind::missing, help, "access"},
      {"a case edited", help, "UPDATE alert_case SET theme = 'other'", FindingKind::changed, help,
       "alert_case"},
      {"a seal removed", "seals.db", "DELETE FROM seal WHERE number = 2", FindingKind::seal_missing, "", ""},
      {"the first seals removed", "seals.db", "DELETE FROM seal WHERE number < 3", FindingKind::seal_missing,
       "", ""},
      {"the last seals removed", "seals.db", "DELETE FROM seal WHERE number > 3", FindingKind::seal_missing,
       mar, ""},
      {"two seals in each other's place", "seals.db",
       "UPDATE seal SET number = 1000 WHERE number = 2; UPDATE seal SET number = 2 WHERE number = 3;"
       "UPDATE seal SET number = 3 WHERE number = 1000",
       FindingKind::seal_changed, "", ""},
      {"a seal's text edited", "seals.db",
       "UPDATE seal SET text = replace(text, 'access: ', 'access: 1') WHERE number = 2",
       FindingKind::seal_changed, "", ""},
      {"a signature of another seal", "seals.db",
       "UPDATE seal SET signature = (SELECT signature FROM seal WHERE number = 2) WHERE number = 3",
       FindingKind::seal_changed, "", ""},
      {"which file it is edited", mar, "UPDATE born SET id = '0000000000000000'", FindingKind::no_file, mar,
       ""},
  };
  for (const Edit& edit : edits) {
    DYNAMIC_SECTION(edit.name) {
      const Copy copy;
      copy.sql(edit.file, edit.sql);
      const SealCheck checked = check_twice(copy.dir.path);
      CAPTURE(told(checked));
      CHECK_FALSE(checked.whole());
      CHECK(std::any_of(checked.findings.begin(), checked.findings.end(), [&](const Finding& one) {
        return one.kind == edit.kind && one.file == edit.at && one.table == edit.table;
      }));
    }
  }
}

TEST_CASE("seals: whole files that are gone, exchanged or older are found and named", "[audit][seal]") {
  const Copy copy;
  const std::string& path = copy.dir.path;
  const auto finds = [&](const SealCheck& checked, FindingKind kind) {
    CAPTURE(told(checked));
    CHECK_FALSE(checked.whole());
    CHECK(std::any_of(checked.findings.begin(), checked.findings.end(),
                      [&](const Finding& one) { return one.kind == kind; }));
  };
  SECTION("a whole month removed") {
    std::filesystem::remove(path + "/" + feb);
    finds(check_twice(path), FindingKind::no_file);
  }
  SECTION("a month's file exchanged for another one's") {
    std::filesystem::copy_file(path + "/" + mar, path + "/" + feb,
                               std::filesystem::copy_options::overwrite_existing);
    finds(check_twice(path), FindingKind::no_file);
  }
  SECTION("all seals removed") {
    std::filesystem::remove(path + "/seals.db");
    finds(check_twice(path), FindingKind::seal_missing);
  }
  SECTION("an older copy of a month's file") {
    copy.sql(
        mar,
        "DELETE FROM access WHERE id > 4; DELETE FROM event WHERE id > 2; DELETE FROM detail WHERE id > 4;"
        "DELETE FROM summed WHERE id > 4; DELETE FROM tunnel_end WHERE id > 4");
    finds(check_twice(path), FindingKind::missing);
  }
  SECTION("an older copy of everything: only the seal on paper tells") {
    const std::string paper = check(path).chains[0].last_digest;
    copy.sql(mar,
             "DELETE FROM access; DELETE FROM event; DELETE FROM detail; DELETE FROM summed; DELETE FROM "
             "tunnel_end");
    std::filesystem::remove(path + "/" + mar);
    run_sql(path + "/seals.db", "DELETE FROM seal WHERE file = '" + mar +
                                    "'; DELETE FROM seal WHERE number > "
                                    "(SELECT max(number) FROM seal WHERE file = '" +
                                    feb + "')");
    const SealCheck now = check(path);
    CHECK(std::none_of(now.chains.begin(), now.chains.end(),
                       [&](const SealCheck::Chain& chain) { return chain.last_digest == paper; }));
    finds(check_twice(path, paper), FindingKind::no_witness);
  }
  SECTION("signed anew with another key") {
    const auto before = SealKey::load(path + "/seal.key");
    REQUIRE(before);
    std::filesystem::remove(path + "/seal.key");
    REQUIRE(Sealer::open(path, first_ms));  // makes another key, and writes its public half
    finds(check(path), FindingKind::key_changed);
    CHECK(check(path, "", before->public_key()).whole());
  }
}

TEST_CASE("seals: what ends by force is sealed at the next start, and says so", "[audit][seal]") {
  TempDir dir, copy;
  {
    ClockedLog log(dir);
    log.write(allowed_record(1, "a.vn"));
    REQUIRE(log.log->flush(10s));
    std::filesystem::remove_all(copy.path);
    std::filesystem::copy(dir.path, copy.path, std::filesystem::copy_options::recursive);
    const SealCheck running = check(copy.path);
    CAPTURE(told(running));
    CHECK(running.whole());
    REQUIRE(running.findings.size() == 1);
    CHECK(running.findings[0].kind == FindingKind::unsealed);
  }
  ClockedLog again(copy);
  CHECK(again.complaints.find("did not stop in order") != std::string::npos);
  REQUIRE(again.log->stop());
  auto book = SealBook::open(copy.path, LogKind::access, Database::Mode::read);
  REQUIRE(book);
  std::vector<std::string> notes;
  REQUIRE(book->each("",
                     [&](KeptSeal&& kept) {
                       const auto seal = parse_seal(kept.text);
                       REQUIRE(seal);
                       notes.push_back(seal->note);
                     })
              .ok());
  CHECK(notes == std::vector<std::string>{"cut", "stop"});
  const SealCheck checked = check(copy.path);
  CAPTURE(told(checked));
  CHECK(checked.findings.empty());
}

TEST_CASE("seals: a file of before is in order, and what comes after is sealed", "[audit][seal]") {
  TempDir dir;
  {
    ClockedLog log(dir);
    log.write(allowed_record(1, "a.vn"));
    REQUIRE(log.log->stop());
  }
  for (const char* name :
       {"/seals.db", "/seals.db-wal", "/seals.db-shm", "/seals-safeguarding.db", "/seal.key"})
    std::filesystem::remove(dir.path + name);
  run_sql(dir.path + "/" + feb, "DROP VIEW log; DROP TABLE born; DROP TABLE again");
  const SealCheck old = check(dir.path);
  CHECK(old.whole());
  REQUIRE(old.findings.size() == 1);
  CHECK(old.findings[0].kind == FindingKind::before);
  {
    ClockedLog log(dir);
    log.write(allowed_record(2, "b.vn"));
    REQUIRE(log.log->stop());
  }
  const SealCheck now = check(dir.path);
  CAPTURE(told(now));
  CHECK(now.whole());
  REQUIRE(now.findings.size() == 1);
  CHECK(now.findings[0].kind == FindingKind::before);
  CHECK(now.findings[0].rows == 1);
  CHECK(now.chains[0].rows == 1);
}
