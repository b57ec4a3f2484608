#include "config/main/gateway_reader.h"

#include <ctime>

#include "config/main/day.h"
#include "config/main/main_shapes.h"
#include "config/main/network_reader.h"
#include "config/main/port_reader.h"
#include "config/text/names.h"

namespace schoolgate {
namespace {

// A hole that cannot be read in whole is none: it is narrower than what was written, never wider.
void read_hole(const YamlNode& item, const Reporter& report, LoadContext& context, MainFile& out) {
  Fields fields(item, report, hole_shape, say("a line of gateway: open"));
  GatewayHole hole;
  Place tier_place = context.place(report.file(), item);
  bool whole = true;
  if (const YamlNode* tier = fields.get("tier")) {
    hole.tier = read_text(*tier, report);
    whole = hole.tier.has_value();
    tier_place = context.place(report.file(), *tier);
  }
  const YamlNode* proto = fields.get("proto");
  const YamlNode* ports = fields.get("ports");
  const YamlNode* to = fields.get("to");
  const YamlNode* why = fields.get("why");
  const YamlNode* review = fields.get("review_by");
  fields.finish();
  if (proto == nullptr || ports == nullptr || to == nullptr || why == nullptr || review == nullptr) return;
  if (const auto word = fields.word("proto"))
    hole.is_udp = *word == 1;
  else
    whole = false;
  for (const YamlNode* one : read_items(*ports, report))
    if (const auto range = read_ports(*one, report)) hole.ports.push_back({range->first, range->last});
  std::vector<Placed<std::string>> bundles;
  for (const YamlNode* one : read_items(*to, report)) {
    if (one->kind == YamlNode::Kind::scalar && is_id(one->text))
      bundles.push_back({one->text, context.place(report.file(), *one)});
    else if (const auto network = read_network(*one, report))
      hole.to.push_back(*network);
  }
  if (auto text = read_text(*why, report)) hole.why = std::move(*text);
  if (auto day = read_text(*review, report)) {
    const auto end = parse_day(*day);
    if (!end)
      report.error(diag::bad_date, *review, say("\"{}\" is not a day", *day),
                   say("year, month, day: 2027-06-30"));
    else if (*end < std::time(nullptr))
      report.warning(diag::hole_due, *review, say("this hole was to be looked at again by {}", *day),
                     say("still needed: write a later day; else delete the line"));
    hole.review_by = std::move(*day);
  }
  whole &= !hole.ports.empty() && (!hole.to.empty() || !bundles.empty()) && !hole.why.empty();
  for (Placed<std::string>& bundle : bundles)
    out.hole_bundles.push_back(
        {whole ? out.config.gateway.open.size() : MainFile::HoleBundle::nowhere, std::move(bundle)});
  if (!whole) return;
  out.config.gateway.open.push_back(std::move(hole));
  out.hole_places.push_back(tier_place);
}

}  // namespace

void read_gateway(const YamlNode& node, const Reporter& report, LoadContext& context, MainFile& out) {
  Fields fields(node, report, gateway_shape, Message("gateway"));
  std::uint32_t dns_port = out.config.gateway.dns_port;
  fields.number("dns_port", dns_port);
  out.config.gateway.dns_port = static_cast<std::uint16_t>(dns_port);
  if (const YamlNode* interface = fields.get("masquerade"))
    if (auto name = read_text(*interface, report)) {
      if (!is_interface_name(*name))
        report.error(diag::bad_text, *interface, say("\"{}\" cannot be a network interface", *name),
                     say("its name as `ip link` shows it: eth0"));
      else
        out.config.gateway.masquerade = std::move(*name);
    }
  if (const YamlNode* holes = fields.get("open"))
    for (const YamlNode* item : read_items(*holes, report)) read_hole(*item, report, context, out);
  fields.finish();
}

}  // namespace schoolgate
