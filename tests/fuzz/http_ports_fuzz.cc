// `tunnel: {http_ports: ...}` of a tier, an item a line of the input: exactly what a naive reader takes for a
// port or a range is taken, in order, and anything else is an error.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/policy/tier_reader.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

constexpr std::size_t most_items = 200;

// A double-quoted YAML text of any bytes.
std::string quoted(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20)
      out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    else if (c == '"' || c == '\\')
      out += {'\\', c};
    else
      out += c;
  }
  return out + '"';
}

// 0: no port.
std::uint32_t naive_port(std::string_view text) {
  std::uint32_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    value = std::min<std::uint32_t>(value * 10 + static_cast<std::uint32_t>(c - '0'), 100'000);
  }
  return value <= 65535 ? value : 0;
}

bool naive_range(std::string_view text, TunnelRules::Ports& out) {
  const std::size_t dash = text.find('-');
  const std::uint32_t first = naive_port(text.substr(0, dash));
  const std::uint32_t last = dash == std::string_view::npos ? first : naive_port(text.substr(dash + 1));
  if (first == 0 || last < first) return false;
  out = {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last)};
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  std::string_view rest(copy.get(), size);
  std::string items;
  std::vector<TunnelRules::Ports> want;
  std::size_t count = 0, wrong = 0;
  while (!rest.empty() && count++ < most_items) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view item = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    items += (items.empty() ? "" : ", ") + quoted(item);
    TunnelRules::Ports range{};
    if (naive_range(item, range))
      want.push_back(range);
    else
      ++wrong;
  }
  ConfigTexts texts;
  texts.files["t.yaml"] =
      "version: 1\ntier: t\nname: T\ndefault: allow\ntunnel: {http_ports: [" + items + "]}\n";
  LoadContext context("schoolgate.yaml", &texts);
  const auto tier = read_tier_file("t.yaml", context);
  if (!tier) {
    require(!context.diagnostics.empty(), "a file that is not taken is told");  // no UTF-8, at most
    return 0;
  }
  require(tier->http_ports.has_value(), "the key is there");
  require(std::equal(tier->http_ports->begin(), tier->http_ports->end(), want.begin(), want.end(),
                     [](const TunnelRules::Ports& a, const TunnelRules::Ports& b) {
                       return a.first == b.first && a.last == b.last;
                     }),
          "exactly the ports and ranges");
  require((wrong != 0) == has_errors(context.diagnostics), "what is none is an error");
  return 0;
}
