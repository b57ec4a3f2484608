#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <streambuf>
#include <thread>

#include "proxy/audit/sqlite.h"
#include "tests/config/support.h"
#include "tests/proxy/audit/log_fixture.h"
#include "tests/tools/program_runner.h"

using namespace schoolgate;
using namespace schoolgate::audit;
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

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// Who reads `log --follow`: takes lines until it has enough, then the next write fails, as a pipe's whose
// reader left.
class Follower final : public std::streambuf {
 public:
  explicit Follower(std::size_t wanted) : wanted_(wanted) {}
  // Waits for so many lines, at most 20 s.
  [[nodiscard]] bool has(std::size_t lines) const {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (lines_ < lines && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return lines_ >= lines;
  }
  void leave() noexcept { wanted_ = 0; }
  std::string text;  // once it is over

 private:
  int_type overflow(int_type c) override {
    if (lines_ >= wanted_) return traits_type::eof();
    text += traits_type::to_char_type(c);
    if (text.back() == '\n') ++lines_;
    return c;
  }
  int sync() override { return lines_ >= wanted_ ? -1 : 0; }

  std::atomic<std::size_t> wanted_, lines_{0};
};

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
      "\"ended\":\"blocked\",\"cause\":null,\"count\":1,\"visit\":false}\n");

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
  CHECK(csv.out.find(",ended,cause,count,visit\r\n") != std::string::npos);
  CHECK(csv.out.find(",upstream-failed,\"dns: no answer\",1,0\r\n") != std::string::npos);
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
  CHECK(run({"log", "--dir", dir.path, "--json"}).out.find("\"count\":1234,") != std::string::npos);
  CHECK(run({"log", "--dir", dir.path, "--csv"}).out.find(",1234,0\r\n") != std::string::npos);
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

