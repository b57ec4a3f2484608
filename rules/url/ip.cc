#include "rules/url/ip.h"

#include <algorithm>
#include <cstring>

#include "rules/bytes/hex.h"

namespace schoolgate {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// Decimal without sign or leading zeros, at most `limit`; consumes it from `text`.
std::optional<unsigned> take_decimal(std::string_view& text, unsigned limit) noexcept {
  unsigned value = 0;
  std::size_t n = 0;
  for (; n < text.size() && text[n] >= '0' && text[n] <= '9'; ++n) {
    value = value * 10 + static_cast<unsigned>(text[n] - '0');
    if (value > limit || (n > 0 && text[0] == '0')) return std::nullopt;
  }
  if (n == 0) return std::nullopt;
  text.remove_prefix(n);
  return value;
}

std::optional<std::uint32_t> take_dotted_quad(std::string_view text) noexcept {
  std::uint32_t value = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (text.empty() || text.front() != '.') return std::nullopt;
      text.remove_prefix(1);
    }
    const std::optional<unsigned> byte = take_decimal(text, 255);
    if (!byte) return std::nullopt;
    value = value << 8 | *byte;
  }
  if (!text.empty()) return std::nullopt;
  return value;
}

// The hex digits that `text` begins with; five at most, which is one too many.
std::size_t count_hex_digits(std::string_view text, unsigned& value) noexcept {
  value = 0;
  std::size_t n = 0;
  for (; n < text.size() && n < 5 && hex_value(text[n]) >= 0; ++n)
    value = value << 4 | static_cast<unsigned>(hex_value(text[n]));
  return n;
}

// RFC 4291 2.2: groups of up to four hex digits, one "::", perhaps a dotted quad at the end.
std::optional<IpAddress> parse_v6(std::string_view text) noexcept {
  std::array<std::uint16_t, 8> groups{};
  std::size_t count = 0;
  std::optional<std::size_t> gap;  // index of the group before which "::" stands
  if (text.starts_with("::")) {
    gap = 0;
    text.remove_prefix(2);
  } else if (text.starts_with(':')) {
    return std::nullopt;
  }
  while (!text.empty()) {
    if (count == 8) return std::nullopt;
    unsigned value = 0;
    const std::size_t n = count_hex_digits(text, value);
    if (n > 0 && n < text.size() && text[n] == '.') {
      const std::optional<std::uint32_t> v4 = take_dotted_quad(text);
      if (!v4 || count > 6) return std::nullopt;
      groups[count++] = static_cast<std::uint16_t>(*v4 >> 16);
      groups[count++] = static_cast<std::uint16_t>(*v4 & 0xffff);
      break;
    }
    if (n == 0 || n > 4) return std::nullopt;
    groups[count++] = static_cast<std::uint16_t>(value);
    text.remove_prefix(n);
    if (text.empty()) break;
    if (text.front() != ':' || text.size() == 1) return std::nullopt;
    text.remove_prefix(1);
    if (text.front() == ':') {
      if (gap) return std::nullopt;
      gap = count;
      text.remove_prefix(1);
    }
  }
  if (gap ? count == 8 : count != 8) return std::nullopt;
  if (gap) {
    std::move_backward(groups.begin() + static_cast<std::ptrdiff_t>(*gap),
                       groups.begin() + static_cast<std::ptrdiff_t>(count), groups.end());
    std::fill_n(groups.begin() + static_cast<std::ptrdiff_t>(*gap), 8 - count, std::uint16_t{0});
  }
  IpAddress address;
  for (std::size_t i = 0; i < 8; ++i) {
    address.bytes[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
    address.bytes[2 * i + 1] = static_cast<std::uint8_t>(groups[i] & 0xff);
  }
  return address;
}

std::string v4_text(std::uint32_t value) {
  return std::to_string(value >> 24) + '.' + std::to_string(value >> 16 & 255) + '.' +
         std::to_string(value >> 8 & 255) + '.' + std::to_string(value & 255);
}

void append_hex(std::string& out, unsigned value) {
  constexpr std::string_view digits = "0123456789abcdef";
  bool started = false;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const unsigned digit = value >> shift & 15;
    started = started || digit != 0 || shift == 0;
    if (started) out += digits[digit];
  }
}

// RFC 5952 4: lower case, the first longest run of two or more zero groups as "::".
std::string v6_text(const std::array<std::uint8_t, 16>& bytes) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i)
    groups[i] = static_cast<unsigned>(bytes[2 * i]) << 8 | static_cast<unsigned>(bytes[2 * i + 1]);
  std::size_t best = 8, best_length = 1;
  for (std::size_t i = 0; i < 8;) {
    std::size_t end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > best_length) {
      best = i;
      best_length = end - i;
    }
    i = end + 1;
  }
  std::string out;
  for (std::size_t i = 0; i < 8;) {
    if (i == best) {
      out += "::";
      i += best_length;
      continue;
    }
    if (i > 0 && out.back() != ':') out += ':';
    append_hex(out, groups[i++]);
  }
  return out;
}

