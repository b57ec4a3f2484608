// Bytes from whoever is on the school's network: an OFFER is of this DISCOVER and names its server, or it is
// none.
#include <cstdint>
#include <cstring>
#include <memory>

#include "tests/fuzz/require.h"
#include "tools/lan/dhcp_probe.h"

using namespace schoolgate;
using namespace schoolgate::tools;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const std::string_view bytes(copy.get(), size);
  constexpr std::uint32_t id = 0x41424344;
  constexpr MacAddress mac{'M', 'M', 'M', 'M', 'M', 'M'};
  const auto server = dhcp_offer_from(bytes, id, mac);
  if (server) {
    require(server->is_v4());
    require(bytes.substr(4, 4) == "ABCD");
    require(!dhcp_offer_from(bytes, id + 1, mac));
  }
  return 0;
}
