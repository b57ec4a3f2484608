#include "tools/setup/answers.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "tools/setup/interview.h"
#include "tools/setup/pieces.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using Catch::Matchers::Contains;

namespace {

FoundInterface cable(const char* name, std::initializer_list<std::pair<const char*, const char*>> addresses) {
  FoundInterface one;
  one.name = name;
  one.up = true;
  for (const auto& [address, network] : addresses) {
    one.addresses.push_back(*IpAddress::parse(address));
    one.networks.push_back(*Network::parse(network));
  }
  return one;
}

SetupFacts two_cables() {
  SetupFacts facts;
  facts.machine.interfaces = {
      cable("eth0", {{"192.168.1.2", "192.168.1.0/24"}}),
      cable("eth1", {{"192.168.20.1", "192.168.20.0/24"}, {"fd00:20::1", "fd00:20::/64"}})};
  facts.machine.default_routes = {{"eth0", "192.168.1.1"}};
  facts.tiers = {"tieu_hoc", "thcs", "giao_vien"};
  facts.unknown_tier = "tieu_hoc";
  facts.lists = {"vn-gambling", "vn-adult"};
  return facts;
}

SetupAnswers whole() {
  SetupAnswers answers;
  answers.language = "en";
  answers.school = "Trường X";
  answers.it = "Nam";
  answers.person = "Lan";
  answers.room = "105";
  answers.phone = "1";
  answers.topology = "inline";
  answers.inside = "eth1";
  answers.outside = "eth0";
  answers.address = "192.168.20.1";
  answers.ipv6 = "none";
  answers.networks = "192.168.20.0/24=thcs:Room 1";
  answers.dhcp = "192.168.20.50-192.168.20.200";
  answers.https = "names";
  answers.lists = "none";
  return answers;
}

const SetupQuestion& question(std::string_view key) {
  for (const SetupQuestion& one : setup_questions())
    if (key == one.key) return one;
  FAIL("no question " << key);
  return setup_questions()[0];
}

}  // namespace

TEST_CASE("answers: what is taken, and what is wrong with the others", "[tools][setup]") {
  struct Row {
    const char *key, *typed, *kept, *error;
  };
  const Row rows[] = {
      {"language", "V", "vi", ""},
      {"language", "fr", "", "answer vi or en"},
      {"school", "Trường \"A\"", "Trường \"A\"", ""},
      {"school", "", "", "cannot be empty"},
      {"school", "a\x01", "", "no keyboard types"},
      {"school", "\xff", "", "not UTF-8"},
      {"topology", "B", "one-arm", ""},
      {"topology", "d", "", "answer inline"},
      {"inside", "eth1", "eth1", ""},
      {"inside", "eth2", "", "no interface \"eth2\""},
      {"inside", "a b", "", "cannot be a network interface"},
      {"outside", "eth0", "eth0", ""},
      {"outside", "eth1", "", "the interface to the pupils"},
      {"address", "192.168.20.1", "192.168.20.1", ""},
      {"address", "192.168.20.9", "", "eth1 has no address 192.168.20.9"},
      {"address", "fd00:20::1", "", "not an IPv4 address"},
      {"ipv6", "no", "none", ""},
      {"ipv6", "radvd", "radvd", ""},
      {"ipv6", "slaac", "", "answer none or radvd"},
      {"networks", " 192.168.20.0/24 = thcs : Phòng 1 ;fd00:20::/64=thcs;",
       "192.168.20.0/24=thcs:Phòng 1; fd00:20::/64=thcs", ""},
      {"networks", "192.168.20.7/24=thcs", "", "192.168.20.0/24 is"},
      {"networks", "room=thcs", "", "is no network, as"},
      {"networks", "192.168.20.0/24", "", "names no tier"},
      {"networks", "192.168.20.0/24=thc", "", "did you mean \"thcs\"?"},
      {"networks", "0.0.0.0/0=thcs", "", "good part of the Internet"},
      {"networks", "10.0.0.0/8=thcs; 10.0.0.0/8=thcs", "", "stands there twice"},
      {"networks", ";", "", "one network at least"},
      {"dhcp", "192.168.20.50 - 192.168.20.99", "192.168.20.50-192.168.20.99", ""},
      {"dhcp", "none", "none", ""},
      {"dhcp", "192.168.20.99-192.168.20.50", "", "behind the last"},
      {"dhcp", "192.168.21.5-192.168.21.9", "", "not in 192.168.20.0/24"},
      {"dhcp", "192.168.20.1-192.168.20.9", "", "own address"},
      {"dhcp", "yes", "", "first and the last address"},
      {"https", "block-page", "block-page", ""},
      {"https", "inspect", "", "for a reason only"},
      {"https", "inspect: exams", "inspect: exams", ""},
      {"https", "all", "", "answer names"},
      {"lists", "vn-adult, vn-gambling", "vn-adult vn-gambling", ""},
      {"lists", "none", "none", ""},
      {"lists", "vn-gamblin", "", "did you mean \"vn-gambling\"?"},
  };
  const SetupFacts facts = two_cables();
  for (const Row& row : rows) DYNAMIC_SECTION(row.key << ": " << row.typed) {
      const auto read = question(row.key).read(row.typed, whole(), facts);
      if (*row.error == '\0') {
        REQUIRE(read);
        CHECK(*read == row.kept);
        CHECK(*question(row.key).read(*read, whole(), facts) == *read);  // as it is kept it is taken again
      } else {
        REQUIRE_FALSE(read);
        CHECK_THAT(read.error().message.english(), Contains(row.error));
      }
    }
}

