#include "tools/lan/neighbours.h"

#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "tools/lan/router_probe.h"

using namespace schoolgate;
using namespace schoolgate::tools;

namespace {

template <class Value>
std::string bytes_of(const Value& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string attribute(unsigned short kind, const std::string& value) {
  rtattr head{};
  head.rta_len = static_cast<unsigned short>(sizeof head + value.size());
  head.rta_type = kind;
  std::string bytes = bytes_of(head) + value;
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

std::string message(int kind, const std::string& body) {
  nlmsghdr head{};
  head.nlmsg_len = static_cast<std::uint32_t>(sizeof head + body.size());
  head.nlmsg_type = static_cast<std::uint16_t>(kind);
  return bytes_of(head) + body;
}

std::string neighbour(const std::string& address, const std::string& mac, std::uint16_t state) {
  ndmsg head{};
  head.ndm_family = address.size() == 4 ? AF_INET : AF_INET6;
  head.ndm_state = state;
  return message(RTM_NEWNEIGH, bytes_of(head) + attribute(NDA_DST, address) + attribute(NDA_LLADDR, mac));
}

const std::string mac("\2\0\0\0\0\7", 6),
    v4("\300\250\24\12", 4), done = message(NLMSG_DONE, std::string(4, '\0'));

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

}  // namespace

TEST_CASE("the kernel's neighbours: those who answered", "[tools][lan]") {
  const std::string v6("\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x09", 16);
  bool ended = false;
  const auto all = neighbours_in(
      neighbour(v4, mac, NUD_REACHABLE) + neighbour(v6, mac, NUD_STALE) + neighbour(v4, mac, NUD_FAILED) +
          neighbour(v4, mac, NUD_INCOMPLETE) + neighbour(v4, std::string(6, '\0'), NUD_PERMANENT) +
          neighbour(v4, "abc", NUD_REACHABLE) + neighbour("123", mac, NUD_REACHABLE) +
          message(RTM_DELNEIGH, "gone") + done + neighbour(v4, mac, NUD_REACHABLE),
      ended);
  CHECK(ended);
  CHECK(all == std::vector<Neighbour>{{ip("192.168.20.10"), "02:00:00:00:00:07"},
                                      {ip("fd00::9"), "02:00:00:00:00:07"}});
  const std::string one = neighbour(v4, mac, NUD_REACHABLE);
  for (std::size_t cut = 0; cut < one.size(); ++cut) {
    bool cut_ended = false;
    CHECK(neighbours_in(one.substr(0, cut), cut_ended).empty());
    CHECK_FALSE(cut_ended);
  }
}

TEST_CASE("who never was a client", "[tools][lan]") {
  RadarView view;
  view.school = {*Network::parse("192.168.20.0/24"), *Network::parse("fd00::/64")};
  view.routers = {ip("192.168.20.254")};
  view.clients = 2;
  view.seen = [](const IpAddress& address) {
    return address == ip("fd00::1") || address == ip("192.168.20.2");
  };
  const std::vector<Neighbour> nearby{
      {ip("192.168.20.1"), "a"},   {ip("fd00::1"), "a"},  // one machine: seen
      {ip("192.168.20.2"), "b"},   {ip("fd00::3"), "c"},
      {ip("192.168.20.3"), "c"},   {ip("192.168.1.9"), "d"},  // not of the school
      {ip("192.168.20.254"), "r"}, {ip("fd00::ff"), "r"}};
  const Radar radar = look_around(nearby, view);
  CHECK(radar.machines == 3);
  CHECK(radar.unseen == std::vector<Unseen>{{"c", {ip("192.168.20.3"), ip("fd00::3")}}});
  CHECK_FALSE(radar.router_between);
  SECTION("from behind a router") {
    view.seen = [](const IpAddress&) { return false; };
    CHECK(look_around({{ip("192.168.20.7"), "x"}}, view).router_between);
    view.clients = 0;
    CHECK_FALSE(look_around({{ip("192.168.20.7"), "x"}}, view).router_between);
  }
}

TEST_CASE("an IPv6 router's advertisement", "[tools][lan]") {
  const std::string head("\x86\0\0\0\x40\0\x07\x08\0\0\0\0\0\0\0\0", 16), link("\1\1\2\0\0\0\0\7", 8),
      mtu("\5\1\0\0\0\0\5\xdc", 8);
  CHECK(advertising_router(head) == "");
  CHECK(advertising_router(head + mtu + link) == "02:00:00:00:00:07");
  std::string ends = head, solicit = head;
  ends[6] = ends[7] = 0;
  solicit[0] = '\x85';
  for (const std::string& other : {std::string(), head.substr(0, 15), ends, solicit, head + '\1',
                                   head + std::string("\1\0", 2), head + link.substr(0, 7)}) {
    INFO(other.size());
    CHECK_FALSE(advertising_router(other));
  }
}
