// Bytes that doctor and the radar are answered with, by the kernel, by whoever is on the network, by the
// proxy.
#include <cstdint>
#include <cstring>
#include <memory>

#include "tests/fuzz/require.h"
#include "tools/daemon/health.h"
#include "tools/doctor/look.h"
#include "tools/lan/gateway_counts.h"
#include "tools/lan/neighbours.h"
#include "tools/lan/router_probe.h"

using namespace schoolgate;
using namespace schoolgate::tools;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const std::string_view bytes(copy.get(), size);
  bool ended = false;
  for (const Neighbour& one : neighbours_in(bytes, ended)) require(one.mac.size() == 17);
  if (const auto mac = advertising_router(bytes)) require(mac->empty() || mac->size() == 17);
  if (const auto answers = dns_answers(bytes, 0x5347))
    require(*answers < 65536 && bytes.substr(0, 2) == "SG");
  static_cast<void>(name_servers_in(bytes));
  for (const TriedAddress& one : tried_in(bytes)) require(IpAddress::parse(one.address).has_value());
  for (const auto& [name, packets] : holes_in(bytes)) require(!name.empty());
  require(without_tried(bytes).size() <= bytes.size());
  const Health once = health_in(bytes);
  const std::string text = health_text(once);
  require(health_text(health_in(text)) == text);
  return 0;
}
