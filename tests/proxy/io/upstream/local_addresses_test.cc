#include "proxy/io/upstream/local_addresses.h"

#include <sched.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <thread>

using namespace schoolgate;

namespace {

bool holds(LocalAddresses& addresses, const char* text) {
  const auto wanted = *IpAddress::parse(text);
  const auto& now = addresses.now();
  return std::any_of(now.begin(), now.end(), [&](const LocalAddress& one) { return one.address == wanted; });
}

// In a network of its own, which only root may make; false: not made.
bool watch_an_address_come_and_go() {
  if (::unshare(CLONE_NEWNET) != 0) return false;
  if (std::system("ip link set lo up && ip link add v0 type veth peer name v1 && ip link set v0 up") != 0)
    return false;
  LocalAddresses addresses;
  CHECK(holds(addresses, "127.0.0.1"));
  CHECK_FALSE(holds(addresses, "203.0.114.9"));
  CHECK(std::system("ip addr add 203.0.114.9/24 dev v0 && ip addr add 203.0.114.10/24 dev v0") == 0);
  CHECK(holds(addresses, "203.0.114.9"));
  CHECK(holds(addresses, "203.0.114.10"));
  CHECK(std::system("ip addr add 2001:db8::9/64 dev v0") == 0);
  CHECK(holds(addresses, "2001:db8::9"));
  CHECK(std::system("ip addr flush dev v0") == 0);
  CHECK_FALSE(holds(addresses, "203.0.114.9"));
  return true;
}

}  // namespace

TEST_CASE("an address that comes after the start is known at once", "[io][address_policy]") {
  bool made = false;
  std::thread apart([&] { made = watch_an_address_come_and_go(); });
  apart.join();
  if (!made) WARN("not tried: a network of its own takes root, and the ip command");
}
