#include "tools/commands/nft_table.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "tools/lan/gateway_counts.h"
#include "tools/lan/tproxy_way.h"

namespace schoolgate::tools {
namespace {

constexpr unsigned v4_bits = 96;  // an IPv4 network in the 128-bit space begins there

bool is_v4(const Network& network) noexcept {
  return network.bits >= v4_bits && network.base.is_v4();
}

bool holds_all_of(const Network& whole, const Network& part) noexcept {
  return whole.bits <= part.bits && is_v4(part) == is_v4(whole) && whole.contains(part.base);
}

// Without those that lie in another one, or stand there twice.
std::vector<Network> widest(const std::vector<Network>& networks) {
  std::vector<Network> kept;
  for (const Network& one : networks) {
    const auto holds = [&](const Network& other) { return holds_all_of(other, one); };
    if (std::any_of(kept.begin(), kept.end(), holds)) continue;
    std::erase_if(kept, [&](const Network& other) { return holds_all_of(one, other); });
    kept.push_back(one);
  }
  return kept;
}

// Nothing of this machine's own arrives over a cable.
bool is_loopback(const Network& network) noexcept {
  return classify(network.base) == AddressClass::loopback;
}

std::vector<Network> all_networks(const Config& config) {
  std::vector<Network> all = config.clients;
  for (const ClientNetwork& line : config.who) all.push_back(line.network);
  std::erase_if(all, is_loopback);
  return all;
}

// As Policy::tier_of() says of every address of it that is in no narrower network.
const std::string& tier_at(const Config& config, const Network& network) {
  const ClientNetwork* narrowest = nullptr;
  for (const ClientNetwork& line : config.who)
    if (holds_all_of(line.network, network) &&
        (narrowest == nullptr || line.network.bits > narrowest->network.bits))
      narrowest = &line;
  return narrowest != nullptr ? narrowest->tier : config.unknown_tier;
}

std::string cidr_of(const Network& network) {
  return network.cidr();
}

template <class Items, class Write>
std::string braced(const Items& items, Write write) {
  std::string text = "{ ";
  for (const auto& item : items) {
    if (text.size() > 2) text += ", ";
    text += write(item);
  }
  return text + " }";
}

// A comment of a rule: one line that cannot end early, at most 128 bytes.
std::string comment(std::string_view text) {
  constexpr std::size_t most = 120;
  std::string safe;
  for (const char c : text) {
    const bool odd = static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '"' || c == '\\';
    safe += odd ? ' ' : c;
  }
  if (safe.size() > most) {
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(safe[end]) & 0xc0) == 0x80) --end;  // no half letter
    safe.resize(end);
  }
  return " comment \"" + safe + "\"";
}

std::string set_of(const char* name, const char* type, const std::vector<Network>& networks) {
  std::string text = std::string("  set ") + name + " {\n    type " + type + "\n    flags interval\n";
  if (!networks.empty()) text += "    elements = " + braced(networks, cidr_of) + "\n";
  return text + "  }\n";
}

// The port of the first listener for `entrance` that takes connections of that family; one for all tiers
// before one of a single tier. 0: none.
std::uint16_t port_for(const Config& config, Entrance entrance, bool v4) {
  std::uint16_t port = 0;
  for (const bool of_a_tier : {false, true})
    for (const Listener& listener : config.listen) {
      const bool takes =
          v4 ? listener.address.is_v4() || listener.address == IpAddress{} : !listener.address.is_v4();
      const bool here = classify(listener.address) != AddressClass::loopback;
      if (port == 0 && listener.entrance == entrance && takes && here &&
          listener.tier.has_value() == of_a_tier)
        port = listener.port;
    }
  return port;
}

// Both families, and what is judged of each: a line for the ports that have a listener.
template <class Write>
std::string for_each_door(const Config& config, Write write) {
  std::string text;
  for (const bool v4 : {true, false})
    for (const auto& [entrance, port] : {std::pair(Entrance::http, 80), std::pair(Entrance::tls, 443)})
      if (const std::uint16_t to = port_for(config, entrance, v4); to != 0)
        text += "    " + write(v4, "tcp dport " + std::to_string(port), std::to_string(to)) + "\n";
  return text;
}

std::string from_school(bool v4) {
  return v4 ? "ip saddr @filtered4 " : "ip6 saddr @filtered6 ";
}

