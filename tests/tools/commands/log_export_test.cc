#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "proxy/audit/sqlite.h"
#include "tests/proxy/audit/log_fixture.h"
#include "tests/tools/program_runner.h"
#include "tests/tools/valid_json.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace schoolgate::tools;
using namespace schoolgate::tools_test;
using namespace std::chrono_literals;

namespace {

// An allowed row, a blocked one, and one of a search for help that was let through; in March and April.
std::unique_ptr<AccessLog> school_log(const TempDir& dir) {
  auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  REQUIRE(log->write(allowed_record(1, "ok.vn")));
  REQUIRE(log->write(blocked_record(0x39d7a5125, "bad.vn", "/=cmd\x1b[2J,")));
  LogRecord help = allowed_record(3, "sad.vn");
  help.tier = 1;
  help.help = blocked_record(3, "", "").verdict;
  help.help->action = Action::help;
  help.help->category = 1;
  REQUIRE(log->write(std::move(help)));
  LogRecord later = allowed_record(4, "april.vn");
  later.time_ms = Month{2026, 4}.begin_ms() + 5;
  REQUIRE(log->write(std::move(later)));
  REQUIRE(log->flush(10s));
  return log;
}

Ran export_of(const TempDir& dir, std::vector<std::string> asked) {
  asked.insert(asked.begin(), {"log", "export"});
  asked.insert(asked.end(), {"--dir", dir.path});
  return run(asked);
}

std::string events_of(const TempDir& dir) {
  return run({"log", "--dir", dir.path, "--events", "--json"}).out;
}

std::vector<std::string> lines_in(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string value_of(const std::string& line, const std::string& name) {
  const std::string key = "\"" + name + "\":\"";
  const std::size_t at = line.find(key);
  if (at == std::string::npos) return {};
  return line.substr(at + key.size(), line.find('"', at + key.size()) - at - key.size());
}

}  // namespace

TEST_CASE("log export: which rows, as `log` chooses them", "[tools][log][export]") {
  TempDir dir;
  const auto log = school_log(dir);
  struct Row {
    std::vector<std::string> asked;
    std::vector<std::string> want;
  };
  const Row rows[] = {
      {{}, {"ok.vn", "bad.vn", "sad.vn", "april.vn"}},
      {{"--blocked"}, {"bad.vn"}},
      {{"--tier", "thcs"}, {"bad.vn", "sad.vn"}},
      {{"--until", "2026-03-31"}, {"ok.vn", "bad.vn", "sad.vn"}},
      {{"--since", "2026-04-01"}, {"april.vn"}},
      {{"--category", "gambling"}, {"bad.vn"}},
      {{"--category", "self_harm"}, {}},
      {{"--action", "allow", "--host", "vn"}, {"ok.vn", "sad.vn", "april.vn"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.asked);
    const Ran ran = export_of(dir, row.asked);
    CHECK(ran.exit_code == exit_ok);
    std::vector<std::string> hosts;
    for (const std::string& line : lines_in(ran.out)) {
      CHECK(is_json(line));
      hosts.push_back(value_of(line, "url.domain"));
    }
    CHECK(hosts == row.want);
    CHECK(ran.out.find("HS-") == std::string::npos);
  }
}

TEST_CASE("log export: who was helped is the row that anybody sees", "[tools][log][export]") {
  TempDir dir;
  const auto log = school_log(dir);
  for (const char* format : {"jsonl", "csv"}) {
    const std::string out = export_of(dir, {"--format", format, "--with-clients", "--why", "a call"}).out;
    CHECK(out.find("sad.vn") != std::string::npos);
    CHECK(out.find("self_harm") == std::string::npos);
    CHECK(out.find("help") == std::string::npos);
  }
  CHECK(export_of(dir, {"--action", "help"}).exit_code == exit_usage);
  CHECK(export_of(dir, {"--safeguarding"}).exit_code == exit_usage);
}

TEST_CASE("log export: clients for a reason alone, and each export an event", "[tools][log][export]") {
  TempDir dir;
  const auto log = school_log(dir);
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"--with-clients"},
                                                {"--with-clients", "--why", " \n"},
                                                {"--with-clients", "--why", std::string(801, 'w')},
                                                {"--client", "HS-7K3Q2F9A"},
                                                {"--client", "HS-7K3Q2F9A", "--why", "x"},
                                                {"--format", "xml"}}) {
    const Ran ran = export_of(dir, wrong);
    CHECK(ran.exit_code == exit_usage);
    CHECK(ran.out.empty());
  }
  CHECK(events_of(dir).find("log_taken") == std::string::npos);
  const Ran named = export_of(dir, {"--with-clients", "--why", "a \"call\"", "--host", "bad.vn"});
  CHECK(named.exit_code == exit_ok);
  CHECK_THAT(named.out, Catch::Contains("\"client.address\":\"HS-") && Catch::Contains("04:53:20.123Z"));
  CHECK_THAT(events_of(dir), Catch::Contains(R"("what":"log_taken")") &&
                                 Catch::Contains(R"("host":"bad.vn")") &&
                                 Catch::Contains(R"("clients":true,"why":"a \"call\""})"));
  CHECK(export_of(dir, {"--format", "csv"}).exit_code == exit_ok);
  CHECK_THAT(events_of(dir), Catch::Contains(R"("format":"csv","clients":false})"));
}

