// What the running proxy answers to the staff's pages: nobody is more there than delegation.yaml says.
#include "tools/daemon/web_desk.h"

#include <catch2/catch.hpp>
#include <optional>

#include "tests/config/support.h"
#include "tests/proxy/audit/log_fixture.h"
#include "tools/console/console.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

class PagesDesk {
 public:
  PagesDesk() {
    test::write_small_school(folder);
    folder.write("tiers.d/pupil.yaml", R"(version: 1
tier: pupil
name: {vi: Học sinh, en: Pupils}
default: allow
may_override: [games]
categories: {gambling: block+locked, games: block, learning: allow}
)");
    folder.write("state/.keep", "");
    folder.write("delegation.yaml",
                 "version: 1\nteachers:\n  - {account: lan, tiers: [pupil], open: [games], block: [games], "
                 "rooms: [Lab "
                 "1]}\n");
    std::string main = folder.read("schoolgate.yaml");
    const std::string who = "who:\n";
    main.insert(main.find(who) + who.size(),
                "  - {network: 10.2.1.0/24, tier: pupil, label: Lab 1}\n"
                "  - {network: 10.2.2.0/24, tier: pupil, label: Lab 2}\n");
    folder.write("schoolgate.yaml", main);
    const LoadResult loaded = folder.load();
    INFO(folder.text_of(loaded));
    REQUIRE(loaded.snapshot);
    auto mine = std::make_shared<Snapshot>(*loaded.snapshot);
    mine->config.state_directory = folder.path("state");
    mine->config.log.directory = dir.path;
    snapshot = mine;
    log = audit_test::open_log(dir, now.wall_ms);
    teachers.emplace(*log, TeacherDesk::Hooks{.current = [this] { return snapshot; },
                                              .apply = [](const std::vector<OverrideRow>&) {},
                                              .explain = {},
                                              .now = [this] { return now; }});
    desk.emplace(*log, *teachers,
                 WebDesk::Hooks{
                     .current = [this] { return snapshot; },
                     .status =
                         [this](const auto& use) {
                           const ServerStatus server{};
                           StatusFacts facts{*snapshot, server, log->health(), 60, {}, {}, {}};
                           facts.untold = untold;
                           facts.unmailed_seal = unmailed_seal;
                           use(facts);
                         },
                     .texts = {[](const Snapshot&, const std::shared_ptr<const Overrides>& all, std::int64_t,
                                  const std::string& url, const std::string& tier, Catalogue) {
                                 return Reply{exit_ok, url + " " + tier + (all ? " with" : " without")};
                               },
                               [](const Snapshot&, TierId, Catalogue catalogue) {
                                 return std::string(catalogue == nullptr ? "English" : "Vietnamese");
                               }}});
  }
  Reply ask(const std::string& question) { return desk->reply(question); }

  const test::Folder folder;
  const audit_test::TempDir dir;
  Moment now{1'764'400'000'000, std::chrono::steady_clock::now()};
  Message untold{}, unmailed_seal{};
  std::shared_ptr<const Snapshot> snapshot;
  std::unique_ptr<AccessLog> log;
  std::optional<TeacherDesk> teachers;
  std::optional<WebDesk> desk;
};

}  // namespace

TEST_CASE("the pages' socket lies beside the control socket", "[tools][web_desk]") {
  CHECK(web_socket_path("/run/schoolgate/control.sock") == "/run/schoolgate/web.sock");
  CHECK(web_socket_path("control.sock") == "web.sock");
  CHECK(web_socket_path("/x/mycontrol.sock") == "/x/mycontrol-web.sock");
}

TEST_CASE("the desk understands the verbs of the pages and nothing else", "[tools][web_desk]") {
  PagesDesk desk;
  for (const char* question :
       {"", "reload", "stop", "status json", "take-over", "upgrade", "retention confirm 2026-01-01",
        "allow\ttarget=x\ttier=pupil\twhy=x", "standing x"})
    CHECK(desk.ask(question).exit_code == exit_usage);
  CHECK_THAT(desk.ask("standing\tlang=en").text,
             Contains("requests\t0\n") && Contains("policy\trevision") && Contains("floor\tnone\n") &&
                 Contains("floor_lacks\tThe sealed floor has no entries: ") &&
                 !Contains("thin\tThe sealed floor"));
  CHECK_THAT(desk.ask("tiers\tlang=vi").text, Contains("tier\tpupil\tHọc sinh\t1\n"));
  CHECK_THAT(desk.ask("lists\tlang=en").text, Contains("list\tbets\tgambling\t2\t0\t"));
  CHECK(desk.ask("tier\ttier=pupil\tlang=vi").text == "Vietnamese");
  CHECK(desk.ask("tier\ttier=nobody\tlang=en").exit_code == exit_usage);
  CHECK_THAT(desk.ask("explain\turl=http://a/\ttier=pupil").text, StartsWith("http://a/ pupil"));
}

