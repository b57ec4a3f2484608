#include "tools/setup/main_edit.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

using namespace schoolgate;
using namespace schoolgate::tools;
using Catch::Matchers::Contains;

namespace {

std::string file(const std::string& path) {
  std::ifstream in(std::string(SCHOOLGATE_SOURCE_DIR) + "/config/defaults/" + path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

MainFile read(const std::string& text) {
  Diagnostics diagnostics;
  auto main = read_as_main_file(SCHOOLGATE_SOURCE_DIR "/config/defaults/schoolgate.yaml", text, diagnostics);
  REQUIRE(main);
  return std::move(*main);
}

SetupFacts tiers() {
  SetupFacts facts;
  facts.tiers = {"tieu_hoc", "thcs", "thpt", "giao_vien", "khach"};
  return facts;
}

SetupAnswers answers() {
  SetupAnswers all;
  all.language = "vi";
  all.school = "Trường \"Z\" # 1";
  all.it = "Hà";
  all.person = "cô Mai";
  all.room = "P 2";
  all.phone = "0123";
  all.topology = "one-arm";
  all.inside = "enp3s0";
  all.address = "192.168.20.1";
  all.ipv6 = "none";
  all.networks = "192.168.20.0/24=thcs:Phòng máy 1; 10.5.0.0/16=giao_vien:Staff; fd00:5::/64=thcs";
  all.dhcp = all.lists = "none";
  all.https = "names";
  return all;
}

std::string edited(const std::string& text, const SetupAnswers& wanted) {
  const auto after = edited_main_file(text, read(text), wanted, tiers());
  INFO((after ? "" : after.error().message.english()));
  REQUIRE(after);
  return *after;
}

// Comment lines and the comments of lines that hold something.
std::size_t comments(const std::string& text) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find("# ", at)) != std::string::npos; ++at) ++n;
  return n;
}

}  // namespace

TEST_CASE("what is to be written is read with the files that lie beside it", "[tools][setup]") {
  const MainFile main =
      read(file("schoolgate.yaml") +
           "\ngateway: {open: [{proto: udp, ports: 3478, to: google_meet, why: x, review_by: "
           "2099-01-01}]}\n");
  REQUIRE(main.config.gateway.open.size() == 1);
  CHECK(main.config.gateway.open[0].to.size() == 2);
  CHECK_THAT(main.config.policy.periods, Catch::EndsWith("/periods.yaml"));
  Diagnostics diagnostics;
  CHECK_FALSE(read_as_main_file(SCHOOLGATE_SOURCE_DIR "/config/defaults/schoolgate.yaml",
                                file("schoolgate.yaml") +
                                    "\ngateway: {open: [{proto: udp, ports: 3478, to: google_met, why: x, "
                                    "review_by: 2099-01-01}]}\n",
                                diagnostics));
  REQUIRE(diagnostics.size() == 1);
  CHECK_THAT(diagnostics[0].hint.english(), Contains("google_meet"));
}

TEST_CASE("the shipped main file answers its language alone", "[tools][setup]") {
  SetupAnswers want;
  want.language = "vi";
  CHECK(answers_in(read(file("schoolgate.yaml")).config) == want);
}

TEST_CASE("answers become lines of the shipped main file, and its comments stay", "[tools][setup]") {
  const std::string before = file("schoolgate.yaml"), after = edited(before, answers());
  const Config config = read(after).config;
  CHECK(config.school.name == "Trường \"Z\" # 1");
  CHECK(config.school.safeguarding_phone == "0123");
  CHECK(config.school.it_contact == "Hà");
  CHECK(answers_in(config).networks == answers().networks);
  CHECK(config.gateway.masquerade == "enp3s0");
  CHECK(config.listen.size() == 5);
  CHECK(config.clients.size() == 5);  // loopback twice, and the three
  CHECK_THAT(after, Contains("  it_contact: \"Hà\""));
  CHECK_THAT(after, Contains("  language: vi                         # ngôn ngữ"));  // as it was
  CHECK_THAT(after, Contains("# shared: nhiều người chung"));
  CHECK_THAT(after, !Contains("192.168.50.0/24"));
  CHECK(comments(after) == comments(before));  // one became a line, and the name has one
  SECTION("again: nothing changes") {
    CHECK(edited(after, answers()) == after);
  }
  SECTION("what a person wrote stays") {
    std::string by_hand = after;
    const std::string line = "  - {network: 10.5.0.0/16, tier: giao_vien, label: \"Staff\"}";
    by_hand.replace(
        by_hand.find(line), line.size(),
        "  - {network: 10.5.0.0/16, tier: giao_vien, label: \"Staff\", shared: true}  # phòng họp");
    SetupAnswers one = answers();
    one.phone = "999";
    one.networks += "; 10.6.0.0/16=khach";
    const std::string again = edited(by_hand, one);
    CHECK_THAT(again, Contains("shared: true}  # phòng họp\n"));
    CHECK_THAT(again, Contains("  - {network: 10.6.0.0/16, tier: khach}\n"));
    CHECK_THAT(again, Contains("phone: \"999\""));
    CHECK(read(again).config.clients.size() == 6);
  }
  SECTION("from a gateway to behind a router: no masquerade") {
    SetupAnswers behind = answers();
    behind.topology = "router";
    behind.ipv6 = behind.dhcp = "";
    CHECK(read(edited(after, behind)).config.gateway.masquerade.empty());
  }
  SECTION("IPv6 advertised: its networks may connect") {
    SetupAnswers advertised = answers();
    advertised.ipv6 = "radvd";
    SetupFacts facts = tiers();
    FoundInterface inside;
    inside.name = "enp3s0";
    inside.addresses = {*IpAddress::parse("2001:db8:9::1")};
    inside.networks = {*Network::parse("2001:db8:9::/64")};
    facts.machine.interfaces = {inside};
    const auto text = edited_main_file(before, read(before), advertised, facts);
    REQUIRE(text);
    CHECK_THAT(*text, Contains("\"2001:db8:9::/64\"") && Contains("\"fe80::/10\""));
  }
}

TEST_CASE("a main file in another form is not touched", "[tools][setup]") {
  std::string text = file("quickstart.yaml");
  text.insert(text.find("  language: vi"), "  safeguarding: {person: Lan, room: P 1}\n");
  const auto after = edited_main_file(text, read(text), answers(), tiers());
  REQUIRE_FALSE(after);
  CHECK_THAT(after.error().message.english(), Contains("setup cannot edit"));
}

TEST_CASE("https of a tier's file", "[tools][setup]") {
  const std::string pupils = file("tiers.d/30-thcs.yaml"), staff = file("tiers.d/50-giao_vien.yaml");
  CHECK(tier_of_file(pupils) == "thcs");
  CHECK(tier_of_file("version: 1\n").empty());
  CHECK_THAT(edited_tier_file(pupils, "block-page"), Contains("\nhttps: block-page\n"));
  CHECK(edited_tier_file(edited_tier_file(pupils, "inspect: a # \"b\" }"), "names") == pupils);
  CHECK_THAT(edited_tier_file(pupils, "inspect: thi"),
             Contains("\nhttps: {mode: inspect, reason: \"thi\"}\n"));
  CHECK(edited_tier_file(staff, "block-page") == staff);
  CHECK(edited_tier_file("tier: x\nhttps:\n  mode: names\n", "block-page") ==
        "tier: x\nhttps:\n  mode: names\n");
}
