// What the running proxy answers to teachers: who may do what, what stays closed, and that all is kept and
// told.
#include "tools/daemon/teacher_desk.h"

#include <pwd.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>

#include "tests/config/support.h"
#include "tests/proxy/audit/log_fixture.h"
#include "tools/console/console.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

constexpr uid_t root = 0;

// An account that every Debian system has.
constexpr uid_t teacher = 1;
std::string teacher_name() {
  const passwd* const entry = ::getpwuid(teacher);
  return entry == nullptr ? "" : entry->pw_name;
}

class Desk {
 public:
  explicit Desk(const std::string& delegation = {}) {
    test::write_small_school(folder);
    folder.write("tiers.d/pupil.yaml", R"(version: 1
tier: pupil
name: Pupils
default: allow
may_override: [games]
categories: {gambling: block+locked, games: block, learning: allow}
block: [line.test]
)");
    folder.write("tiers.d/listed.yaml", R"(version: 1
tier: listed
name: Listed
default: block
categories: {gambling: block+locked, games: block, learning: allow}
)");
    folder.write("state/.keep", "");
    folder.write("bundles.yaml", R"(version: 1
bundles:
  play: {name: Play, hosts: [games.test, line.test], source: s, date: 2027-01-31, checked: true}
  shut: {name: Shut, hosts: [line.test], source: s, date: 2027-01-31, checked: true}
)");
    std::string rooms = folder.read("schoolgate.yaml");
    rooms.insert(rooms.find("who:\n") + 5, R"(  - {network: 10.2.0.0/24, tier: pupil, label: "Phòng máy 1"}
  - {network: 10.3.0.0/24, tier: pupil, label: "Phòng máy 2"}
)");
    folder.write("schoolgate.yaml", rooms);
    folder.write("delegation.yaml", "version: 1\nteachers:\n  - {account: " + teacher_name() +
                                        ", tiers: [pupil, listed], open: [games], block: [games]" +
                                        delegation + "}\n");
    load_school();
    log = audit_test::open_log(dir, now.wall_ms);
    open();
  }
  void load_school() {
    std::string main = folder.read("schoolgate.yaml");
    if (main.find("language") == std::string::npos)
      main.replace(main.find("{name: Test}"), 12, "{name: Test, language: en}");
    folder.write("schoolgate.yaml", main);
    const LoadResult loaded = folder.load();
    INFO(folder.text_of(loaded));
    REQUIRE(loaded.snapshot);
    auto mine = std::make_shared<Snapshot>(*loaded.snapshot);
    mine->config.state_directory = folder.path("state");
    mine->config.log.directory = dir.path;
    snapshot = mine;
  }
  void open() {
    desk.emplace(*log, TeacherDesk::Hooks{
                           .current = [this] { return snapshot; },
                           .apply = [this](std::vector<OverrideRow> rows) { applied = std::move(rows); },
                           .explain = {[](const Snapshot&, const std::shared_ptr<const Overrides>& all,
                                          std::int64_t doubted, const TeacherQuestion& question) {
                                         return Reply{exit_ok, question.target +
                                                                   (all ? " with" : " without") +
                                                                   (doubted != 0 ? ", in doubt" : "")};
                                       },
                                       [this] { return doubted_until_ms; }},
                           .now = [this] { return now; }});
  }
  std::string ask(const std::string& question, uid_t asker = teacher) {
    return desk->reply(question, asker).text;
  }
  std::string events(const std::string& what) {
    REQUIRE(log->flush(10s));
    const auto all = LogReader(dir.path).events(std::nullopt, 0);
    REQUIRE(all);
    std::string text;
    for (const auto& event : *all)
      if (event.what == what) text += event.actor + " " + event.detail + "\n";
    return text;
  }
  void pass(std::chrono::minutes time) {
    now.wall_ms += std::chrono::milliseconds(time).count();
    now.steady += time;
  }

