#include "tools/lan/school_address.h"

#include <catch2/catch.hpp>

using namespace schoolgate;
using namespace schoolgate::tools;

TEST_CASE("the school's own interfaces, and where its devices find our pages", "[tools][lan]") {
  const auto cable = [](const char* name, const char* address, bool up) {
    FoundInterface one;
    one.name = name;
    one.up = up;
    one.addresses = {*IpAddress::parse(address)};
    return one;
  };
  Machine machine;
  machine.interfaces = {cable("eth0", "192.168.1.2", true), cable("eth1", "192.168.20.1", true),
                        cable("eth2", "192.168.30.1", false), cable("wan", "203.0.113.5", true)};
  Config config;
  config.clients = {*Network::parse("192.168.0.0/16")};
  config.gateway.masquerade = "eth0";
  CHECK(school_interfaces(machine, config) == std::vector<std::string>{"eth1"});
  Listener everywhere;
  everywhere.address = IpAddress::v4(0);
  everywhere.port = 3128;
  CHECK(address_of_pages(machine, config).empty());  // nobody listens
  config.listen = {everywhere};
  CHECK(address_of_pages(machine, config) == "192.168.20.1:3128");
  struct Row {
    const char *name, *address;
    Entrance entrance;
    std::optional<std::string> tier;
    const char* want;
  };
  const Row rows[] = {
      {"this machine alone", "127.0.0.1", Entrance::proxy, {}, ""},
      {"one address", "192.168.20.1", Entrance::proxy, {}, "192.168.20.1:3128"},
      {"an address of nobody here", "192.168.20.9", Entrance::proxy, {}, ""},
      {"IPv6 takes IPv4, too", "::", Entrance::proxy, {}, "192.168.20.1:3128"},
      {"what was going elsewhere", "0.0.0.0", Entrance::http, {}, ""},
      {"for one tier", "0.0.0.0", Entrance::proxy, "khach", ""},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    config.listen.front().address = *IpAddress::parse(row.address);
    config.listen.front().entrance = row.entrance;
    config.listen.front().tier = row.tier;
    CHECK(address_of_pages(machine, config) == row.want);
  }
  machine.interfaces.erase(machine.interfaces.begin() + 1);
  CHECK(school_interfaces(machine, config) == std::vector<std::string>{"eth0"});  // one arm
}
