// A host, as ASCII or UTF-8: what is accepted is a fixed point in canonical spelling, in the alphabet of
// names or an address; what is refused leaves nothing behind.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "rules/url/host.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  Host host, again;
  if (parse_host({copy.get(), size}, host).failed()) {
    require(host.text.empty() && !host.is_address());
    return 0;
  }
  const bool v6 = host.kind == Host::Kind::ipv6;
  require(parse_host(v6 ? "[" + host.text + "]" : host.text, again).ok());
  require(again.text == host.text && again.kind == host.kind && again.address == host.address);
  require(again.canonical_spelling);
  if (host.is_address()) {
    require(host.address.to_string() == host.text);
    require(host.address.is_v4() == !v6);
  } else {
    require(!host.text.empty() && host.text.size() <= 253 && !IpAddress::parse(host.text));
    for (const char c : host.text)
      require((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.');
  }
  return 0;
}