TEST_CASE("one cable: this machine offers to hand out addresses, none that is taken", "[tools][setup]") {
  SetupFacts facts = two_cables();
  SetupAnswers answers = whole();
  const auto usual = [&] { return question("dhcp").usual(answers, facts); };
  CHECK(usual() == "none");  // between two cables there is no other way out
  answers.topology = "one-arm";
  CHECK(usual() == "192.168.20.50-192.168.20.200");
  facts.machine.default_routes = {{"eth1", "192.168.20.99"}};
  CHECK(usual() == "192.168.20.201-192.168.20.250");
  facts.machine.default_routes.push_back({"eth1", "192.168.20.254"});
  CHECK(usual() == "192.168.20.201-192.168.20.250");
  facts.machine.default_routes.push_back({"eth1", "192.168.20.210"});
  CHECK(usual() == "192.168.20.2-192.168.20.49");
  facts.machine.default_routes.push_back({"eth1", "192.168.20.7"});
  CHECK(usual() == "none");
  const Message first = ways_around(answers, {}).front();
  answers.dhcp = "none";
  CHECK(ways_around(answers, {}).front().english() ==
        "no device has this machine as its gateway by itself: whoever gives out addresses on eth1 must name "
        "192.168.20.1 as router and as resolver; until then nobody is filtered");
  CHECK(first.english() != ways_around(answers, {}).front().english());
}

TEST_CASE("networks that are odd, and may be meant so", "[tools][setup]") {
  const SetupFacts facts = two_cables();
  SetupAnswers answers = whole();
  const auto odd = [&](const char* networks) {
    std::vector<std::string> said;
    answers.networks = networks;
    for (const Message& one : odd_networks(answers, facts)) said.push_back(one.english());
    return said;
  };
  answers.topology = "inline";
  answers.inside = "eth1";
  CHECK(odd("192.168.20.0/24=thcs").empty());
  CHECK(odd("192.168.0.0/16=thcs").empty());
  CHECK(odd("192.168.20.0/26=thcs; fd00:20::/64=thcs").empty());
  const std::string missing = "192.168.20.0/24, the network of eth1, is in no answer: its devices get no web";
  const std::string nowhere =
      " is on no interface of this machine: is it spelled right? Otherwise it has to lie behind "
      "another router there";
  CHECK(odd("129.168.20.0/24=thcs") == std::vector<std::string>{missing, "129.168.20.0/24" + nowhere});
  CHECK(odd("192.168.20.0/24=thcs; 10.5.0.0/16=thcs") == std::vector<std::string>{"10.5.0.0/16" + nowhere});
  answers.topology = "router";
  CHECK(odd("129.168.20.0/24=thcs").empty());
}