bool has_prefix(const IpAddress& address, const IpAddress& base, unsigned bits) noexcept {
  const std::size_t whole = bits / 8;
  if (std::memcmp(address.bytes.data(), base.bytes.data(), whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
  return ((address.bytes[whole] ^ base.bytes[whole]) & mask) == 0;
}

// --- classes ---------------------------------------------------------------------------------

struct V4Range {
  std::uint32_t base;
  unsigned bits;
  AddressClass kind;
};

constexpr std::uint32_t quad(unsigned a, unsigned b, unsigned c, unsigned d) noexcept {
  return a << 24 | b << 16 | c << 8 | d;
}

// IANA IPv4 Special-Purpose Address Registry; the first range that holds the address counts.
constexpr V4Range v4_ranges[] = {
    {quad(0, 0, 0, 0), 32, AddressClass::unspecified},
    {quad(0, 0, 0, 0), 8, AddressClass::reserved},           // "this network"
    {quad(10, 0, 0, 0), 8, AddressClass::private_use},       // RFC 1918
    {quad(100, 100, 100, 200), 32, AddressClass::metadata},  // Alibaba Cloud
    {quad(100, 64, 0, 0), 10, AddressClass::private_use},    // RFC 6598, carrier-grade NAT
    {quad(127, 0, 0, 0), 8, AddressClass::loopback},
    {quad(168, 63, 129, 16), 32, AddressClass::metadata},    // Azure
    {quad(169, 254, 169, 254), 32, AddressClass::metadata},  // AWS, Google, Azure, OpenStack, ...
    {quad(169, 254, 170, 2), 32, AddressClass::metadata},    // AWS container credentials
    {quad(169, 254, 170, 23), 32, AddressClass::metadata},   // AWS pod identity
    {quad(169, 254, 0, 0), 16, AddressClass::link_local},
    {quad(172, 16, 0, 0), 12, AddressClass::private_use},   // RFC 1918
    {quad(192, 0, 0, 192), 32, AddressClass::metadata},     // Oracle Cloud, classic
    {quad(192, 0, 0, 0), 24, AddressClass::reserved},       // IETF protocol assignments
    {quad(192, 0, 2, 0), 24, AddressClass::reserved},       // documentation
    {quad(192, 88, 99, 0), 24, AddressClass::reserved},     // former 6to4 relays
    {quad(192, 168, 0, 0), 16, AddressClass::private_use},  // RFC 1918
    {quad(198, 18, 0, 0), 15, AddressClass::reserved},      // benchmarking
    {quad(198, 51, 100, 0), 24, AddressClass::reserved},    // documentation
    {quad(203, 0, 113, 0), 24, AddressClass::reserved},     // documentation
    {quad(224, 0, 0, 0), 4, AddressClass::multicast},
    {quad(240, 0, 0, 0), 4, AddressClass::reserved},  // and the limited broadcast address
};

AddressClass classify_v4(std::uint32_t value) noexcept {
  for (const V4Range& range : v4_ranges)
    if (((value ^ range.base) >> (32 - range.bits)) == 0) return range.kind;
  return AddressClass::global;
}

struct V6Range {
  std::array<std::uint8_t, 16> base;
  unsigned bits;
  AddressClass kind;
};

// IANA IPv6 Special-Purpose Address Registry; the first range that holds the address counts.
constexpr V6Range v6_ranges[] = {
    {{}, 128, AddressClass::unspecified},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, AddressClass::loopback},
    {{0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}, 128, AddressClass::metadata},  // AWS
    {{0xfd, 0x20, 0x00, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54},
     128,
     AddressClass::metadata},                                               // Google
    {{0xfc}, 7, AddressClass::private_use},                                 // RFC 4193
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, AddressClass::private_use},  // RFC 8215, local NAT64
    {{0xfe, 0x80}, 10, AddressClass::link_local},
    {{0xfe, 0xc0}, 10, AddressClass::private_use},  // former site-local
    {{0xff}, 8, AddressClass::multicast},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, AddressClass::reserved},  // documentation
    {{0x20, 0x01}, 23, AddressClass::reserved},              // IETF protocol assignments
    {{0x3f, 0xff}, 20, AddressClass::reserved},              // documentation, RFC 9637
    {{0x20}, 3, AddressClass::global},                       // 2000::/3, the only unicast space given out
};

std::uint32_t v4_at(const IpAddress& address, std::size_t at) noexcept {
  return quad(address.bytes[at], address.bytes[at + 1], address.bytes[at + 2], address.bytes[at + 3]);
}

