#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/proxy/audit/log_fixture.h"
#include "tests/tools/program_runner.h"
#include "tools/commands/log_print.h"

using namespace schoolgate;
using namespace schoolgate::audit_test;
using namespace schoolgate::tools;
using namespace schoolgate::tools_test;
using namespace std::chrono_literals;

namespace {

// A known key makes known pseudonyms.
void known_key(const TempDir& dir) {
  std::filesystem::create_directories(dir.path);
  const std::string path = dir.path + "/keys";
  std::ofstream(path) << "2026-03 " << std::string(64, '0') << "\n";
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
}

std::unique_ptr<AccessLog> filled(const TempDir& dir) {
  known_key(dir);
  auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  REQUIRE(log->write(allowed_record(1, "ok.vn")));
  REQUIRE(log->write(blocked_record(0x39d7a5125, "bad.vn", "/=cmd\x1b[2J,\xe2\x80\xae")));
  LogRecord help = allowed_record(3, "sad.vn");
  help.tier = 1;
  help.method = "GET";
  help.port = 80;
  help.help = blocked_record(3, "", "").verdict;
  help.help->action = Action::help;
  help.help->category = 1;
  REQUIRE(log->write(std::move(help)));
  REQUIRE(log->flush(10s));
  return log;
}

}  // namespace

TEST_CASE("log: text, JSON and CSV of the same rows", "[tools][log]") {
  TempDir dir;
  const auto log = filled(dir);
  const Ran text = run({"log", "--dir", dir.path});
  CHECK(text.exit_code == 0);
  CHECK(text.out ==
        "2026-03-04 11:53:20  HS-22155316  tieu_hoc  allow CONNECT ok.vn  200\n"
        "2026-03-04 11:53:20  HS-22155316  thcs      block GET bad.vn/=cmd\\x1b[2J,\\xe2\\x80\\xae  403  "
        "gambling+record+locked  lists/gambling.txt:12  0EEQ-MM95\n"
        "2026-03-04 11:53:20  HS-22155316  thcs      allow GET sad.vn  200\n");

  const Ran json = run({"log", "--dir", dir.path, "--json", "--blocked"});
  CHECK(
      json.out ==
      "{\"time\":\"2026-03-04T04:53:20.123Z\",\"local_time\":\"2026-03-04T11:53:20+07:00\",\"code\":\"0EEQ-"
      "MM95\","
      "\"client\":\"HS-22155316\",\"tier\":\"thcs\",\"action\":\"block\",\"flags\":\"record+locked\","
      "\"method\":\"GET\","
      "\"host\":\"bad.vn\",\"port\":80,\"path\":\"/"
      "=cmd\\\\x1b[2J,\\\\xe2\\\\x80\\\\xae\",\"status\":403,\"seen\":\"url\","
      "\"layer\":\"category\",\"reason\":\"category\",\"category\":\"gambling\",\"rule\":\"lists/"
      "gambling.txt:12\","
      "\"revision\":7,\"digest\":\"digest-7\",\"bytes_up\":300,\"bytes_down\":5000000000,\"duration_ms\":25,"
      "\"ended\":\"blocked\",\"cause\":null,\"count\":1}\n");

  const Ran csv = run({"log", "--dir", dir.path, "--csv", "--host", "ok.vn"});
  CHECK(csv.out.starts_with("time,local_time,code,client,tier,action,"));
  CHECK(csv.out.find("\r\n2026-03-04T04:53:20.123Z,2026-03-04T11:53:20+07:00,0000-0001,HS-22155316,tieu_hoc,"
                     "allow,,CONNECT,"
                     "ok.vn,443,,200,") != std::string::npos);
}

