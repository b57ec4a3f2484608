#include "tools/daemon/refusing_devices.h"

#include <catch2/catch.hpp>

#include "proxy/audit/month.h"
#include "proxy/audit/pseudonym.h"
#include "tests/config/support.h"

using namespace schoolgate;
using namespace schoolgate::tools;

TEST_CASE("devices that refuse the certificate are named as the log names them",
          "[tools][gateway][inspect]") {
  constexpr std::int64_t march_2026 = 1'772'600'000'000;
  const test::Folder folder;
  Config config;
  config.who = {{.network = *Network::parse("10.1.0.0/16"), .tier = "a", .label = "Phòng máy 1"},
                {.network = *Network::parse("10.1.2.0/24"), .tier = "a", .label = {}}};
  const std::vector<RefusingDevice> devices = {{IpAddress::v4(0x0a010101), 3, march_2026},
                                               {IpAddress::v4(0x0a010201), 4, march_2026},
                                               {IpAddress::v4(0xc0a80101), 5, march_2026}};
  const auto names = [&](std::int64_t now) {
    return name_devices(devices, config, folder.path("keys"), now);
  };
  CHECK(names(march_2026)[0].client.empty());  // no key: no name, and no address either
  auto keys = audit::PseudonymKeys::load(folder.path("keys"));
  REQUIRE(keys);
  const auto key = keys->key(audit::Month::of(march_2026));
  REQUIRE(key);
  const auto named = names(march_2026);
  REQUIRE(named.size() == 3);
  CHECK(named[0].client == audit::pseudonym(**key, devices[0].address));
  CHECK(named[0].label == "Phòng máy 1");
  CHECK(named[1].label == "10.1.2.0/24");  // the narrowest line
  CHECK(named[2].label.empty());
  CHECK(named[2].refused == 5);
  CHECK(name_devices({}, config, folder.path("keys"), march_2026).empty());
}
