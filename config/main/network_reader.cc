#include "config/main/network_reader.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <string_view>
#include <system_error>

#include "config/text/suggest.h"

namespace schoolgate {
namespace {

// "255.255.255.0" -> 24; nullopt: no mask.
std::optional<unsigned> mask_bits(std::string_view text) {
  const auto mask = IpAddress::parse(text);
  if (!mask || !mask->is_v4()) return std::nullopt;
  const std::uint32_t value = mask->v4_value();
  const auto bits = static_cast<unsigned>(std::countl_one(value));
  return bits < 32 && (value << bits) != 0 ? std::nullopt : std::optional(bits);
}

// The network that a text of another spelling means: 192.168.20.5/24, 192.168.20.0/255.255.255.0,
// 192.168.20.*, 192.168.20.x, 192.168.20. Empty: none.
std::string network_meant(std::string_view text) {
  text = without_curly_quotes(text);
  if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
    const auto first = IpAddress::parse(text.substr(0, dash)), last = IpAddress::parse(text.substr(dash + 1));
    if (!first || !last || !first->is_v4() || !last->is_v4()) return {};
    const int same = std::countl_zero(first->v4_value() ^ last->v4_value());
    const int bits = std::min(same, 30);
    if (bits < 8) return {};
    return IpAddress::v4(first->v4_value() >> (32 - bits) << (32 - bits)).to_string() + '/' +
           std::to_string(bits);
  }
  const std::size_t slash = text.find_first_of("/\\ ");
  std::string address(text.substr(0, slash));
  std::optional<unsigned> bits;
  if (slash != std::string_view::npos) {
    std::string_view mask = text.substr(std::min(text.find_first_not_of("/\\ ", slash), text.size()));
    bits = mask_bits(mask);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(mask.data(), mask.data() + mask.size(), number);
    if (!bits && error == std::errc{} && end == mask.data() + mask.size() && number <= 32) bits = number;
    if (!bits) return {};
  }
  for (const std::string_view rest : {".*", ".x", ".X"})
    while (address.ends_with(rest)) address.resize(address.size() - rest.size());
  const auto dots = static_cast<unsigned>(std::count(address.begin(), address.end(), '.'));
  for (unsigned parts = dots + 1; parts < 4; ++parts) address += ".0";
  const auto parsed = IpAddress::parse(address);
  if (!parsed || !parsed->is_v4()) return {};
  if (!bits) bits = 8 * (dots + 1);
  const std::uint32_t kept = *bits == 0 ? 0 : ~std::uint32_t{0} << (32 - *bits);
  return IpAddress::v4(parsed->v4_value() & kept).to_string() + '/' + std::to_string(*bits);
}

}  // namespace

std::vector<Network> private_networks() {
  std::vector<Network> networks;
  for (const char* text :
       {"127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"})
    if (const auto network = Network::parse(text)) networks.push_back(*network);
  return networks;
}

std::optional<Network> read_network(const YamlNode& node, const Reporter& report) {
  const auto text = read_text(node, report);
  if (!text) return std::nullopt;
  auto network = Network::parse(*text);
  if (network) return network;
  const std::string meant = network_meant(*text);
  report.error(diag::bad_network, node, say("{} is not a network", in_quotes(*text)),
               meant.empty() ? say("write an address and its mask, the rest zero: 192.168.20.0/24")
                             : say("write {}", meant));
  return std::nullopt;
}

std::vector<Network> read_networks(const YamlNode& node, const Reporter& report) {
  std::vector<Network> networks;
  for (const YamlNode* item : read_items(node, report))
    if (const auto network = read_network(*item, report)) networks.push_back(*network);
  return networks;
}

std::string network_meant_by(const IpAddress& address) {
  const std::uint32_t value = address.v4_value();
  const char* const mask = value << 8 == 0 ? "/8" : value << 16 == 0 ? "/16" : "/24";
  return network_meant(address.to_string() + mask);
}

}  // namespace schoolgate