// Handed over as they are, and unrecorded: the kernel's table of connections does not fill up with them.
// Where no listener takes one its rule does not match, and the chain `forward` refuses it. Nothing that this
// machine sends itself comes through these hooks but over "lo".
std::string handed_over(const Config& config) {
  std::string text =
      "  chain unrecorded {\n"
      "    type filter hook prerouting priority raw; policy accept;\n"
      "    iif \"lo\" accept\n";
  text += for_each_door(config, [](bool v4, const std::string& door, const std::string&) {
    return from_school(v4) + door + " notrack";
  });
  text +=
      "  }\n"
      "  chain unrecorded_answers {\n"
      "    type filter hook output priority raw; policy accept;\n"
      "    oif \"lo\" accept\n"
      "    ip daddr @filtered4 tcp sport { 80, 443 } notrack\n"
      "    ip6 daddr @filtered6 tcp sport { 80, 443 } notrack\n"
      "  }\n"
      "  chain handed_over {\n"
      "    type filter hook prerouting priority mangle; policy accept;\n"
      "    iif \"lo\" accept\n";
  text += for_each_door(config, [](bool v4, const std::string& door, const std::string& to) {
    return from_school(v4) + door + " tproxy " + (v4 ? "ip" : "ip6") + " to :" + to + " meta mark set " +
           tproxy_mark_text + " counter accept";
  });
  return text + "  }\n";
}

std::string redirects(const Config& config) {
  std::string text = uses_tproxy(config) ? handed_over(config) : "";
  text +=
      "  chain prerouting {\n"
      "    type nat hook prerouting priority dstnat; policy accept;\n"
      "    iif \"lo\" accept\n";
  if (!uses_tproxy(config))
    text += for_each_door(config, [](bool v4, const std::string& door, const std::string& to) {
      return from_school(v4) + door + " counter redirect to :" + to;
    });
  for (const bool v4 : {true, false})
    text += "    " + from_school(v4) + "meta l4proto { tcp, udp } th dport 53 counter redirect to :" +
            std::to_string(config.gateway.dns_port) + "\n";
  text += "  }\n";
  if (!config.gateway.masquerade.empty())  // ping, and what goes through a hole: the proxy's own needs none
    text +=
        "  chain postrouting {\n"
        "    type nat hook postrouting priority srcnat; policy accept;\n"
        "    oifname \"" +
        config.gateway.masquerade + "\" ip saddr @filtered4 counter masquerade\n  }\n";
  return text;
}

std::string port_text(const GatewayHole::Ports& ports) {
  const std::string first = std::to_string(ports.first);
  return ports.first == ports.last ? first : first + "-" + std::to_string(ports.last);
}

// Ranges that neither overlap nor touch, as a set of nftables wants them.
std::vector<GatewayHole::Ports> merged(std::vector<GatewayHole::Ports> ports) {
  std::sort(ports.begin(), ports.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<GatewayHole::Ports> all;
  for (const GatewayHole::Ports& one : ports) {
    if (!all.empty() && one.first <= unsigned{all.back().last} + 1)
      all.back().last = std::max(all.back().last, one.last);
    else
      all.push_back(one);
  }
  return all;
}

// There, and only what answers it back: what was open before this table was loaded has no way through.
std::string hole_rules(const GatewayHole& hole, const Sources& sources, const Network& to) {
  const bool v4 = is_v4(to);
  const std::string ip = v4 ? "ip " : "ip6 ";
  const std::string proto = hole.is_udp ? "udp " : "tcp ";
  const std::string ports = braced(merged(hole.ports), port_text);
  const auto school = [&](const char* side) {
    std::string text = ip + side + " " + sources.from.cidr() + " ";
    if (!sources.without.empty()) text += ip + side + " != " + braced(sources.without, cidr_of) + " ";
    return text;
  };
  return "    " + school("saddr") + ip + "daddr " + to.cidr() + " " + proto + "dport " + ports +
         " ct direction original counter name " + hole_counter(hole) + " accept" + comment(hole.why) +
         "\n    " + school("daddr") + ip + "saddr " + to.cidr() + " " + proto + "sport " + ports +
         " ct direction reply ct state established counter accept\n";
}

// What went out through each, since the table was loaded: `status` reads it.
std::string counters_of_holes(const Config& config) {
  std::set<std::string> names;  // the same hole may be written twice
  for (const GatewayHole& hole : config.gateway.open) names.insert(hole_counter(hole));
  std::string text;
  for (const std::string& name : names) text += "  counter " + name + " {\n  }\n";
  return text;
}

std::string holes(const Config& config) {
  std::string text;
  for (const GatewayHole& hole : config.gateway.open) {
    std::vector<Sources> from;
    if (hole.tier) {
      from = sources_of_tier(config, *hole.tier);
    } else {
      for (const Network& network : filtered_networks(config)) from.push_back({network, {}});
    }
    const std::string whom = hole.tier.value_or("");
    text += "    # " + (hole.tier ? "cho " + whom : std::string("cho mọi cấp")) + ", xem lại trước " +
            hole.review_by + " / " + (hole.tier ? "for " + whom : std::string("for all")) +
            ", to be looked at by then\n";
    for (const Network& to : widest(hole.to))
      for (const Sources& sources : from)
        if (is_v4(sources.from) == is_v4(to)) text += hole_rules(hole, sources, to);
  }
  return text;
}

// Whose QUIC and DNS over TLS was refused lately, and how often: `schoolgate doctor` reads it, and the page
// http://schoolgate.internal/test.
constexpr const char* tried_sets[] = {"tried_quic4", "tried_quic6", "tried_dot4", "tried_dot6"};

std::string sets_of_tried() {
  std::string text;
  for (const std::string name : tried_sets)
    text += "  set " + name + " {\n    type " + (name.back() == '4' ? "ipv4_addr" : "ipv6_addr") +
            "\n    size 65535\n    flags dynamic,timeout\n    timeout 1d\n  }\n";
  return text;
}

std::string count_tried() {
  std::string text;
  for (const std::string name : tried_sets) {
    const std::string ip = name.back() == '4' ? "ip" : "ip6";
    const bool quic = name.find("quic") != std::string::npos;
    text += "    " + ip + " saddr @filtered" + name.back() + " " +
            (quic ? "udp dport { 80, 443 }" : "meta l4proto { tcp, udp } th dport 853") + " update @" + name +
            " { " + ip + " saddr counter }\n";
  }
  return text;
}

std::string forward(const Config& config) {
  std::string text =
      "  chain forward {\n"
      "    type filter hook forward priority filter; policy drop;\n";
  text += holes(config);
  text += count_tried();
  // Refused at once, so that browsers and phones take the way that is judged. What is redirected never comes
  // here; of a family without a listener it is refused too.
  text +=
      "    # Từ chối ngay, để trình duyệt và điện thoại đi đường được xét / refused at once, so that "
      "browsers and "
      "phones take the way that is judged\n"
      "    udp dport { 80, 443, 853 } counter reject with icmpx port-unreachable comment \"QUIC, DNS over "
      "QUIC\"\n"
      "    tcp dport { 80, 443, 853 } counter reject with tcp reset comment \"DNS over TLS\"\n"
      "    # Ping và báo lỗi của mạng / ping, and the network's errors\n"
      "    icmp type echo-request limit rate 50/second counter accept\n"
      "    icmpv6 type echo-request limit rate 50/second counter accept\n"
      "    icmp type echo-reply ct state established counter accept\n"
      "    icmpv6 type echo-reply ct state established counter accept\n"
      "    ct state related icmp type { destination-unreachable, time-exceeded, parameter-problem } counter "
      "accept\n"
      "    ct state related icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, "
      "parameter-problem } counter accept\n"
      "    counter comment \"mọi thứ khác bị bỏ / everything else is dropped\"\n"
      "  }\n";
  return text;
}

}  // namespace

