#include "config/main/admin_reader.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "config/main/main_shapes.h"
#include "config/main/network_reader.h"
#include "rules/url/host.h"

namespace schoolgate {
namespace {

constexpr unsigned one_device_bits = 128;

bool on_loopback(const IpAddress& address) {
  static const std::optional<Network> v4 = Network::parse("127.0.0.0/8"), v6 = Network::parse("::1/128");
  return (v4 && v4->contains(address)) || (v6 && v6->contains(address));
}

// "192.168.10.1:8443", "[fd00::1]:8443".
bool read_place(std::string_view text, AdminPages& out) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos)) return false;
  const auto address = IpAddress::parse(host);
  const auto [last, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (!address || error != std::errc{} || last != port.data() + port.size() || out.port == 0) return false;
  out.address = *address;
  return true;
}

void read_tls(const YamlNode& node, const Reporter& report, LoadContext& context, AdminPages& out) {
  Fields fields(node, report, admin_tls_shape, Message("tls"));
  const YamlNode* const certificate = fields.get("certificate");
  const YamlNode* const key = fields.get("key");
  if (certificate != nullptr)
    if (const auto path = read_text(*certificate, report)) out.certificate = context.path(*path);
  if (key != nullptr)
    if (const auto path = read_text(*key, report)) out.key = context.path(*path);
  fields.finish();
}

void read_name(const YamlNode& item, const Reporter& report, AdminPages& out) {
  const auto text = read_text(item, report);
  if (!text) return;
  Host host;
  if (parse_host(*text, host).failed() || host.text.find(':') != std::string::npos)
    report.error(diag::bad_address, item, say("\"{}\" is not the name of a machine", *text),
                 say("for example gate.truong.edu.vn, without http:// and without a port"));
  else
    out.names.push_back(host.text);
}

}  // namespace

void read_admin(const YamlNode& node, const Reporter& report, LoadContext& context, MainFile& out) {
  Fields fields(node, report, admin_shape, Message("admin"));
  AdminPages pages;
  bool placed = false;
  const YamlNode* const address = fields.get("address");
  if (address != nullptr)
    if (const auto text = read_text(*address, report)) {
      placed = read_place(*text, pages);
      if (!placed)
        report.error(diag::bad_address, *address, say("\"{}\" is not an address with a port", *text),
                     say("for example 127.0.0.1:8443, or 192.168.10.1:8443 with clients: and tls:"));
    }
  const YamlNode* const clients = fields.get("clients");
  if (clients != nullptr)
    for (const YamlNode* item : read_items(*clients, report))
      if (const auto network = read_network(*item, report)) {
        pages.clients.push_back(*network);
        out.admin_places.push_back(context.place(report.file(), *item));
      }
  if (const YamlNode* const names = fields.get("names"))
    for (const YamlNode* item : read_items(*names, report)) read_name(*item, report, pages);
  const YamlNode* const tls = fields.get("tls");
  if (tls != nullptr) read_tls(*tls, report, context, pages);
  fields.finish();
  if (!placed) return;
  if (!on_loopback(pages.address)) {
    if (clients == nullptr)
      report.error(diag::admin_clients, node, say("which devices may open the staff's pages is not said"),
                   say("clients: [192.168.10.5], the addresses of the staff's own devices"));
    if (tls == nullptr)
      report.error(
          diag::admin_tls, node, say("passwords would travel unprotected to {}", pages.address.to_string()),
          say("tls: {certificate: FILE, key: FILE}, or an address of this machine alone: 127.0.0.1:8443"));
  }
  for (const Listener& other : out.config.listen)
    if (other.address == pages.address && other.port == pages.port)
      report.error(diag::duplicate_name, *address, say("this address is listed twice"));
  out.config.admin = std::move(pages);
}

void check_admin(const PolicySpec& spec, const MainFile& main, LoadContext& context) {
  if (!main.config.admin) return;
  const auto& clients = main.config.admin->clients;
  for (std::size_t i = 0; i < clients.size() && i < main.admin_places.size(); ++i) {
    const Network& client = clients[i];
    if (client.bits == one_device_bits || on_loopback(client.base)) continue;
    const auto of = [&](bool pupils, auto fits) {
      return std::any_of(spec.networks.begin(), spec.networks.end(), [&](const TierNetwork& one) {
        return spec.tiers[one.tier].pupils == pupils && fits(one.network);
      });
    };
    const auto holds = [&](const Network& one) {
      return one.bits <= client.bits && one.contains(client.base);
    };
    const auto within = [&](const Network& one) {
      return one.bits >= client.bits && client.contains(one.base);
    };
    // The narrowest network speaks: one of adults holds all of these addresses, and none of pupils lies in
    // them.
    if (of(false, holds) && !of(true, within)) continue;
    const bool pupils = of(true, holds) || of(true, within);
    context.add(Severity::error, diag::admin_clients, main.admin_places[i],
                pupils ? say("pupils are in the network {}: from there nobody opens the staff's pages",
                             client.to_string())
                       : say("the network {} is in no tier of adults, so pupils' devices may be in it",
                             client.to_string()),
                say("name single addresses, or put the network in a tier of adults (who:)"));
  }
}

}  // namespace schoolgate
