#include "tools/doctor/checks.h"

#include <catch2/catch.hpp>

#include "tools/doctor/look.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using Catch::Matchers::Contains;
using State = Finding::State;

namespace {

State worst(const Findings& findings) {
  State state = State::good;
  for (const Finding& one : findings) {
    if (one.state == State::bad) state = State::bad;
    if (one.state == State::warning && state != State::bad) state = State::warning;
    CHECK((one.state == State::good || one.state == State::unknown) ==
          one.todo.empty());  // red says what to do
  }
  return state;
}

Health whole() {
  Health health;
  health.uptime_s = 5;
  health.descriptors = 65536;
  health.radar_works = true;
  health.radar.machines = 2;
  return health;
}

}  // namespace

TEST_CASE("doctor: the proxy", "[tools][doctor]") {
  const Config config;
  CHECK(worst(on_proxy(std::nullopt, Message("gone"), config)) == State::bad);
  CHECK(worst(on_proxy(whole(), {}, config)) == State::good);
  Health health = whole();
  health.descriptors = 1024;
  CHECK(worst(on_proxy(health, {}, config)) == State::warning);
  health = whole();
  health.last_good = true;
  CHECK(worst(on_proxy(health, {}, config)) == State::bad);
  health = whole();
  health.seal_error = "no key";
  CHECK(worst(on_proxy(health, {}, config)) == State::bad);
  health = whole();
  health.log_error = "disk full";
  CHECK(worst(on_proxy(health, {}, config)) == State::bad);
  CHECK(worst(on_lists(health)) == State::good);
  health.old_lists = {"vn-adult"};
  CHECK_THAT(on_lists(health)[0].what.english(), Contains("vn-adult"));
}

TEST_CASE("doctor: who is nearby", "[tools][doctor]") {
  Health health = whole();
  CHECK(worst(on_neighbours(health)) == State::good);
  health.radar.unseen = {{"02:00:00:00:00:07", {*IpAddress::parse("192.168.20.7")}}};
  CHECK(worst(on_neighbours(health)) == State::warning);
  CHECK_THAT(on_neighbours(health)[0].what.english(),
             Contains("1 of 2 machines") && Contains("02:00:00:00:00:07 192.168.20.7"));
  health.radar.router_between = true;
  CHECK(on_neighbours(health)[0].state == State::unknown);
  CHECK_THAT(on_neighbours(health)[0].what.english(), Contains("behind a router"));
}

TEST_CASE("what the proxy tells doctor comes back as it was", "[tools][doctor]") {
  Health health = whole();
  health.log_error = "two\nlines";
  health.seal_error = "no key";
  health.log_full = health.last_good = true;
  health.old_lists = {"a", "b"};
  health.waiting = {"listen"};
  health.radar.unseen = {{"02:00:00:00:00:07", {*IpAddress::parse("fd00::1"), *IpAddress::parse("10.0.0.1")}},
                         {"02:00:00:00:00:08", {}}};
  Health want = health;
  want.log_error = "two lines";
  CHECK(health_in(health_text(health)) == want);
  CHECK(health_in("nonsense\nuptime_s many\n\nlater 1\n") == Health{});
  CHECK(health_in("machines 2\nunseen 02:00:\r00 [10.0.0.1\n").radar.unseen.empty());  // no hardware address
}

TEST_CASE("doctor: the disk", "[tools][doctor]") {
  LogSettings log;
  log.keep_days = 90;
  log.max_bytes = 20'000'000'000;
  constexpr std::uint64_t giga = 1'000'000'000;
  struct Row {
    const char* name;
    DiskFacts disk;
    State want;
  };
  const Row rows[] = {
      {"no room at all", {400'000'000, 0, 30}, State::bad},
      {"too young to say", {giga, giga, 0.5}, State::good},
      {"enough", {20 * giga, 2 * giga, 30}, State::good},
      {"three months are more than there is", {3 * giga, 2 * giga, 30}, State::bad},
      {"the bound of the log is less than its rate", {19 * giga, 2 * giga, 1}, State::good},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(on_disk(row.disk, log).state == row.want);
    }
}