TEST_CASE("mail of a seal and of an alert fail alike: nobody can tell which", "[tools][web_desk]") {
  PagesDesk desk;
  const auto standing = [&](const Message& untold, const Message& seal) {
    desk.untold = untold;
    desk.unmailed_seal = seal;
    return desk.ask("standing\tlang=en").text;
  };
  const Message refused("refused");
  const std::string of_alert = standing(say("{}: {}", "mail", refused), {});
  CHECK_THAT(of_alert, Contains("unsent\tMessages do not go out: mail: refused\n"));
  CHECK_THAT(of_alert, !Contains("fault\t"));  // /readyz tells these to whoever asks
  CHECK(standing({}, refused) == of_alert);
  CHECK(standing(say("{}: {}", "mail", refused), refused) == of_alert);
  CHECK_THAT(standing({}, {}), !Contains("unsent"));
  CHECK_THAT(standing(say("{}: {}", "hook", refused), refused),
             Contains("unsent\tMessages do not go out: hook: refused\n") &&
                 Contains("unsent\tMessages do not go out: mail: refused\n"));
}

TEST_CASE("an account gets what delegation.yaml gives that name", "[tools][web_desk]") {
  PagesDesk desk;
  const auto change = [&](const std::string& account, const std::string& target, const std::string& tier) {
    return desk.ask("change\taccount=" + account + "\taction=allow\ttarget=" + target + "\ttier=" + tier +
                    "\tminutes=10\twhy=lesson\tlang=en");
  };
  CHECK(desk.ask("delegated\taccount=lan").text == "delegated\tpupil\tgames\tgames\t90\n");
  CHECK(desk.ask("delegated\taccount=eve").text.empty());
  CHECK(change("lan", "games.test", "pupil").exit_code == exit_ok);
  CHECK(change("lan", "bet.test", "pupil").exit_code == exit_failed);    // locked
  CHECK(change("lan", "games.test", "staff").exit_code == exit_failed);  // not hers
  CHECK(change("eve", "games.test", "pupil").exit_code == exit_failed);
  CHECK(change("", "games.test", "pupil").exit_code == exit_failed);  // never the admin
  CHECK(change("root", "games.test", "pupil").exit_code == exit_failed);
  CHECK_THAT(desk.ask("overrides\tlang=en").text,
             Contains("override\t1\tallow\tgames.test\tpupil\t") && Contains("\tlan\t"));
  CHECK(desk.ask("revoke\tid=1\taccount=eve").exit_code == exit_failed);
  CHECK(desk.ask("revoke\tid=1\taccount=").exit_code == exit_failed);
  CHECK(desk.ask("revoke\tid=1\taccount=lan").exit_code == exit_ok);
  CHECK(desk.ask("overrides\tlang=en").text.empty());
}

TEST_CASE("rooms: labels, states and counts, and a switch by delegation.yaml", "[tools][web_desk]") {
  PagesDesk desk;
  const auto switch_room = [&](const std::string& account, const std::string& room, const std::string& more) {
    return desk.ask("room\taccount=" + account + "\troom=" + room + "\twhy=test" + more).exit_code;
  };
  CHECK_THAT(desk.ask("rooms\taccount=lan\tlang=en").text,
             Contains("room\tLab 1\tnormal\t\t\tas always\t1\t0\n") &&
                 Contains("room\tLab 2\tnormal\t\t\tas always\t0\t"));
  CHECK_THAT(desk.ask("rooms\taccount=\tlang=en").text, !Contains("\t1\t0\n"));  // never the admin
  CHECK(switch_room("lan", "Lab 2", "\tstate=off\tuntil=23:59") == exit_failed);
  CHECK(switch_room("eve", "Lab 1", "\tstate=off\tuntil=23:59") == exit_failed);
  CHECK(switch_room("", "Lab 1", "\tstate=off\tuntil=23:59") == exit_failed);
  CHECK(switch_room("lan", "Lab 1", "\tstate=open\tuntil=23:59") == exit_usage);
  CHECK(switch_room("lan", "Lab 1", "\tstate=off\tuntil=23:59") == exit_ok);
  CHECK_THAT(desk.ask("rooms\taccount=lan\tlang=en").text, Contains("room\tLab 1\toff\t\t23:59\t"));
  CHECK(switch_room("lan", "Lab 1", "\tstate=normal") == exit_ok);
  CHECK_THAT(desk.ask("rooms\taccount=lan\tlang=vi").text,
             Contains("room\tLab 1\tnormal\t\t\tnhư thường\t1\t"));
}

TEST_CASE("of events the pages write their own alone", "[tools][web_desk]") {
  PagesDesk desk;
  CHECK(desk.ask("event\taccount=lan\twhat=sign_in\tdetail={}").exit_code == exit_ok);
  CHECK(desk.ask("event\taccount=lan\twhat=stop\tdetail={}").exit_code == exit_usage);
  CHECK(desk.ask("event\taccount=\twhat=sign_in\tdetail={}").exit_code == exit_usage);
}
