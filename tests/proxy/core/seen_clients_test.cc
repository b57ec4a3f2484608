#include "proxy/core/seen_clients.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

TEST_CASE("who was a client, until there are too many to know", "[core][clients]") {
  SeenClients seen;
  const IpAddress first = IpAddress::v4(1);
  CHECK_FALSE(seen.has(first));
  seen.note(first);
  seen.note(first);
  CHECK(seen.has(first));
  CHECK(seen.size() == 1);
  for (std::uint32_t i = 2; i <= SeenClients::most; ++i) seen.note(IpAddress::v4(i));
  CHECK(seen.size() == SeenClients::most);
  CHECK_FALSE(seen.full());
  seen.note(first);
  CHECK_FALSE(seen.full());
  seen.note(IpAddress::v4(SeenClients::most + 1));
  CHECK(seen.full());
  CHECK(seen.has(first));
}
