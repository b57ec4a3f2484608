#include "rules/url/ip.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

TEST_CASE("addresses have one spelling", "[rules][ip]") {
  struct Row {
    const char* text;
    const char* want;  // nullptr: refused
  };
  const Row rows[] = {
      {"0.0.0.0", "0.0.0.0"},
      {"192.168.1.255", "192.168.1.255"},
      {"01.2.3.4", nullptr},
      {"1.2.3", nullptr},
      {"1.2.3.4.", nullptr},
      {"1.2.3.256", nullptr},
      {"1.2.3.4 ", nullptr},
      {"0x7f.0.0.1", nullptr},
      {"1..2.3", nullptr},
      {"", nullptr},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      // RFC 4291 2.2
      {"ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"},
      {"2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"},
      {"FF01:0:0:0:0:0:0:101", "ff01::101"},
      {"0:0:0:0:0:0:13.1.68.3", "::d01:4403"},
      {"::FFFF:129.144.52.38", "129.144.52.38"},
      // RFC 5952 4.2
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:0db8::0001", "2001:db8::1"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"1:2:3:4:5:6:7:8::", nullptr},
      {"::1:2:3:4:5:6:7:8", nullptr},
      {"1:2:3:4::5:6:7:8", nullptr},
      {"1::2::3", nullptr},
      {":::", nullptr},
      {":1", nullptr},
      {":", nullptr},
      {"1:", nullptr},
      {"1:2:3:4:5:6:7", nullptr},
      {"1:2:3:4:5:6:7:8:9", nullptr},
      {"12345::", nullptr},
      {"g::", nullptr},
      {"::1.2.3", nullptr},
      {"::1.2.3.04", nullptr},
      {"1:2:3:4:5:6:7:1.2.3.4", nullptr},
      {"::1.2.3.4:5", nullptr},
      {"[::1]", nullptr},
      {"fe80::1%eth0", nullptr},
  };
  for (const Row& row : rows) DYNAMIC_SECTION("'" << row.text << "'") {
      const std::optional<IpAddress> address = IpAddress::parse(row.text);
      REQUIRE(address.has_value() == (row.want != nullptr));
      if (address) {
        CHECK(address->to_string() == row.want);
        CHECK(IpAddress::parse(address->to_string()) == address);
      }
    }
}

TEST_CASE("IPv4 lives in its mapped form", "[rules][ip]") {
  CHECK(IpAddress::parse("10.1.2.3") == IpAddress::v4(0x0a010203));
  CHECK(IpAddress::parse("::ffff:a01:203") == IpAddress::v4(0x0a010203));
  CHECK(IpAddress::v4(0x0a010203).is_v4());
  CHECK(IpAddress::v4(0x0a010203).v4_value() == 0x0a010203);
  CHECK_FALSE(IpAddress::parse("::a01:203")->is_v4());
}