TEST_CASE("log: which rows", "[tools][log]") {
  TempDir dir;
  const auto log = filled(dir);
  LogRecord pinned = allowed_record(11, "app.vn");
  pinned.ended = Ended::certificate_refused;
  pinned.client = IpAddress::v4(0x0a000399);
  REQUIRE(log->write(std::move(pinned)));
  REQUIRE(log->flush(10s));
  struct Row {
    std::vector<std::string> asked;
    std::vector<const char*> want;  // hosts, in this order
  };
  const Row rows[] = {
      {{}, {"ok.vn", "bad.vn", "sad.vn", "app.vn"}},
      {{"--blocked"}, {"bad.vn"}},
      {{"--pinned"}, {"app.vn"}},
      {{"--tier", "thcs"}, {"bad.vn", "sad.vn"}},
      {{"--tier", "nobody"}, {}},
      {{"--host", "vn"}, {"ok.vn", "bad.vn", "sad.vn", "app.vn"}},
      {{"--host", "https://OK.vn/a?b"}, {"ok.vn"}},  // as people paste it
      {{"--client", "hs-22155316"}, {"ok.vn", "bad.vn", "sad.vn"}},
      {{"--host", "ok.vn", "--blocked"}, {}},  // all that is asked must hold
      {{"--client", "HS-22155316"}, {"ok.vn", "bad.vn", "sad.vn"}},
      {{"-n", "1"}, {"app.vn"}},
      {{"-n", "0"}, {"ok.vn", "bad.vn", "sad.vn", "app.vn"}},
      {{"--since", "2026-03-04"}, {"ok.vn", "bad.vn", "sad.vn", "app.vn"}},
      {{"--since", "2026-03-05"}, {}},
      {{"--since", "2026-03-04", "-n", "2"}, {"sad.vn", "app.vn"}},
      {{"--until", "2026-03-04"}, {"ok.vn", "bad.vn", "sad.vn", "app.vn"}},  // to the end of that day
      {{"--until", "2026-03-03"}, {}},
      {{"--until", "2026-03-04 11:00"}, {}},
      {{"--since", "2026-03-04", "--until", "2026-03-04"}, {"ok.vn", "bad.vn", "sad.vn", "app.vn"}},
      {{"--category", "gambling"}, {"bad.vn"}},
      {{"--category", "self_harm"}, {}},  // who was helped stands in another file
      {{"--action", "block"}, {"bad.vn"}},
      {{"--action", "allow"}, {"ok.vn", "sad.vn", "app.vn"}},
      {{"--action", "refused"}, {}},
      {{"--action", "allow", "--tier", "thcs"}, {"sad.vn"}},
      {{"--safeguarding", "--why", "x", "--action", "help"}, {"sad.vn"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.asked);
    std::vector<std::string> arguments{"log", "--dir", dir.path, "--json"};
    arguments.insert(arguments.end(), row.asked.begin(), row.asked.end());
    const Ran ran = run(arguments);
    CHECK(ran.exit_code == exit_ok);
    CHECK(lines_of(ran.out) == row.want.size());
    std::size_t at = 0;
    for (const char* host : row.want)
      CHECK((at = ran.out.find("\"host\":\"" + std::string(host) + '"', at)) != std::string::npos);
  }
}

TEST_CASE("log: 50 rows, unless a beginning or a number is asked for", "[tools][log]") {
  TempDir dir;
  known_key(dir);
  const auto log = open_log(dir);
  for (std::uint64_t i = 0; i < 60; ++i) REQUIRE(log->write(allowed_record(i, "a.vn")));
  REQUIRE(log->flush(10s));
  CHECK(lines_of(run({"log", "--dir", dir.path}).out) == 50);
  CHECK(lines_of(run({"log", "--dir", dir.path, "--since", "2026-03-01"}).out) == 60);
  CHECK(lines_of(run({"log", "--dir", dir.path, "--since", "2026-03-01", "-n", "50"}).out) == 50);
  CHECK(lines_of(run({"log", "--dir", dir.path, "-n", "0"}).out) == 60);
}

TEST_CASE("log: what is wrongly asked for is told, and nothing printed", "[tools][log]") {
  TempDir dir;
  const auto log = filled(dir);
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"--since", "lunch\x1b[2J"},
                                                {"--code", "7KQ2-M4XH-X"},
                                                {"--since", ""},
                                                {"--until", "dinner"},
                                                {"--action", "forbid\x1b[2J"},
                                                {"--action", "help"},
                                                {"--since", "2026-03-05", "--until", "2026-03-04"}}) {
    CAPTURE(wrong);
    std::vector<std::string> arguments{"log", "--dir", dir.path};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    const Ran ran = run(arguments);
    if (wrong[1].empty()) {
      CHECK(ran.exit_code == exit_ok);  // as if it had not been given
      continue;
    }
    CHECK(ran.exit_code == exit_usage);
    CHECK(ran.out.empty());
    CHECK(ran.err.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("log: a tier or a client that is not there is told", "[tools][log]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("schoolgate.yaml", std::regex_replace(folder.read("schoolgate.yaml"),
                                                     std::regex("tier: staff"), "tier: staff, label: Lab"));
  std::filesystem::create_directory(folder.path("log"));
  struct Row {
    std::vector<std::string> asked;
    int want;
    const char* says;
  };
  const Row rows[] = {
      {{"--tier", "pupil"}, exit_ok, ""},  // there is one, and it has no rows
      {{"--tier", "pupli"}, exit_usage, "there is no tier \"pupli\"; did you mean \"pupil\"?\n"},
      {{"--tier", "xyz"}, exit_usage, "there is no tier \"xyz\"; there are: pupil, staff\n"},
      {{"--client", "10.1.0.5"},
       exit_usage,
       "the log holds no addresses; schoolgate log --reveal 10.1.0.5 --why REASON gives the pseudonyms of "
       "this "
       "one\n"},
      {{"--category", "games"}, exit_ok, ""},
      {{"--category", "gamess"}, exit_usage, "there is no category \"gamess\"; did you mean \"games\"?\n"},
      {{"--category", "qqqq"},
       exit_usage,
       "there is no category \"qqqq\"; there are: gambling, games, learning\n"},
      {{"--client", "Lab"},
       exit_usage,
       "\"Lab\" is a label of who:, and the log knows no networks; --tier staff gives the rows of that "
       "tier\n"},
      {{"--client", "phòng máy"}, exit_usage, "\"phòng máy\" is not a pseudonym such as HS-7K3Q2F9A\n"},
      {{"--client", "HS-7K3Q2F9A"}, exit_ok, "no row of this log is of a client HS-7K3Q2F9A\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.asked);
    std::vector<std::string> arguments{"log", "-c", folder.path("schoolgate.yaml")};
    arguments.insert(arguments.end(), row.asked.begin(), row.asked.end());
    const Ran ran = run(arguments);
    CHECK(ran.exit_code == row.want);
    CHECK(ran.out.empty());
    CHECK(ran.err == row.says);
  }
  // Where the log alone is known, nobody can say which tiers there are.
  const Ran ran = run({"log", "--dir", folder.path("log"), "--tier", "xyz"});
  CHECK(ran.exit_code == exit_ok);
  CHECK(ran.err == "no row of this log is of a tier \"xyz\"\n");
}

TEST_CASE("log top: what most requests were about", "[tools][log]") {
  TempDir dir;
  known_key(dir);
  const auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  for (std::uint64_t i = 0; i < 3; ++i) REQUIRE(log->write(blocked_record(i, "bad.vn", "/")));
  for (std::uint64_t i = 0; i < 5; ++i) REQUIRE(log->write(allowed_record(i, "ok.vn")));
  LogRecord many = blocked_record(9, "evil\x1b[2J.vn", "/");
  many.count = 1'200;
  many.verdict.action = Action::warn;
  many.verdict.rule = RuleRef{0, 4};
  many.time_ms = Month{2026, 4}.begin_ms();  // of another file
  REQUIRE(log->write(std::move(many)));
  REQUIRE(log->flush(10s));
  const auto top = [&](std::vector<std::string> asked) {
    asked.insert(asked.begin(), {"log", "top"});
    asked.insert(asked.end(), {"--dir", dir.path, "--since", "2026-03-01"});
    const Ran ran = run(asked);
    CHECK(ran.exit_code == exit_ok);
    return ran.out;
  };
  CHECK(top({"hosts"}) ==
        "   requests    blocked     warned  host\n"
        "      1,200          0      1,200  evil\\x1b[2J.vn\n"
        "          5          0          0  ok.vn\n"
        "          3          3          0  bad.vn\n");
  CHECK(top({"rules", "--blocked"}) ==
        "   requests    blocked     warned  rule\n"
        "      1,200          0      1,200  tiers.d/thcs.yaml:4  gambling\n"
        "          3          3          0  lists/gambling.txt:12  gambling\n");
  CHECK(top({"categories", "--csv"}) ==
        "category,requests,blocked,warned\r\ngambling,1203,3,1200\r\n,5,0,0\r\n");
  CHECK(top({"categories", "--json", "-n", "1"}) ==
        "{\"category\":\"gambling\",\"requests\":1203,\"blocked\":3,\"warned\":1200}\n");
  CHECK(top({"hosts", "--until", "2026-03-31", "--json"}) ==
        "{\"host\":\"ok.vn\",\"requests\":5,\"blocked\":0,\"warned\":0}\n"
        "{\"host\":\"bad.vn\",\"requests\":3,\"blocked\":3,\"warned\":0}\n");
  LogRecord page = blocked_record(20, "page.vn", "/");
  page.visit = Visit::yes;
  REQUIRE(log->write(std::move(page)));
  REQUIRE(log->flush(10s));
  CHECK(top({"hosts", "--visits", "--csv"}) == "host,requests,blocked,warned\r\npage.vn,1,1,0\r\n");
  CHECK(run({"log", "top", "pupils", "--dir", dir.path}).exit_code == exit_usage);
  CHECK(run({"log", "top", "hosts", "--dir", dir.path}).out ==
        "   requests    blocked     warned  host\n");  // a week
}

TEST_CASE("log: rows of the safeguarding file are not shown where that cannot be recorded", "[tools][log]") {
  TempDir dir;
  const auto log = filled(dir);
  auto db = Database::open(log_path(dir.path, LogKind::access, Month::of(march_2026)), Database::Mode::write);
  REQUIRE(db);
  REQUIRE(db->exec("CREATE TRIGGER refuse BEFORE INSERT ON event WHEN NEW.what = 'safeguarding_read' "
                   "BEGIN SELECT RAISE(ABORT, 'refused'); END") == SQLITE_OK);
  const Ran ran = run({"log", "--dir", dir.path, "--safeguarding", "--why", "a call"});
  CHECK(ran.exit_code == exit_failed);
  CHECK(ran.out.empty());
  CHECK_THAT(ran.err, Catch::Contains("refused"));
}

TEST_CASE("log --follow: each row once, those before and those that come, until the reader leaves",
          "[tools][log]") {
  TempDir dir;
  const auto log = filled(dir);  // three rows
  constexpr std::uint64_t before = 3, after = 200;
  Follower follower(before + after);
  int exit_code = -1;
  std::thread reader([&] {
    std::ostream out(&follower);
    std::ostringstream err;
    Console console{out, err};
    const char* const argv[] = {"schoolgate", "log", "--dir", dir.path.c_str(), "--follow", "--json"};
    exit_code = run_program(6, argv, console);
  });
  const bool shown = follower.has(before);  // from here on rows come while it looks
  for (std::uint64_t i = 0; i < after; ++i) CHECK(log->write(allowed_record(i, "new" + std::to_string(i))));
  const bool all = follower.has(before + after);
  follower.leave();
  reader.join();
  CHECK(shown);
  REQUIRE(all);
  CHECK(exit_code == exit_ok);
  for (std::uint64_t i = 0; i < after; ++i) {
    const std::string host = "\"host\":\"new" + std::to_string(i) + '"';
    const std::size_t first = follower.text.find(host);
    REQUIRE(first != std::string::npos);
    CHECK(follower.text.find(host, first + 1) == std::string::npos);
  }
}

TEST_CASE("log --reveal and retention: asked of the running proxy, and nobody else answers", "[tools][log]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const std::string config = folder.path("schoolgate.yaml");
  struct Row {
    const char* name;
    std::vector<std::string> arguments;
    int want;
    std::string says;
  };
  const Row rows[] = {
      {"nobody runs",
       {"--reveal", "HS-7K3Q2F9A", "--why", "a call"},
       exit_failed,
       "root and members of the group schoolgate-safeguarding"},
      {"two words are no pseudonym",
       {"--reveal", "HS-7K3Q2F9A x", "--why", "a call"},
       exit_usage,
       "neither a pseudonym"},
      {"nor is what is too long",
       {"--reveal", std::string(65, 'H'), "--why", "a call"},
       exit_usage,
       "neither a pseudonym"},
      {"no reason", {"--reveal", "HS-7K3Q2F9A", "--why", " \n\t "}, exit_usage, "--why is empty"},
      {"a reason too long for the socket",
       {"--reveal", "HS-7K3Q2F9A", "--why", std::string(801, 'w')},
       exit_usage,
       "--why is empty or longer than 800 bytes"},
      {"a name that is none",
       {"--reveal", "HS-7K3Q2F9A", "--with", "hoa+binh", "--why", "a call"},
       exit_usage,
       "--with takes an account"},
      {"a name for nothing", {"--with", "hoa"}, exit_usage, "--with"},
      {"retention, and nobody runs", {"retention"}, exit_failed, folder.path("control.sock")},
      {"a date, and nobody runs",
       {"retention", "--confirm", "2026-03-04"},
       exit_failed,
       folder.path("control.sock")},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      std::vector<std::string> arguments{"log"};
      arguments.insert(arguments.end(), row.arguments.begin(), row.arguments.end());
      arguments.insert(arguments.end(), {"-c", config});
      const Ran ran = run(arguments);
      CHECK(ran.exit_code == row.want);
      CHECK_THAT(ran.err, Catch::Contains(row.says));
      CHECK(ran.out.empty());
    }
}