TEST_CASE("yes, as it is typed", "[tools][setup]") {
  for (const char* typed : {"yes", "Y", "có", "CÓ", "Có ", "co\u0301", "co", " c\r"}) {
    std::istringstream in(std::string(typed) + "\n");
    CHECK(says_yes(in));
  }
  for (const char* typed : {"", "no", "không", "yess", "con", "k"}) {
    std::istringstream in(std::string(typed) + "\n");
    CHECK_FALSE(says_yes(in));
  }
  std::istringstream ended("");
  CHECK_FALSE(says_yes(ended));
}

TEST_CASE("an interview: Enter takes what is offered, a wrong answer is asked for again", "[tools][setup]") {
  std::ostringstream out, err;
  Console console{out, err};
  SetupAnswers answers;
  std::istringstream typed(
      "en\nTrường X\nNam\nLan\n105\n1\nsomewhere\na\n\n\n\n\n192.168.20.0/24=thcs:Room "
      "1\n192.168.20.50-192.168.20.200\n"
      "\n\n");
  REQUIRE(interview(typed, console, two_cables(), answers));
  CHECK(answers == whole());
  CHECK_THAT(err.str(), Contains("answer inline (A)"));
  CHECK_THAT(out.str(), Contains("[192.168.20.0/24=tieu_hoc]"));
  SECTION("the end of the input is no answer") {
    for (int lines = 0; lines < 15; ++lines) {
      SetupAnswers none;
      std::string half;
      for (int i = 0; i < lines; ++i) half += "\n";
      std::istringstream cut(half);
      CHECK_FALSE(interview(cut, console, two_cables(), none));
    }
  }
  SECTION("again: all of it is offered") {
    SetupAnswers again = answers;
    std::istringstream enter("\n\n\n\n\n0280\n\n\n\n\n\n\n\n\n\n");
    REQUIRE(interview(enter, console, two_cables(), again));
    answers.phone = "0280";
    CHECK(again == answers);
  }
  SECTION("in Vietnamese from the first answer on") {
    std::istringstream first("vi\n");
    SetupAnswers none;
    CHECK_FALSE(interview(first, console, two_cables(), none));
    CHECK_THAT(out.str(), Contains("Tên trường: "));
  }
}

TEST_CASE("answers as flags: one is changed, the others are as they were", "[tools][setup]") {
  SetupAnswers given;
  given.phone = "0280";
  const auto changed = settled(given, whole(), two_cables());
  REQUIRE(changed);
  SetupAnswers want = whole();
  want.phone = "0280";
  CHECK(*changed == want);
  SECTION("what is missing is named") {
    const auto bare = settled(given, {}, two_cables());
    REQUIRE_FALSE(bare);
    std::string all;
    for (const Message& one : bare.error()) all += one.english() + "\n";
    for (const char* flag :
         {"--school is needed", "--it is needed", "--person is needed", "--room is needed"})
      CHECK_THAT(all, Contains(flag));
    CHECK_THAT(all, !Contains("--phone") && !Contains("--inside"));
  }
  SECTION("what does not go with the rest is wrong, and what is remembered of it gone") {
    given.topology = "one-arm";
    given.outside = "eth0";
    CHECK_FALSE(settled(given, whole(), two_cables()));
    given.outside.clear();
    CHECK(settled(given, whole(), two_cables())->outside.empty());
  }
  SECTION("what is remembered and fits no more is not taken") {
    SetupAnswers old = whole();
    old.inside = "eth7";
    CHECK(settled(given, old, two_cables())->inside == "eth1");
  }
}

TEST_CASE("remembered answers", "[tools][setup]") {
  CHECK(remembered_answers(text_to_remember(whole())) == whole());
  CHECK(remembered_answers("nonsense\n: x\nschool\nunknown: y\n") == SetupAnswers{});
}

TEST_CASE("default routes of the kernel", "[tools][setup]") {
  const auto routes = default_routes_in(
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
      "eth1\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
      "eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
      "eth2\t00000000\t0101A8C0\t0002\t0\t0\t0\t00000000\t0\t0\t0\n"
      "eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
      "wg0\t00000000\t00000000\t0001\t0\t0\t200\t00000000\t0\t0\t0\nhalf a line\n");
  CHECK(routes == std::vector<FoundRoute>{{"eth0", "192.168.1.1"}, {"eth1", "192.168.0.1"}, {"wg0", ""}});
}