std::vector<Network> filtered_networks(const Config& config) {
  return widest(all_networks(config));
}

std::vector<Sources> sources_of_tier(const Config& config, const std::string& tier) {
  const std::vector<Network> all = all_networks(config);
  std::vector<Sources> sources;
  for (const Network& network : all) {
    if (tier_at(config, network) != tier) continue;
    const auto known = [&](const Sources& one) { return one.from == network; };
    if (std::any_of(sources.begin(), sources.end(), known)) continue;
    std::vector<Network> others;
    for (const Network& other : all)
      if (holds_all_of(network, other) && tier_at(config, other) != tier) others.push_back(other);
    sources.push_back({network, widest(others)});
  }
  return sources;
}

Result<std::string> nft_table(const Config& config) {
  const bool any =
      port_for(config, Entrance::http, true) != 0 || port_for(config, Entrance::tls, true) != 0 ||
      port_for(config, Entrance::http, false) != 0 || port_for(config, Entrance::tls, false) != 0;
  if (!any)
    return Error{say("there is no listener to send anything to: name one under listen: transparent:")};
  std::vector<Network> v4, v6;
  for (const Network& network : filtered_networks(config)) (is_v4(network) ? v4 : v6).push_back(network);
  std::string text =
      "# Tường lửa của gateway: những gì máy học sinh yêu cầu thì tới Schoolgate, ngoài ra không chuyển tiếp "
      "gì.\n"
      "# Do schoolgate gateway rules tạo ra. Chỉ gồm một bảng này, và thay bảng cũ.\n"
      "# The gateway's firewall: what pupils' devices ask for goes to Schoolgate, and nothing else is "
      "forwarded.\n"
      "# Made by: schoolgate gateway rules. It holds this one table, and takes the place of an older one.\n"
      "add table inet schoolgate\n"
      "delete table inet schoolgate\n"
      "table inet schoolgate {\n";
  text += "  # Các mạng được lọc / the networks that are filtered\n";
  text += set_of("filtered4", "ipv4_addr", v4);
  text += set_of("filtered6", "ipv6_addr", v6);
  text += "  # Máy nào vừa thử QUIC hay DNS over TLS / who tried QUIC or DNS over TLS lately\n";
  text += sets_of_tried();
  text += counters_of_holes(config);
  text +=
      "  # Web tới Schoolgate, câu hỏi tên miền tới máy này / the web to Schoolgate, questions for names to "
      "this machine\n";
  text += redirects(config);
  text += "  # Ngoài ra không gì được đi qua / nothing else passes\n";
  text += forward(config);
  return text + "}\n";
}

}  // namespace schoolgate::tools
