#include "tools/commands/nft_table.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "tools/lan/gateway_counts.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using Catch::Matchers::Contains;

namespace {

Network network(const char* text) {
  return *Network::parse(text);
}

Listener listener(const char* address, std::uint16_t port, Entrance entrance) {
  Listener one;
  one.address = *IpAddress::parse(address);
  one.port = port;
  one.entrance = entrance;
  return one;
}

Config school() {
  Config config;
  for (const char* text : {"127.0.0.0/8", "::1", "10.0.0.0/8", "192.168.0.0/16", "fd00::/8"})
    config.clients.push_back(network(text));
  const auto in = [&](const char* tier, const char* text) {
    ClientNetwork line;
    line.tier = tier;
    line.network = network(text);
    config.who.push_back(line);
  };
  in("pupils", "10.1.0.0/16");
  in("staff", "10.1.2.0/24");
  in("pupils", "10.1.2.128/25");
  in("staff", "10.1.2.200/32");
  in("staff", "192.168.0.0/16");
  in("staff", "fd00:5::/32");
  in("staff", "172.16.9.0/24");
  config.unknown_tier = "unknown";
  config.listen = {listener("0.0.0.0", 3128, Entrance::proxy), listener("0.0.0.0", 3129, Entrance::http),
                   listener("::", 3130, Entrance::tls)};
  return config;
}

// What Policy::tier_of() says, the slow way.
std::string tier_of(const Config& config, const IpAddress& address) {
  std::string tier = config.unknown_tier;
  int narrowest = -1;
  for (const ClientNetwork& line : config.who)
    if (line.network.contains(address) && line.network.bits > narrowest) {
      narrowest = line.network.bits;
      tier = line.tier;
    }
  return tier;
}

bool contains(const std::vector<Sources>& sources, const IpAddress& address) {
  const auto holds = [&](const Network& one) { return one.contains(address); };
  return std::any_of(sources.begin(), sources.end(), [&](const Sources& one) {
    return one.from.contains(address) && std::none_of(one.without.begin(), one.without.end(), holds);
  });
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("a hole of a tier is for its devices alone", "[tools][nft]") {
  const Config config = school();
  for (const char* text :
       {"10.0.0.1", "10.1.0.1", "10.1.1.255", "10.1.2.0", "10.1.2.127", "10.1.2.128", "10.1.2.199",
        "10.1.2.200", "10.1.2.201", "10.1.2.255", "10.1.3.0", "10.255.0.1", "192.168.1.1", "172.16.9.1",
        "fd00::1", "fd00:5::1", "fd00:5:ffff::1", "fd00:6::1"}) {
    const IpAddress address = *IpAddress::parse(text);
    for (const char* tier : {"pupils", "staff", "unknown"}) {
      INFO(text << " " << tier);
      CHECK(contains(sources_of_tier(config, tier), address) == (tier_of(config, address) == tier));
    }
    CHECK_FALSE(contains(sources_of_tier(config, "nobody"), address));
  }
  for (const char* text : {"127.0.0.1", "::1", "8.8.8.8", "172.16.8.1", "2001:db8::1"})
    for (const char* tier : {"pupils", "staff", "unknown"})
      CHECK_FALSE(contains(sources_of_tier(config, tier), *IpAddress::parse(text)));
}

TEST_CASE("who is filtered: the widest networks, each once", "[tools][nft]") {
  Config config = school();
  config.clients.push_back(network("10.5.0.0/16"));
  config.clients.push_back(network("10.0.0.0/8"));
  std::string text;
  for (const Network& one : filtered_networks(config)) text += one.cidr() + " ";
  CHECK(text == "10.0.0.0/8 192.168.0.0/16 fd00::/8 172.16.9.0/24 ");
}

TEST_CASE("the table drops what nothing names", "[tools][nft]") {
  const Result<std::string> table = nft_table(school());
  REQUIRE(table);
  CHECK_THAT(*table,
             Contains("add table inet schoolgate\ndelete table inet schoolgate\ntable inet schoolgate {"));
  CHECK_THAT(*table, Contains("type filter hook forward priority filter; policy drop;"));
  CHECK_THAT(*table, !Contains("flush"));
  CHECK_THAT(*table, Contains("elements = { 10.0.0.0/8, 192.168.0.0/16, 172.16.9.0/24 }"));
  CHECK_THAT(*table, Contains("elements = { fd00::/8 }"));
  CHECK_THAT(*table, Contains("ip saddr @filtered4 tcp dport 80 counter redirect to :3129\n"));
  CHECK_THAT(*table, Contains("ip saddr @filtered4 tcp dport 443 counter redirect to :3130\n"));
  CHECK_THAT(*table, Contains("ip6 saddr @filtered6 tcp dport 443 counter redirect to :3130\n"));
  CHECK_THAT(*table,
             !Contains("ip6 saddr @filtered6 tcp dport 80 "));  // no listener: refused, never forwarded
  CHECK(count(*table, "th dport 53 counter redirect to :53\n") == 2);
  // What is accepted in the chain that forwards: echo, its answers and errors, and nothing else.
  const std::string forward = table->substr(table->find("chain forward"));
  CHECK(count(forward, " accept") == 6);
  CHECK(count(forward, " accept") == count(forward, "icmp type") + count(forward, "icmpv6 type"));
}

TEST_CASE("whose QUIC and DNS over TLS is refused is counted before it is refused", "[tools][nft]") {
  const std::string table = *nft_table(school());
  CHECK(count(table, "flags dynamic,timeout") == 4);
  const std::size_t refused = table.find("counter reject");
  for (const char* rule :
       {"ip saddr @filtered4 udp dport { 80, 443 } update @tried_quic4 { ip saddr counter }\n",
        "ip6 saddr @filtered6 meta l4proto { tcp, udp } th dport 853 update @tried_dot6 { ip6 saddr counter "
        "}\n"})
    CHECK(table.find(rule) < refused);
}

TEST_CASE("by TPROXY connections are handed over unrecorded, and refused where nobody takes them",
          "[tools][nft]") {
  Config config = school();
  for (Listener& one : config.listen) one.tproxy = one.entrance != Entrance::proxy;
  const std::string table = *nft_table(config);
  for (const char* rule :
       {"    ip saddr @filtered4 tcp dport 80 notrack\n", "    ip6 saddr @filtered6 tcp dport 443 notrack\n",
        "    ip saddr @filtered4 tcp dport 80 tproxy ip to :3129 meta mark set 0x5347 counter accept\n",
        "    ip saddr @filtered4 tcp dport 443 tproxy ip to :3130 meta mark set 0x5347 counter accept\n",
        "    ip6 saddr @filtered6 tcp dport 443 tproxy ip6 to :3130 meta mark set 0x5347 counter accept\n",
        "    ip saddr @filtered4 meta l4proto { tcp, udp } th dport 53 counter redirect to :53\n",
        "    type filter hook forward priority filter; policy drop;\n",
        "    tcp dport { 80, 443, 853 } counter reject with tcp reset"})
    CHECK_THAT(table, Contains(rule));
  CHECK_THAT(table, !Contains("dport 80 counter redirect") && !Contains("dport 443 counter redirect"));
  CHECK_THAT(table, !Contains("ip6 saddr @filtered6 tcp dport 80"));  // nobody listens: refused
  CHECK(count(table, "iif \"lo\" accept\n") == 3);                    // this machine's own is left alone
}

TEST_CASE("without a listener there is no table", "[tools][nft]") {
  Config config = school();
  config.listen = {listener("0.0.0.0", 3128, Entrance::proxy)};
  CHECK_FALSE(nft_table(config));
  config.listen.push_back(listener("127.0.0.1", 3129, Entrance::http));  // nothing is redirected to there
  CHECK_FALSE(nft_table(config));
}

TEST_CASE("a listener for all tiers is sent to before one of a single tier", "[tools][nft]") {
  Config config = school();
  Listener own = listener("0.0.0.0", 4000, Entrance::http);
  own.tier = "staff";
  config.listen.insert(config.listen.begin(), own);
  CHECK_THAT(*nft_table(config), Contains("tcp dport 80 counter redirect to :3129\n"));
  config.listen = {own};
  CHECK_THAT(*nft_table(config), Contains("tcp dport 80 counter redirect to :4000\n"));
}

TEST_CASE("holes go one way, and what comes back is an answer", "[tools][nft]") {
  Config config = school();
  GatewayHole hole;
  hole.tier = "staff";
  hole.is_udp = true;
  hole.ports = {{19302, 19309}, {3478, 3478}, {19305, 19310}, {3479, 3481}};
  hole.to = {network("203.0.113.0/24"), network("2001:db8::/32"), network("203.0.113.7")};
  hole.why = "a \"call\"\n; accept \\ Họp";
  hole.review_by = "2027-06-30";
  config.gateway.open = {hole};
  const std::string table = *nft_table(config);
  CHECK_THAT(table,
             Contains("ip saddr 10.1.2.0/24 ip saddr != { 10.1.2.128/25 } ip daddr 203.0.113.0/24 udp dport "
                      "{ 3478-3481, 19302-19310 } ct direction original counter name " +
                      hole_counter(hole) + " accept comment \"a  call  ; accept   Họp\"\n"));
  CHECK(count(table, "  counter " + hole_counter(hole) + " {\n  }\n") == 1);
  CHECK_THAT(table,
             Contains("ip daddr 10.1.2.0/24 ip daddr != { 10.1.2.128/25 } ip saddr 203.0.113.0/24 udp sport "
                      "{ 3478-3481, 19302-19310 } ct direction reply ct state established counter accept\n"));
  CHECK_THAT(table, Contains("ip saddr 10.1.2.200/32 ip daddr 203.0.113.0/24 udp"));
  CHECK_THAT(table, Contains("ip6 saddr fd00:5::/32 ip6 daddr 2001:db8::/32 udp"));
  CHECK_THAT(table, !Contains("203.0.113.7"));  // lies in the other
  CHECK_THAT(table, !Contains("10.1.0.0/16"));
  CHECK_THAT(table, Contains("# cho staff, xem lại trước 2027-06-30 / for staff, to be looked at by then\n"));
  SECTION("for all") {
    config.gateway.open[0].tier.reset();
    config.gateway.open[0].is_udp = false;
    CHECK_THAT(*nft_table(config),
               Contains("    ip saddr 10.0.0.0/8 ip daddr 203.0.113.0/24 tcp dport { 3478-3481, "
                        "19302-19310 } ct direction original counter name hole_"));
  }
  SECTION("the same hole twice has one counter") {
    config.gateway.open = {hole, hole};
    CHECK(count(*nft_table(config), "  counter hole_") == 1);
  }
  SECTION("a long reason is cut between letters") {
    config.gateway.open[0].why.clear();
    for (int i = 0; i < 100; ++i) config.gateway.open[0].why += "ọ";
    CHECK_THAT(*nft_table(config), Contains("accept comment \"ọ") && Contains("ọ\"\n"));
  }
}

TEST_CASE("what leaves by the interface to the world has its address", "[tools][nft]") {
  Config config = school();
  CHECK_THAT(*nft_table(config), !Contains("masquerade"));
  config.gateway.masquerade = "eth0";
  CHECK_THAT(*nft_table(config), Contains("type nat hook postrouting priority srcnat; policy accept;\n"
                                          "    oifname \"eth0\" ip saddr @filtered4 counter masquerade\n"));
}
