#include "tools/lan/dhcp_probe.h"

#include <catch2/catch.hpp>

using namespace schoolgate;
using namespace schoolgate::tools;

namespace {

constexpr MacAddress mac{2, 0, 0, 0, 0, 7};
constexpr std::uint32_t id = 0x01020304;

// What a server makes of that DISCOVER (RFC 2131 4.3.1).
std::string reply(const std::string& options) {
  std::string bytes = dhcp_discover(id, mac).substr(0, 240);
  bytes[0] = 2;
  return bytes + options;
}

}  // namespace

TEST_CASE("a DISCOVER", "[tools][lan]") {
  const std::string bytes = dhcp_discover(id, mac);
  CHECK(bytes.size() == 300);
  CHECK(bytes.substr(0, 8) == std::string("\1\1\6\0\1\2\3\4", 8));
  CHECK(bytes.substr(10, 2) == std::string("\x80\0", 2));
  CHECK(bytes.substr(28, 6) == std::string("\2\0\0\0\0\7", 6));
  CHECK(bytes.substr(236, 7) == std::string("\x63\x82\x53\x63\x35\1\1", 7));
}

TEST_CASE("who offers", "[tools][lan]") {
  const std::string offer("\x35\1\2", 3), server("\x36\4\300\250\1\1", 6), end("\xff", 1);
  CHECK(dhcp_offer_from(reply(offer + server + end), id, mac) == IpAddress::parse("192.168.1.1"));
  CHECK(dhcp_offer_from(reply(std::string("\0\0", 2) + server + offer), id, mac) ==
        IpAddress::parse("192.168.1.1"));
  struct Row {
    const char* name;
    std::string bytes;
  };
  std::string other = reply(offer + server + end), question = other, no_cookie = other, ours = other;
  other[7] = 9;
  question[0] = 1;
  no_cookie[237] = 0;
  ours[33] = 8;
  const Row rows[] = {
      {"nothing", ""},
      {"of another question", other},
      {"a question", question},
      {"no DHCP", no_cookie},
      {"for another machine", ours},
      {"no server named", reply(offer + end)},
      {"an ACK", reply(std::string("\x35\1\5", 3) + server + end)},
      {"an option beyond the end", reply(offer + server + "\x0c\x09host")},
      {"an option without a length", reply(offer + server + "\x0c")},
      {"a server of three bytes", reply(offer + std::string("\x36\3\1\2\3", 5) + end)},
      {"a server behind the end", reply(offer + end + server)},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK_FALSE(dhcp_offer_from(row.bytes, id, mac));
    }
}
