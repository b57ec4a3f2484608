#include "proxy/io/upstream/address_policy.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

TEST_CASE("where the proxy may connect", "[io][address_policy]") {
  const AddressPolicy policy({*Network::parse("10.1.0.0/16"), *Network::parse("127.0.0.0/8")},
                             {{*IpAddress::parse("127.0.0.1"), 3128}, {*IpAddress::parse("0.0.0.0"), 8080}});
  const std::vector<LocalAddress> local{{*IpAddress::parse("10.1.0.1")},
                                        {*IpAddress::parse("203.0.114.9")},
                                        {*IpAddress::parse("203.0.114.7"), true}};
  struct Row {
    const char* address;
    std::uint16_t port;
    AddressCheck want;
  };
  const Row rows[] = {
      {"93.184.216.34", 80, AddressCheck::ok},
      {"2606:2800:220:1::1", 443, AddressCheck::ok},
      {"10.1.2.3", 80, AddressCheck::ok},  // allow_networks
      {"10.2.2.3", 80, AddressCheck::refused},
      {"192.168.1.1", 80, AddressCheck::refused},
      {"169.254.169.254", 80, AddressCheck::refused},
      {"::1", 80, AddressCheck::refused},
      {"fe80::1", 80, AddressCheck::refused},
      {"64:ff9b::7f00:1", 80, AddressCheck::refused},
      {"0.0.0.0", 80, AddressCheck::refused},
      {"::", 80, AddressCheck::refused},
      {"127.0.0.1", 80, AddressCheck::ok},
      {"127.0.0.1", 3128, AddressCheck::own},  // allowed by network, but it is us
      {"127.0.0.2", 3128, AddressCheck::ok},   // that listener is on 127.0.0.1 alone
      {"0.0.0.0", 3128, AddressCheck::own},
      {"127.9.9.9", 8080, AddressCheck::own},  // a listener on every address
      {"10.1.0.1", 8080, AddressCheck::own},
      {"203.0.114.9", 8080, AddressCheck::own},
      {"203.0.114.9", 22, AddressCheck::refused},  // a public address of this machine
      {"203.0.114.8", 22, AddressCheck::ok},
      {"203.0.114.7", 22, AddressCheck::ok},  // of this machine too, but put on its loopback interface
      {"203.0.114.7", 8080, AddressCheck::own},
      {"::1", 8080, AddressCheck::own},
      {"10.1.0.2", 8080, AddressCheck::ok},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.address << " port " << row.port) {
      CHECK(policy.check(*IpAddress::parse(row.address), row.port, local) == row.want);
    }
}