// The IPv4 address inside an IPv6 one, where a gateway or a tunnel would take it out again.
std::optional<std::uint32_t> v4_inside(const IpAddress& a) noexcept {
  constexpr IpAddress nat64{{0x00, 0x64, 0xff, 0x9b}};
  constexpr IpAddress six_to_four{{0x20, 0x02}};
  constexpr IpAddress teredo{{0x20, 0x01}};
  if (a.is_v4()) return a.v4_value();
  if (has_prefix(a, IpAddress{}, 96)) {  // IPv4-compatible; "::" and "::1" have a meaning of their own
    const std::uint32_t value = v4_at(a, 12);
    return value > 1 ? std::optional(value) : std::nullopt;
  }
  if (has_prefix(a, nat64, 96)) return v4_at(a, 12);       // RFC 6052
  if (has_prefix(a, six_to_four, 16)) return v4_at(a, 2);  // RFC 3056
  if (has_prefix(a, teredo, 32)) return ~v4_at(a, 12);     // RFC 4380: the client, inverted
  return std::nullopt;
}

}  // namespace

IpAddress IpAddress::v4(std::uint32_t host_order) noexcept {
  IpAddress address;
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.bytes.begin());
  for (std::size_t i = 0; i < 4; ++i)
    address.bytes[12 + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i) & 0xff);
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) noexcept {
  if (text.find(':') != std::string_view::npos) return parse_v6(text);
  const std::optional<std::uint32_t> value = take_dotted_quad(text);
  if (!value) return std::nullopt;
  return v4(*value);
}

bool IpAddress::is_v4() const noexcept {
  return std::memcmp(bytes.data(), mapped_prefix.data(), mapped_prefix.size()) == 0;
}

std::uint32_t IpAddress::v4_value() const noexcept {
  return v4_at(*this, 12);
}

std::string IpAddress::to_string() const {
  return is_v4() ? v4_text(v4_value()) : v6_text(bytes);
}

std::optional<Network> Network::parse(std::string_view text) noexcept {
  const std::optional<Network> network = around(text);
  if (!network || IpAddress::parse(text.substr(0, text.find('/'))) != network->base) return std::nullopt;
  return network;
}

std::optional<Network> Network::around(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  const std::string_view address_text = text.substr(0, slash);
  const std::optional<IpAddress> address = IpAddress::parse(address_text);
  if (!address) return std::nullopt;
  Network network{*address, 128};
  if (slash != std::string_view::npos) {
    const bool quad_text = address_text.find(':') == std::string_view::npos;
    text.remove_prefix(slash + 1);
    const std::optional<unsigned> bits = take_decimal(text, quad_text ? 32 : 128);
    if (!bits || !text.empty()) return std::nullopt;
    network.bits = static_cast<std::uint8_t>(*bits + (quad_text ? 96 : 0));
  }
  for (unsigned bit = network.bits; bit < 128; ++bit)
    network.base.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> bit % 8));
  return network;
}

bool Network::contains(const IpAddress& address) const noexcept {
  if (bits < 96 && address.is_v4()) return false;
  return has_prefix(address, base, bits);
}

std::string Network::to_string() const {
  return bits == 128 ? base.to_string() : cidr();
}

std::string Network::cidr() const {
  const bool quad_text = bits >= 96 && base.is_v4();
  return base.to_string() + '/' + std::to_string(quad_text ? bits - 96U : bits);
}

bool is_wide(const Network& network) noexcept {
  constexpr unsigned widest_v4 = 8, widest_v6 = 19, embedded = 96;
  constexpr IpAddress nat64{{0x00, 0x64, 0xff, 0x9b}};
  if (network.bits >= embedded && network.base.is_v4()) return network.bits < embedded + widest_v4;
  const bool behind_nat64 = has_prefix(network.base, nat64, std::min<unsigned>(network.bits, embedded));
  return network.bits < (behind_nat64 ? embedded + widest_v4 : widest_v6);
}

std::optional<IpAddress> embedded_v4(const IpAddress& address) noexcept {
  const std::optional<std::uint32_t> value = v4_inside(address);
  return value ? std::optional(IpAddress::v4(*value)) : std::nullopt;
}

AddressClass classify(const IpAddress& address) noexcept {
  if (const std::optional<std::uint32_t> v4 = v4_inside(address)) return classify_v4(*v4);
  for (const V6Range& range : v6_ranges)
    if (has_prefix(address, IpAddress{range.base}, range.bits)) return range.kind;
  return AddressClass::reserved;
}

std::string_view to_string(AddressClass c) noexcept {
  switch (c) {
    case AddressClass::global:
      return "global";
    case AddressClass::unspecified:
      return "unspecified";
    case AddressClass::loopback:
      return "loopback";
    case AddressClass::link_local:
      return "link_local";
    case AddressClass::metadata:
      return "metadata";
    case AddressClass::private_use:
      return "private_use";
    case AddressClass::multicast:
      return "multicast";
    case AddressClass::reserved:
      return "reserved";
  }
  return "reserved";
}

}  // namespace schoolgate
