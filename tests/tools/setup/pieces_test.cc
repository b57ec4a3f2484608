#include "tools/setup/pieces.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "tools/lan/gateway_counts.h"
#include "tools/lan/tproxy_way.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using Catch::Matchers::Contains;

namespace {

Config gateway(bool tproxy) {
  Config config;
  for (const Entrance entrance : {Entrance::proxy, Entrance::tls}) {
    Listener one;
    one.address = IpAddress::v4(0);
    one.entrance = entrance;
    one.tproxy = tproxy && entrance != Entrance::proxy;
    config.listen.push_back(one);
  }
  return config;
}

SetupAnswers between_cables() {
  SetupAnswers answers;
  answers.topology = "inline";
  answers.inside = "eth1";
  answers.outside = "eth0";
  answers.address = "192.168.20.1";
  answers.networks = "192.168.20.0/24=thcs";
  answers.dhcp = answers.ipv6 = "none";
  return answers;
}

const PlannedFile* find(const std::vector<PlannedFile>& files, std::string_view ending) {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const PlannedFile& one) { return one.path.ends_with(ending); });
  return found == files.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("TPROXY: the service's right, and the way before anything is forwarded", "[tools][setup]") {
  SetupFacts facts;
  facts.tiers = {"thcs"};
  const auto files = pieces(between_cables(), facts, gateway(true), "rules");
  const PlannedFile* const right = find(files, tproxy_drop_in);
  REQUIRE(right != nullptr);
  CHECK_THAT(right->text, Contains("\nAmbientCapabilities=CAP_NET_RAW\nCapabilityBoundingSet=CAP_NET_RAW\n"));
  CHECK_THAT(right->text, !Contains("=CAP_NET_ADMIN"));
  const std::string& unit = find(files, gateway_unit)->text;
  const std::size_t forwarding = unit.find("net.ipv4.ip_forward=1");
  for (const char* const line :
       {"ExecStart=/usr/sbin/ip -4 rule add fwmark 0x5347 lookup 21319\n",
        "ExecStart=/usr/sbin/ip -6 rule add fwmark 0x5347 lookup 21319\n",
        "ExecStart=/usr/sbin/ip -4 route replace local default dev lo table 21319\n",
        "ExecStart=/usr/sbin/ip -6 route replace local default dev lo table 21319\n"})
    CHECK(unit.find(line) < forwarding);
  const auto packages = needed_packages(between_cables(), gateway(true));
  CHECK(packages.back().name == "iproute2");
}

TEST_CASE("without TPROXY the service has no right more, and what it was given is taken back",
          "[tools][setup]") {
  SetupFacts facts;
  facts.tiers = {"thcs"};
  const auto never = pieces(between_cables(), facts, gateway(false), "rules");
  CHECK(find(never, tproxy_drop_in) == nullptr);
  CHECK_THAT(find(never, gateway_unit)->text, !Contains("fwmark"));
  facts.gave_right = true;
  const auto no_longer = pieces(between_cables(), facts, gateway(false), "rules");
  const PlannedFile* const right = find(no_longer, tproxy_drop_in);
  REQUIRE(right != nullptr);
  CHECK_THAT(right->text, Contains("\n[Service]\n") && !Contains("CAP_"));
}

TEST_CASE("holes are among the ways around", "[tools][setup]") {
  Config config = gateway(false);
  GatewayHole hole;
  hole.tier = "giao_vien";
  hole.why = "calls";
  hole.review_by = "2099-01-31";
  config.gateway.open = {hole};
  CHECK(ways_around(between_cables(), config).back().english() ==
        "a hole of gateway: open, for giao_vien, to be looked at by 2099-01-31: calls");
  config.gateway.open[0].tier.reset();
  CHECK(ways_around(between_cables(), config).back().english() ==
        "a hole of gateway: open, for all, to be looked at by 2099-01-31: calls");
  const std::map<std::string, std::uint64_t> counts{{hole_counter(config.gateway.open[0]), 1234}};
  CHECK(
      ways_around(between_cables(), config, counts).back().english() ==
      "a hole of gateway: open, for all, to be looked at by 2099-01-31: calls (packets that went out by it: "
      "1,234)");
  config.gateway.open[0].tier = "giao_vien";  // another hole, which was not in force
  CHECK(ways_around(between_cables(), config, counts).back().english() ==
        "a hole of gateway: open, for giao_vien, to be looked at by 2099-01-31: calls");
}