  test::Folder folder;
  audit_test::TempDir dir;
  std::int64_t doubted_until_ms = 0;
  Moment now{audit_test::march_2026, std::chrono::steady_clock::time_point(100h)};
  std::shared_ptr<const Snapshot> snapshot;
  std::unique_ptr<AccessLog> log;
  std::vector<OverrideRow> applied;
  std::optional<TeacherDesk> desk;

 private:
  using LogReader = audit::LogReader;
};

}  // namespace

TEST_CASE("teacher desk: the path of its socket", "[tools][teacher]") {
  CHECK(teacher_socket_path("/run/schoolgate/control.sock") == "/run/schoolgate/teacher.sock");
  CHECK(teacher_socket_path("control.sock") == "teacher.sock");
  CHECK(teacher_socket_path("/tmp/a.sock") == "/tmp/a-teacher.sock");
  CHECK(teacher_socket_path("/tmp/mycontrol.sock") == "/tmp/mycontrol-teacher.sock");
  CHECK(teacher_socket_path("/tmp/a") == "/tmp/a-teacher.sock");
}

TEST_CASE("teacher desk: who may do what", "[tools][teacher]") {
  REQUIRE_FALSE(teacher_name().empty());
  struct Row {
    const char *name, *question;
    uid_t asker;
    const char* more;  // in her delegation
    bool done;
    const char* says;
  };
  const char* const may_not = "your account may not lift all that closes ";
  const Row rows[] = {
      {"a site of her category", "allow\ttarget=games.test\ttier=pupil\twhy=x", teacher, "", true,
       "games.test is open in tier \"pupil\" until "},
      {"... as it is pasted", "allow\ttarget=https://Games.test/\ttier=pupil\twhy=x", teacher, "", true,
       "games.test is open"},
      {"her category", "allow\ttarget=games\ttier=pupil\twhy=x", teacher, "", true,
       "games is open in tier \"pupil\""},
      {"any site to block", "block\ttarget=new.test\ttier=pupil\twhy=x", teacher, "", true,
       "new.test is blocked"},
      {"a locked site", "allow\ttarget=bet.test\ttier=pupil\twhy=x", teacher, "", false,
       "bet.test is locked in tier \"pupil\""},
      {"... of root", "allow\ttarget=bet.test\ttier=pupil\twhy=x", root, "", false, "bet.test is locked"},
      {"a line's site", "allow\ttarget=line.test\ttier=pupil\twhy=x", teacher, "", false, may_not},
      {"... with lines", "allow\ttarget=line.test\ttier=pupil\twhy=x", teacher, ", lines: true", true,
       "line.test is open"},
      {"... of root", "allow\ttarget=line.test\ttier=pupil\twhy=x", root, "", true, "line.test is open"},
      {"what no list holds", "allow\ttarget=new.test\ttier=listed\twhy=x", teacher, "", false,
       "no list knows new.test, and your account may not open what is unknown in tier \"listed\""},
      {"... with unknown", "allow\ttarget=new.test\ttier=listed\twhy=x", teacher, ", unknown: true", true,
       "new.test is open"},
      {"a category that the tier does not name", "allow\ttarget=games.test\ttier=listed\twhy=x", teacher, "",
       false, may_not},
      {"another tier", "allow\ttarget=games.test\ttier=staff\twhy=x", teacher, "", false,
       "delegation.yaml gives \""},
      {"no tier", "allow\ttarget=games.test\ttier=none\twhy=x", root, "", false,
       "there is no tier \"none\"; there are: "},
      {"a tier in capitals", "allow\ttarget=games.test\ttier=PUPIL\twhy=x", root, "", false,
       "there is no tier \"PUPIL\"; did you mean \"pupil\"?"},
      {"a category that helps nobody know", "allow\ttarget=learning\ttier=pupil\twhy=x", teacher, "", false,
       "\"learning\" is not among the categories that you may open"},
      {"a mistyped category", "allow\ttarget=game\ttier=pupil\twhy=x", teacher, "", false,
       "\"game\" is neither a category nor a site; did you mean \"games\"?\n"},
      {"with a blank", "block\ttarget=some games\ttier=pupil\twhy=x", teacher, "", false,
       "\"some games\" is neither a category nor a site"},
      {"a bundle without saying so", "allow\ttarget=play\ttier=pupil\twhy=x", teacher, "", false,
       "\"play\" is neither a category nor a site, but a bundle: write bundle:play\n"},
      {"no word of the policy", "allow\ttarget=xyzzy\ttier=pupil\twhy=x", teacher, "", false,
       "\"xyzzy\" is neither a category nor a site: name one, as in zalo.me\n"},
      {"a suffix", "allow\ttarget=edu.vn\ttier=pupil\twhy=x", root, "", false,
       "\"edu.vn\" is the ending of many sites"},
      {"a hoster", "block\ttarget=github.io\ttier=pupil\twhy=x", root, "", false,
       "\"github.io\" is the ending of many sites"},
      {"an address", "allow\ttarget=10.0.0.7\ttier=pupil\twhy=x", root, "", false,
       "\"10.0.0.7\" is an address"},
      {"an odd address", "allow\ttarget=0x7f.1\ttier=pupil\twhy=x", root, "", false, "\"0x7f.1\" is "},
      {"a network", "allow\ttarget=10.0.0.0/8\ttier=pupil\twhy=x", root, "", false,
       "\"10.0.0.0/8\" is a network"},
      {"a pattern", "allow\ttarget=games*.test\ttier=pupil\twhy=x", root, "", false,
       "\"games*.test\" is a pattern: name one site, as in zalo.me\n"},
      {"all below a name", "allow\ttarget=*.games.test\ttier=pupil\twhy=x", root, "", false,
       "\"*.games.test\" is a pattern: write games.test, which means every name below it too\n"},
      {"... with a dot", "block\ttarget=.games.test\ttier=pupil\twhy=x", teacher, "", false,
       "\".games.test\" is a pattern: write games.test, which means every name below it too\n"},
      {"... in an address", "allow\ttarget=http://*.games.test/chess\ttier=pupil\twhy=x", teacher, "", false,
       "\"http://*.games.test/chess\" is a pattern: write games.test, "},
      {"... a suffix", "allow\ttarget=*.edu.vn\ttier=pupil\twhy=x", root, "", false,
       "\"*.edu.vn\" is the ending of many sites"},
      {"... all of a country", "allow\ttarget=*.vn\ttier=pupil\twhy=x", root, "", false,
       "\"*.vn\" is a pattern: name one site"},
      {"everything", "allow\ttarget=*\ttier=pupil\twhy=x", root, "", false,
       "\"*\" is a pattern: name one site"},
      {"a page of https", "allow\ttarget=https://games.test/chess\ttier=pupil\twhy=x", teacher, "", false,
       "of https pages of games.test only the name is seen in tier \"pupil\""},
      {"a page of http", "allow\ttarget=http://games.test/chess\ttier=pupil\twhy=x", teacher, "", true,
       "games.test/chess is open"},
      {"longer than she may", "allow\ttarget=games.test\ttier=pupil\tfor=31m\twhy=x", teacher,
       ", open_minutes_max: 30", false, "that is longer than the 30 minutes"},
      {"longer than anybody may", "block\ttarget=games.test\ttier=pupil\tfor=91m\twhy=x", root, "", false,
       "that is longer than the 90 minutes"},
      {"no time", "block\ttarget=games.test\ttier=pupil\tuntil=25:00\twhy=x", root, "", false,
       "\"25:00\" is no time of the day"},
      {"someone without an entry", "overrides", 2, "", false, "delegation.yaml gives the account \""},
      {"a uid without a name", "overrides", 4'000'000'000u, "", false, "delegation.yaml gives the account"},
      {"a verb of the control socket", "reload", root, "", false, "the proxy does not understand"},
      {"... and another", "stop", teacher, "", false, "the proxy does not understand"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Desk desk(row.more);
      const Reply reply = desk.desk->reply(row.question, row.asker);
      INFO(reply.text);
      CHECK((reply.exit_code == exit_ok) == row.done);
      CHECK_THAT(reply.text, StartsWith(row.says));
      CHECK(desk.applied.size() == (row.done ? 1 : 0));
      CHECK(desk.events("override").empty() != row.done);
    }
}

TEST_CASE("teacher desk: told in the log, listed, ended by who made it or by root", "[tools][teacher]") {
  Desk desk;
  CHECK(desk.ask("overrides") == "no override is in force\n");
  CHECK_THAT(desk.ask("allow\ttarget=games.test\ttier=pupil\tfor=30m\twhy=chess club"),
             Contains("until 12:23"));
  CHECK_THAT(desk.ask("block\ttarget=new.test\ttier=pupil\tuntil=13:00\twhy=noise", root),
             Contains("until 13:00"));
  CHECK_THAT(desk.events("override"), Contains("uid 1 (" + teacher_name() +
                                               ") {\"id\":1,\"action\":\"allow\",\"site\":\"games.test\"") &&
                                          Contains("\"why\":\"chess club\"") && Contains("\"admin\":false") &&
                                          Contains("uid 0 (root) {\"id\":2") && Contains("\"admin\":true"));
  CHECK_THAT(desk.ask("overrides"),
             StartsWith("1     allow  pupil       12:23  ") &&
                 Contains("games.test  chess club\n2     block  pupil       13:00  root "));
  CHECK_THAT(desk.ask("overrides\tjson="), StartsWith("[{\"id\":1,") && Contains("\"site\":\"new.test\""));
  CHECK(desk.ask("explain\ttarget=http://a.test/") == "http://a.test/ with");
  desk.doubted_until_ms = 1;
  CHECK(desk.ask("explain\ttarget=http://a.test/") == "http://a.test/ with, in doubt");

  CHECK(desk.ask("revoke\tid=7") == "no override 7 is in force\n");
  CHECK_THAT(desk.ask("revoke\tid=2"), StartsWith("override 2 is another's"));
  CHECK(desk.applied.size() == 2);
  CHECK(desk.ask("revoke\tid=1") == "override 1 has ended\n");
  CHECK(desk.ask("revoke\tid=2", root) == "override 2 has ended\n");
  CHECK(desk.applied.empty());
  CHECK_THAT(desk.events("override_revoked"), Contains("\"id\":1") && Contains("uid 0 (root) {\"id\":2"));
  // No number comes twice.
  desk.ask("block\ttarget=new.test\ttier=pupil\twhy=x");
  CHECK(desk.applied.at(0).id == 3);
}

TEST_CASE("teacher desk: a newer word on the same thing takes the place of the older one",
          "[tools][teacher]") {
  Desk desk;
  desk.ask("allow\ttarget=games.test\ttier=pupil\tfor=10m\twhy=x");
  desk.ask("block\ttarget=games.test\ttier=pupil\twhy=x", root);
  desk.ask("block\ttarget=new.test\ttier=pupil\twhy=x");
  desk.ask("block\ttarget=games.test\ttier=pupil\tfor=20m\twhy=y");
  REQUIRE(desk.applied.size() == 3);  // the admin's stays
  CHECK(desk.applied[0].id == 2);
  CHECK(desk.applied[1].id == 3);
  CHECK(desk.applied[2].id == 4);
  CHECK(desk.applied[2].why == "y");
  CHECK_THAT(desk.events("override_revoked"), Contains("\"id\":1"));
  CHECK_THAT(desk.ask("revoke\tid=1"), StartsWith("no override 1 is in force"));
}

TEST_CASE("teacher desk: they end, and a restart keeps what is left of them", "[tools][teacher]") {
  Desk desk;
  desk.ask("allow\ttarget=games.test\ttier=pupil\tfor=30m\twhy=x");
  desk.ask("block\ttarget=new.test\ttier=pupil\tfor=60m\twhy=x");
  desk.pass(29min);
  desk.desk->sweep();
  CHECK(desk.applied.size() == 2);

  SECTION("in time") {
    desk.open();
    desk.applied.clear();
    REQUIRE(desk.desk->load().ok());
    CHECK(desk.applied.size() == 2);
    desk.pass(1min);
    desk.desk->sweep();
    REQUIRE(desk.applied.size() == 1);
    CHECK(desk.applied[0].target == "new.test");
    CHECK_THAT(desk.events("override_ended"), Contains("schoolgate {\"id\":1"));
    CHECK_THAT(desk.events("overrides_kept"), Contains("{\"kept\":2,\"over\":0}"));
    desk.pass(30min);
    desk.desk->sweep();
    CHECK(desk.applied.empty());
    desk.open();
    REQUIRE(desk.desk->load().ok());
    desk.ask("block\ttarget=new.test\ttier=pupil\twhy=x");
    CHECK(desk.applied.at(0).id == 3);
  }
  SECTION("the wall clock is set back while it runs") {
    desk.now.wall_ms -= 24 * 3'600'000;
    desk.pass(1min);
    desk.desk->sweep();
    CHECK(desk.applied.size() == 1);
  }
  SECTION("a start whose clock is behind") {
    desk.now.wall_ms -= 3'600'000;
    desk.open();
    REQUIRE(desk.desk->load().ok());
    CHECK(desk.applied.empty());
    CHECK_THAT(desk.events("overrides_kept"), Contains("{\"kept\":0,\"over\":2}"));
  }
  SECTION("a start whose clock is behind the log") {
    auto record = audit_test::allowed_record(1, "a.vn");
    record.time_ms = desk.now.wall_ms + 60'000;
    REQUIRE(desk.log->write(std::move(record)));
    REQUIRE(desk.log->flush(10s));
    desk.open();
    REQUIRE(desk.desk->load().ok());
    CHECK(desk.applied.empty());
  }
  SECTION("a damaged file") {
    desk.folder.write("state/overrides", desk.folder.read("state/overrides") + "x");
    desk.open();
    const auto loaded = desk.desk->load();
    REQUIRE(loaded.failed());
    CHECK_THAT(loaded.error().message.english(),
               StartsWith("no override is in force: ") && Contains("is damaged"));
    CHECK(desk.applied.empty());
  }
  SECTION("her delegation is taken back") {
    desk.folder.write("delegation.yaml", "version: 1\n");
    desk.load_school();
    CHECK(compile_overrides(*desk.snapshot, desk.applied) == nullptr);
    CHECK_THAT(desk.ask("overrides", root), Contains("gives \"" + teacher_name() + "\" nothing to do"));
    CHECK_THAT(desk.ask("overrides"), StartsWith("delegation.yaml gives the account"));
  }
  SECTION("what cannot be kept is not promised") {
    std::filesystem::remove_all(desk.folder.path("state"));
    CHECK_THAT(desk.ask("block\ttarget=c.test\ttier=pupil\twhy=x"), StartsWith("not done: "));
    CHECK(desk.applied.size() == 2);
    CHECK_THAT(desk.ask("revoke\tid=1"),
               StartsWith("override 1 has ended, but a restart would bring it back"));
    CHECK(desk.applied.size() == 1);
  }
  SECTION("after it left its place to another process") {
    desk.desk->close();
    CHECK(desk.ask("block\ttarget=c.test\ttier=pupil\twhy=x") == "the proxy is ending\n");
  }
}

TEST_CASE("teacher desk: a room has one state, which who may switch it sets and ends",
          "[tools][teacher][room]") {
  Desk school(", rooms: [\"Phòng máy 1\"]");
  const auto room = [&](const std::string& fields, uid_t asker = teacher) {
    return school.ask("room\t" + fields + "\twhy=x", asker);
  };
  CHECK_THAT(room("room=phong may 1\tstate=off"), StartsWith("room Phòng máy 1 is off until "));
  REQUIRE(school.applied.size() == 1);
  CHECK(school.applied[0].end.wall_ms == school.now.wall_ms + 45 * 60'000);
  CHECK_THAT(school.events("override"), Contains(R"("action":"off","room":"Phòng máy 1","only":null)"));
  CHECK_THAT(room("room=Phòng máy 2\tstate=off"), StartsWith("delegation.yaml does not let"));
  CHECK_THAT(room("room=P\tstate=off"),
             StartsWith("there is no room \"P\"; there are: Phòng máy 1, Phòng máy 2"));
  CHECK_THAT(room("target=bundle:play\tfor=3h\troom=Phòng máy 1\tstate=only"),
             StartsWith("room Phòng máy 1: only play is open until "));
  REQUIRE(school.applied.size() == 1);
  CHECK(school.applied[0].id == 2);
  CHECK_THAT(school.events("override_revoked"), Contains("\"id\":1"));
  CHECK_THAT(room("target=chess\troom=Phòng máy 1\tstate=only"),
             StartsWith("there is no bundle and no file"));
  CHECK(school.applied[0].id == 2);
  CHECK_THAT(school.ask("rooms\tjson="), Contains(R"("room":"Phòng máy 1")") &&
                                             Contains(R"("state":"only","only":"play")") &&
                                             Contains(R"("yours":true,"override":2)"));
  school.pass(1h);
  CHECK_THAT(room("room=Phòng máy 1\tstate=normal"), StartsWith("room Phòng máy 1 is as always again"));
  CHECK(school.applied.empty());
  CHECK_THAT(room("room=Phòng máy 1\tstate=normal"), StartsWith("room Phòng máy 1 is as always"));
  // The admin's is the admin's to end; the longest is the day.
  CHECK_THAT(room("for=25h\troom=Phòng máy 1\tstate=off", root), Contains("longer than"));
  CHECK_THAT(room("room=Phòng máy 1\tstate=off", root), StartsWith("room Phòng máy 1 is off"));
  CHECK_THAT(room("room=Phòng máy 1\tstate=normal"), StartsWith("the admin has switched this room"));
  CHECK_THAT(school.ask("revoke\tid=3"), Contains("is another's"));
  CHECK(school.applied.size() == 1);
  school.pass(46min);
  school.desk->sweep();
  CHECK(school.applied.empty());
  CHECK_THAT(school.events("override_ended"), Contains("\"id\":3"));
}

TEST_CASE("teacher desk: a bundle is one thing", "[tools][teacher][room]") {
  Desk school;
  CHECK_THAT(
      school.ask("allow\ttarget=bundle:play\ttier=pupil\twhy=x"),
      StartsWith("bundle:play is open in tier \"pupil\" until ") && Contains("1 of its hosts stay closed"));
  CHECK(school.applied.size() == 1);
  CHECK_THAT(school.ask("allow\ttarget=bundle:shut\ttier=pupil\twhy=x"),
             StartsWith("your account may not lift all that closes line.test"));
  CHECK_THAT(school.ask("allow\ttarget=bundle:plai\ttier=pupil\twhy=x"),
             StartsWith("there is no bundle \"plai\"; did you mean play?"));
  CHECK_THAT(school.ask("overrides\tjson="), Contains(R"("action":"allow","bundle":"play")"));
  CHECK_THAT(school.ask("block\ttarget=bundle:play\ttier=pupil\twhy=x"),
             StartsWith("bundle:play is blocked in tier \"pupil\""));
}
