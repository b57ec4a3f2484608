// CNAME records of hostile answers: each name once and not too many; of an answer that was cut short no more
// is read than of the whole, and what c-ares takes an address from was readable.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "proxy/io/upstream/dns_aliases.h"
#include "rules/url/host.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

struct Read {
  bool whole = false;
  std::vector<std::string> aliases;
};

Read read(const std::uint8_t* data, std::size_t size, std::vector<std::string> known = {}) {
  const auto copy = std::make_unique<unsigned char[]>(size);  // exact size: ASan sees over-reads
  std::memcpy(copy.get(), data, size);
  Read result{false, std::move(known)};
  result.whole = add_dns_aliases(copy.get(), static_cast<int>(size), result.aliases);
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 0xffff) return 0;
  const std::size_t cut = data[0] * (size - 1) / 256;
  ++data, --size;
  const Read whole = read(data, size);
  require(whole.aliases.size() <= max_aliases);
  Host host;
  for (std::size_t i = 0; i < whole.aliases.size(); ++i) {
    const std::string& name = whole.aliases[i];
    require(name.size() <= 4 * 255 && name.find('\0') == std::string::npos);
    require(std::find(whole.aliases.begin(), whole.aliases.begin() + static_cast<std::ptrdiff_t>(i), name) ==
            whole.aliases.begin() + static_cast<std::ptrdiff_t>(i));
    if (parse_host(name, host).ok()) require(!host.text.empty());
  }

  const Read part = read(data, cut);
  require(part.aliases.size() <= whole.aliases.size());
  require(std::equal(part.aliases.begin(), part.aliases.end(), whole.aliases.begin()));
  if (part.whole) require(whole.whole && part.aliases == whole.aliases);

  const Read again = read(data, size, whole.aliases);  // the other family's answer says the same
  require(again.aliases == whole.aliases && (!whole.whole || again.whole));
  return 0;
}
