// IP addresses and networks as values; IPv4 is held in its IPv4-mapped IPv6 form
// (RFC 4291 2.5.5.2), so that one comparison serves both families.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace schoolgate {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  static IpAddress v4(std::uint32_t host_order) noexcept;
  // Strict: dotted quad without leading zeros, or RFC 4291 text form without zone and brackets.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text) noexcept;

  [[nodiscard]] bool is_v4() const noexcept;
  [[nodiscard]] std::uint32_t v4_value() const noexcept;  // host order; only when is_v4()
  [[nodiscard]] std::string to_string() const;            // RFC 5952; dotted quad for IPv4

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

struct Network {
  IpAddress base;           // host bits are zero
  std::uint8_t bits = 128;  // prefix length in the 128-bit space: 10.0.0.0/8 has 104

  // "192.168.0.0/16", "fd00::/8", or a lone address (all bits). Host bits set are an error (nullopt).
  [[nodiscard]] static std::optional<Network> parse(std::string_view text) noexcept;
  // The same with host bits set to zero: what "192.168.20.7/16" must have meant.
  [[nodiscard]] static std::optional<Network> around(std::string_view text) noexcept;

  // An IPv6 network shorter than /96 holds no IPv4 address, so that "::/0" means all of IPv6 alone.
  [[nodiscard]] bool contains(const IpAddress& address) const noexcept;
  [[nodiscard]] std::string to_string() const;  // a lone address without its length
  [[nodiscard]] std::string cidr() const;       // always with its length: "192.0.2.1/32"
  friend bool operator==(const Network&, const Network&) = default;
};

// Wider than anything that one party has: IPv4 shorter than /8, IPv6 than /19, or as much of IPv4 behind
// NAT64 (64:ff9b::/96). One such line would be about a good part of the Internet.
[[nodiscard]] bool is_wide(const Network& network) noexcept;

// What kind of place an address is (IANA special-purpose registries, RFC 6890). Addresses that
// embed an IPv4 address (mapped, compatible, NAT64 64:ff9b::/96, 6to4, Teredo) are classed by it.
enum class AddressClass : std::uint8_t {
  global,
  unspecified,
  loopback,
  link_local,
  metadata,
  private_use,
  multicast,
  reserved,
};
// That embedded IPv4 address; an IPv4 address itself; else nullopt.
[[nodiscard]] std::optional<IpAddress> embedded_v4(const IpAddress& address) noexcept;
[[nodiscard]] AddressClass classify(const IpAddress& address) noexcept;
[[nodiscard]] std::string_view to_string(AddressClass c) noexcept;

}  // namespace schoolgate