TEST_CASE("doctor: certificate, clock, connections, routes, rights", "[tools][doctor]") {
  constexpr std::int64_t day = 86'400;
  CHECK(on_authority(100 * day, 0).state == State::good);
  CHECK(on_authority(59 * day, 0).state == State::bad);
  CHECK(on_authority(0, 2 * day).state == State::bad);
  CHECK(on_clock(true).state == State::good);
  CHECK(on_clock(false).state == State::warning);
  CHECK(on_conntrack(10, 262'144).state == State::good);
  CHECK(on_conntrack(80'000, 100'000).state == State::bad);
  CHECK(on_conntrack(10, 8192).state == State::warning);
  CHECK(on_routes({}).state == State::bad);
  CHECK(on_routes({{"eth0", "10.0.0.1"}}).state == State::good);
  CHECK(on_routes({{"eth0", "10.0.0.1"}, {"wlan0", ""}}).state == State::warning);
  const Findings rights = on_rights({{"/ca.key", 0640, 0077}, {"/log", 0750, 0007}});
  REQUIRE(rights.size() == 1);
  CHECK(rights[0].what == "/ca.key has mode 0640: too much for others");
  CHECK(rights[0].todo == "chmod 0600 /ca.key");
}

TEST_CASE("doctor: a page to sign in before the Internet", "[tools][doctor]") {
  struct Row {
    std::optional<int> status;
    bool parent;
    State want;
  };
  const Row rows[] = {{{}, false, State::good}, {200, false, State::bad}, {302, false, State::bad},
                      {0, false, State::bad},   {404, false, State::bad}, {{}, true, State::good},
                      {403, true, State::good}, {502, true, State::good}, {504, true, State::good},
                      {200, true, State::bad},  {302, true, State::bad},  {511, true, State::bad},
                      {407, true, State::bad}};
  for (const Row& row : rows) {
    INFO(row.status.value_or(-1) << " " << row.parent);
    CHECK(worst({on_portal(row.status, row.parent)}) == row.want);
  }
  CHECK_THAT(on_portal(302, true).todo.english(),
             Contains("through that proxy") && !Contains("upstream: parent"));
  CHECK_THAT(on_portal(302, false).todo.english(),
             Contains("on this machine") && Contains("upstream: parent"));
  CHECK_THAT(on_portal(407, true).what.english(), Contains("wants a name and a password"));
}

TEST_CASE("doctor: the firewall", "[tools][doctor]") {
  FirewallFacts facts;
  facts.loaded = facts.wanted = "table";
  facts.forwards4 = true;
  CHECK(worst(on_firewall(facts)) == State::good);
  facts.hands_over = false;
  CHECK(worst(on_firewall(facts)) == State::bad);
  facts.hands_over = true;
  facts.loaded = "another";
  CHECK(worst(on_firewall(facts)) == State::bad);
  facts.loaded = "";
  CHECK_THAT(on_firewall(facts)[0].what.english(), Contains("PUPILS PASS"));
  facts.forwards4 = false;
  CHECK_THAT(on_firewall(facts)[0].what.english(), Contains("not loaded"));
  facts.readable = false;
  CHECK(on_firewall(facts)[0].state == State::unknown);
}

TEST_CASE("doctor: a blocked address and an allowed one", "[tools][doctor]") {
  CHECK(worst(on_requests(403, 200)) == State::good);
  CHECK(count_findings(on_requests(200, 200)).bad == 1);
  CHECK(count_findings(on_requests(std::nullopt, std::nullopt)).bad == 2);
}

TEST_CASE("doctor: a question for a name, and what comes back", "[tools][doctor]") {
  const std::string question = dns_question(0x5347, "a.bc");
  CHECK(question == std::string("SG\1\0\0\1\0\0\0\0\0\0\1a\2bc\0\0\1\0\1", 22));
  std::string answer = question;
  CHECK_FALSE(dns_answers(answer, 0x5347));  // a question
  answer[2] = '\x81';
  answer[7] = 2;
  CHECK(dns_answers(answer, 0x5347) == 2u);
  CHECK_FALSE(dns_answers(answer, 1));
  CHECK_FALSE(dns_answers(answer.substr(0, 11), 0x5347));
  CHECK(name_servers_in("# nameserver 1.1.1.1\nnameserver 10.0.0.1\nnameserver\tfd00::1 # "
                        "x\nnameserver\nnameservers 2.2.2.2\n"
                        "search a\n") ==
        std::vector<IpAddress>{*IpAddress::parse("10.0.0.1"), *IpAddress::parse("fd00::1")});
}

TEST_CASE("findings for people and for programs", "[tools][doctor]") {
  const Findings findings{on_clock(false), on_authority(0, 864'000), on_clock(true)};
  CHECK(findings_text(findings, nullptr, false) ==
        "look     nothing synchronises the clock\n"
        "         -> timedatectl set-ntp true (package systemd-timesyncd): timetables and deleting go by it\n"
        "WRONG    the school's certificate has ended\n"
        "         -> make a new one (schoolgate ca create --force) and give it to every device\n"
        "ok       the clock is synchronised\n"
        "1 wrong, 1 to look at, 1 ok\n");
  CHECK_THAT(findings_json(findings),
             Contains("{\"ok\":false,\"good\":1,\"warnings\":1,\"bad\":1,\"findings\":[{\"key\":\"clock\","
                      "\"state\":\"warning\""));
}

TEST_CASE("doctor: what the firewall refused", "[tools][doctor]") {
  CHECK(on_tried({}).state == State::good);
  CHECK_THAT(on_tried({{"10.0.0.5", 3, 7}}).what.english(), Contains("10.0.0.5 (QUIC 3, DoT 7)"));
}

TEST_CASE("doctor: which rooms have shown that they are filtered", "[tools][doctor]") {
  CHECK(on_coverage(std::nullopt, "").state == State::unknown);
  const RoomCoverage passed{"A", 2000, 1000, {"android"}}, failed{"B", 1000, 2000, {}},
      untested{"C", 0, 0, {}};
  CHECK(on_coverage({{passed}}, "").state == State::good);
  CHECK(on_coverage({{passed, failed, untested}}, "").state == State::bad);
  const Finding none = on_coverage({{passed, untested}}, "10.0.0.1:3128");
  CHECK(none.state == State::warning);
  CHECK_THAT(none.what.english(), Contains("in: C"));
  CHECK_THAT(none.todo.english(), Contains("http://10.0.0.1:3128/test"));
}