TEST_CASE("log: what was never judged is no block, and what failed upstream says why", "[tools][log]") {
  TempDir dir;
  const auto log = filled(dir);
  LogRecord refused = blocked_record(0x39d7a5126, "odd.vn", {});
  refused.verdict = Verdict::refused(Reason::bad_request);
  refused.status = 400;
  refused.ended = Ended::refused;
  refused.cause = "no_version\x1b[2J";
  LogRecord failed = allowed_record(9, "gone.vn");
  failed.status = 502;
  failed.ended = Ended::upstream_failed;
  failed.cause = "dns: no answer";
  REQUIRE(log->write(std::move(refused)));
  REQUIRE(log->write(std::move(failed)));
  REQUIRE(log->flush(10s));
  const Ran text = run({"log", "--dir", dir.path, "--limit", "2"});
  CHECK(text.out ==
        "2026-03-04 11:53:20  HS-22155316  thcs      refused GET odd.vn  400  bad_request "
        "(no_version\\x1b[2J)  "
        "0EEQ-MM96\n"
        "2026-03-04 11:53:20  HS-22155316  tieu_hoc  allow CONNECT gone.vn  502  upstream-failed (dns: no "
        "answer)\n");
  CHECK(run({"log", "--dir", dir.path, "--blocked"}).out.find("odd.vn") == std::string::npos);
  const Ran json = run({"log", "--dir", dir.path, "--json", "--code", "0EEQ-MM96"});
  CHECK(json.out.find("\"action\":\"refused\"") != std::string::npos);
  CHECK(json.out.find("\"layer\":\"refused\",\"reason\":\"bad_request\"") != std::string::npos);
  const Ran csv = run({"log", "--dir", dir.path, "--csv", "--host", "gone.vn"});
  CHECK(csv.out.find(",ended,cause,count\r\n") != std::string::npos);
  CHECK(csv.out.find(",upstream-failed,\"dns: no answer\",1\r\n") != std::string::npos);
}

TEST_CASE("log: a row that stands for many", "[tools][log]") {
  TempDir dir;
  known_key(dir);
  const auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  LogRecord row = blocked_record(1, "many.vn", "/");
  row.count = 1'234;
  REQUIRE(log->write(std::move(row)));
  REQUIRE(log->flush(10s));
  CHECK(run({"log", "--dir", dir.path}).out.find("  stands for 1,234  ") != std::string::npos);
  CHECK(run({"log", "--dir", dir.path, "--json"}).out.find("\"count\":1234}") != std::string::npos);
  CHECK(run({"log", "--dir", dir.path, "--csv"}).out.find(",1234\r\n") != std::string::npos);
}

TEST_CASE("log: the code on a page finds its row", "[tools][log]") {
  TempDir dir;
  const auto log = filled(dir);
  CHECK(run({"log", "--dir", dir.path, "--code", "0eeqmm95"}).out.find("bad.vn") != std::string::npos);
  CHECK(run({"log", "--dir", dir.path, "--code", "7KQ2-M4XH"}).out.empty());
  CHECK(run({"log", "--dir", dir.path, "--code", "?"}).exit_code == exit_usage);
}

TEST_CASE("log: who reads the safeguarding rows is recorded", "[tools][log]") {
  TempDir dir;
  const auto log = filled(dir);
  const Ran rows = run({"log", "--dir", dir.path, "--safeguarding", "--why", "a \"call\""});
  CHECK(rows.exit_code == 0);
  CHECK(rows.out.find("sad.vn") != std::string::npos);
  CHECK(rows.out.find("self_harm") != std::string::npos);
  const Ran events = run({"log", "--dir", dir.path, "--events", "--json"});
  CHECK(events.out.find(R"("what":"safeguarding_read","detail":{"why":"a \"call\""}})") != std::string::npos);
}

TEST_CASE("log: a folder that is not there", "[tools][log]") {
  const Ran ran = run({"log", "--dir", "/nonexistent/log"});
  CHECK(ran.exit_code == exit_failed);
  CHECK(ran.err.find("/nonexistent/log") != std::string::npos);
}

TEST_CASE("--since", "[tools][log]") {
  const TimeZone zone;  // +07
  const std::int64_t now = march_2026;
  struct Case {
    const char* text;
    std::optional<std::int64_t> want;
  };
  const Case cases[] = {
      {"90s", now - 90'000},
      {"15m", now - 900'000},
      {"2h", now - 7'200'000},
      {"7d", now - 604'800'000},
      {"2026-03-04", 1'772'557'200'000},  // midnight at +07
      {"2026-03-04 07:30", 1'772'584'200'000},
      {"2026-03-04T07:30", 1'772'584'200'000},
      {"", std::nullopt},
      {"h", std::nullopt},
      {"-1h", std::nullopt},
      {"1.5h", std::nullopt},
      {"1y", std::nullopt},
      {"99999999999999999999s", std::nullopt},
      {"2026-13-01", std::nullopt},
      {"2026-03-04 24:00", std::nullopt},
      {"2026-03-04 07:3", std::nullopt},
      {"yesterday", std::nullopt},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION('"' << c.text << '"') {
      CHECK(parse_since(c.text, now, zone) == c.want);
    }
  }
}