TEST_CASE("networks", "[rules][ip]") {
  struct Row {
    const char* text;
    const char* want;
    const char* inside;
    const char* outside;
  };
  const Row rows[] = {
      {"192.168.0.0/16", "192.168.0.0/16", "192.168.255.1", "192.169.0.0"},
      {"10.0.0.0/8", "10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
      {"0.0.0.0/0", "0.0.0.0/0", "203.0.113.9", "2001:db8::1"},
      {"::/0", "::/0", "2001:db8::1", "203.0.113.9"},
      {"10.1.2.3", "10.1.2.3", "10.1.2.3", "10.1.2.4"},
      {"10.1.2.3/32", "10.1.2.3", "10.1.2.3", "10.1.2.4"},
      {"fd00::/8", "fd00::/8", "fdff::1", "fe00::"},
      {"fe80::/10", "fe80::/10", "febf:ffff::", "fec0::"},
      {"2001:db8::1", "2001:db8::1", "2001:db8::1", "2001:db8::2"},
      {"10.0.0.128/25", "10.0.0.128/25", "10.0.0.255", "10.0.0.127"},
      {"::ffff:10.0.0.0/104", "10.0.0.0/8", "10.9.9.9", "11.0.0.0"},
      {"192.168.0.1/16", nullptr, "", ""},
      {"10.0.0.0/33", nullptr, "", ""},
      {"10.0.0.0/08", nullptr, "", ""},
      {"10.0.0.0/", nullptr, "", ""},
      {"10.0.0.0/-1", nullptr, "", ""},
      {"10.0.0.0/8/8", nullptr, "", ""},
      {"fd00::/129", nullptr, "", ""},
      {"/8", nullptr, "", ""},
      {"", nullptr, "", ""},
      {"10.0.0", nullptr, "", ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION("'" << row.text << "'") {
      const std::optional<Network> network = Network::parse(row.text);
      REQUIRE(network.has_value() == (row.want != nullptr));
      if (!network) continue;
      CHECK(network->to_string() == row.want);
      CHECK(Network::parse(network->to_string()) == network);
      CHECK(network->contains(*IpAddress::parse(row.inside)));
      CHECK_FALSE(network->contains(*IpAddress::parse(row.outside)));
    }
}

TEST_CASE("a network with its length, and what one with host bits must have meant", "[rules][ip]") {
  struct Row {
    const char *text, *want;  // nullptr: no network in any reading
  };
  const Row rows[] = {
      {"10.1.2.3", "10.1.2.3/32"},
      {"10.1.2.3/32", "10.1.2.3/32"},
      {"198.51.100.7/24", "198.51.100.0/24"},
      {"198.51.100.7/25", "198.51.100.0/25"},
      {"198.51.100.129/25", "198.51.100.128/25"},
      {"255.255.255.255/0", "0.0.0.0/0"},
      {"2001:db8::1", "2001:db8::1/128"},
      {"2001:db8::1/32", "2001:db8::/32"},
      {"2001:db8:ffff::/33", "2001:db8:8000::/33"},
      {"ffff::/1", "8000::/1"},
      {"10.0.0.0/33", nullptr},
      {"a.vn/24", nullptr},
  };
  for (const Row& row : rows) DYNAMIC_SECTION("'" << row.text << "'") {
      const std::optional<Network> network = Network::around(row.text);
      REQUIRE(network.has_value() == (row.want != nullptr));
      if (!network) continue;
      CHECK(network->cidr() == row.want);
      CHECK(Network::parse(network->cidr()) == network);
    }
}

TEST_CASE("networks that are wider than anything that one party has", "[rules][ip]") {
  const std::pair<const char*, bool> rows[] = {
      {"0.0.0.0/0", true},
      {"128.0.0.0/1", true},
      {"10.0.0.0/7", true},
      {"10.0.0.0/8", false},
      {"198.51.100.0/24", false},
      {"::/0", true},
      {"2000::/3", true},
      {"2001::/18", true},
      {"2003::/19", false},
      {"2001:db8::/32", false},
      {"::1/128", false},
      {"64:ff9b::/96", true},
      {"64:ff9b::/64", true},
      {"64:ff9b::/32", true},
      {"64:ff9b::/103", true},
      {"64:ff9b::/104", false},
      {"64:ff9b:1::/48", false},
      {"::ffff:0:0/96", true},
      {"::ffff:10.0.0.0/104", false},
  };
  for (const auto& [text, wide] : rows) DYNAMIC_SECTION("'" << text << "'") {
      CHECK(is_wide(*Network::parse(text)) == wide);
    }
}

TEST_CASE("what kind of place an address is", "[rules][ip]") {
  struct Row {
    const char* text;
    AddressClass want;
  };
  using enum AddressClass;
  const Row rows[] = {
      {"8.8.8.8", global},
      {"0.0.0.0", unspecified},
      {"0.1.2.3", reserved},
      {"10.0.0.1", private_use},
      {"100.64.0.1", private_use},
      {"100.127.255.255", private_use},
      {"100.128.0.0", global},
      {"100.100.100.200", metadata},
      {"127.0.0.1", loopback},
      {"127.255.255.254", loopback},
      {"169.254.169.254", metadata},
      {"169.254.1.1", link_local},
      {"172.15.255.255", global},
      {"172.16.0.0", private_use},
      {"172.31.255.255", private_use},
      {"172.32.0.0", global},
      {"192.0.0.1", reserved},
      {"192.0.2.1", reserved},
      {"192.168.0.1", private_use},
      {"198.19.255.255", reserved},
      {"224.0.0.1", multicast},
      {"239.255.255.250", multicast},
      {"240.0.0.1", reserved},
      {"255.255.255.255", reserved},
      {"::", unspecified},
      {"::1", loopback},
      {"::ffff:127.0.0.1", loopback},
      {"::127.0.0.1", loopback},  // IPv4-compatible
      {"::10.0.0.1", private_use},
      {"64:ff9b::169.254.169.254", metadata},  // NAT64
      {"64:ff9b::8.8.8.8", global},
      {"64:ff9b:1::1", private_use},
      {"2002:7f00:1::", loopback},  // 6to4 of 127.0.0.1
      {"2002:808:808::1", global},
      {"2001:0:4136:e378:8000:63bf:3fff:fdd2", reserved},  // Teredo, RFC 4380: client 192.0.2.45
      {"2001:0:1:1:0:0:80ff:fffe", loopback},              // Teredo client 127.0.0.1
      {"2001:db8::1", reserved},
      {"2001:2::1", reserved},
      {"2606:4700::1111", global},
      {"3fff::1", reserved},
      {"fc00::1", private_use},
      {"fd12::1", private_use},
      {"fd00:ec2::254", metadata},
      {"fe80::1", link_local},
      {"fec0::1", private_use},
      {"ff02::1", multicast},
      {"100::1", reserved},
      {"4000::1", reserved},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.text) {
      CHECK(to_string(classify(*IpAddress::parse(row.text))) == to_string(row.want));
    }
}