TEST_CASE("log export: what cannot be recorded is not exported", "[tools][log][export]") {
  TempDir dir;
  const auto log = school_log(dir);
  auto db = Database::open(log_path(dir.path, LogKind::access, Month{2026, 4}), Database::Mode::write);
  REQUIRE(db);
  REQUIRE(db->exec("CREATE TRIGGER refuse BEFORE INSERT ON event WHEN NEW.what = 'log_taken' "
                   "BEGIN SELECT RAISE(ABORT, 'refused'); END") == SQLITE_OK);
  const std::string out = dir.root + "/rows.jsonl";
  const Ran ran = export_of(dir, {"--out", out});
  CHECK(ran.exit_code == exit_failed);
  CHECK_THAT(ran.err, Catch::Contains("refused"));
  CHECK_FALSE(std::filesystem::exists(out));
  CHECK(export_of(dir, {}).out.empty());
}

TEST_CASE("log export: into a file, which replaces none", "[tools][log][export]") {
  TempDir dir;
  const auto log = school_log(dir);
  const std::string out = dir.root + "/rows.csv";
  const auto mode = [&] {
    struct stat info {};
    REQUIRE(::stat(out.c_str(), &info) == 0);
    return info.st_mode & 0777;
  };
  const Ran made = export_of(dir, {"--format", "csv", "--out", out});
  CHECK(made.exit_code == exit_ok);
  CHECK(made.out == out + ": 4 rows\n");
  CHECK(mode() == 0640);
  std::ifstream in(out, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  CHECK(text == export_of(dir, {"--format", "csv"}).out);
  CHECK_THAT(text, Catch::StartsWith("@timestamp,event.type,") && Catch::Contains("\"/=cmd\\x1b[2J,\""));
  const Ran again = export_of(dir, {"--out", out});
  CHECK(again.exit_code == exit_failed);
  CHECK_THAT(again.err, Catch::Contains("is there already"));
  std::filesystem::remove(out);
  CHECK(export_of(dir, {"--out", out, "--with-clients", "--why", "x"}).exit_code == exit_ok);
  CHECK(mode() == 0600);
}

TEST_CASE("log export: more rows than one piece, each once, in the order of time", "[tools][log][export]") {
  TempDir dir;
  const auto log = open_log(dir);
  constexpr std::uint64_t many = 12'007;
  for (std::uint64_t i = 0; i < many; ++i) {
    LogRecord row = allowed_record(i, "n" + std::to_string(i) + ".vn");
    row.time_ms += static_cast<std::int64_t>(i / 9'000) * 60'000;  // most have one time
    REQUIRE(log->write(std::move(row)));
  }
  REQUIRE(log->flush(30s));
  const auto lines = lines_in(export_of(dir, {}).out);
  REQUIRE(lines.size() == many);
  for (std::uint64_t i = 0; i < many; ++i)
    if (value_of(lines[i], "url.domain") != "n" + std::to_string(i) + ".vn") FAIL(lines[i]);
}
