#include "tools/setup/pieces.h"

#include <algorithm>

#include "proxy/core/pages/embedded.h"
#include "tools/console/counted.h"
#include "tools/lan/gateway_counts.h"
#include "tools/lan/school_address.h"
#include "tools/lan/tproxy_way.h"

namespace schoolgate::tools {
namespace {

constexpr char made_by[] =
    "# Do schoolgate setup tạo ra. Sửa được: tệp đã sửa thì setup giữ nguyên.\n"
    "# Made by schoolgate setup. Change it if need be: setup leaves a changed file as it is.\n";

// A second `add` of the same rule is an error, so an old one goes first; until the new one is there nothing
// is handed over, and nothing passes.
std::string lines_of_way() {
  std::string text;
  const std::string number = std::to_string(tproxy_table);
  for (const std::string family : {"-4", "-6"}) {
    const std::string ip = "/usr/sbin/ip " + family, rule = std::string(" fwmark ") + tproxy_mark_text;
    text += "ExecStart=-" + ip + " rule del" + rule + " lookup " + number + "\nExecStart=" + ip +
            " rule add" + rule + " lookup " + number + "\nExecStart=" + ip +
            " route replace local default dev lo table " + number + "\n";
  }
  return text;
}

// The service's right to take what goes to other machines; without TPROXY it gets none.
std::string drop_in(bool tproxy) {
  if (tproxy) return std::string(embedded_file("tproxy.conf"));
  return std::string(made_by) +
         "# Không cần quyền nào thêm / no right more is needed: listen: transparent: tproxy\n"
         "[Service]\n";
}

// Forwarding is off until the table is in force, and stays off where it cannot be loaded. There is no
// ExecStop: the table stays when this unit, or the proxy, is stopped.
std::string firewall_unit(const SetupAnswers& answers, const Config& config) {
  const bool v6 = answers.ipv6 == "radvd";
  std::string text = made_by;
  text +=
      "[Unit]\n"
      "Description=Schoolgate's firewall, then forwarding\n"
      "Documentation=man:schoolgate-gateway(8)\n"
      "DefaultDependencies=no\n"
      "After=local-fs.target systemd-modules-load.service systemd-sysctl.service nftables.service\n"
      "Before=network-pre.target shutdown.target\n"
      "Wants=network-pre.target schoolgate-counts.socket\n"
      "Conflicts=shutdown.target\n"
      "\n"
      "[Service]\n"
      "Type=oneshot\n"
      "RemainAfterExit=yes\n"
      "ExecStart=/usr/sbin/sysctl -q -w net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0\n"
      "ExecStart=/usr/sbin/nft -f " +
      std::string(gateway_rules_file) + "\n";
  if (uses_tproxy(config)) text += lines_of_way();
  if (answers.is_gateway()) {
    text +=
        "ExecStart=/usr/sbin/sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 "
        "net.ipv4.conf.default.send_redirects=0\n";
    if (v6) {
      // A machine that forwards hears no advertisements of its own router otherwise; the name of an interface
      // may hold a dot, which is a slash there.
      std::string world = answers.to_the_world();
      std::replace(world.begin(), world.end(), '.', '/');
      if (answers.topology == "inline")
        text += "ExecStart=-/usr/sbin/sysctl -q -w net.ipv6.conf." + world + ".accept_ra=2\n";
      text += "ExecStart=/usr/sbin/sysctl -q -w net.ipv6.conf.all.forwarding=1\n";
    }
  }
  text += "ExecReload=/usr/sbin/nft -f " + std::string(gateway_rules_file) +
          "\n"
          "\n"
          "[Install]\n"
          "WantedBy=multi-user.target\n";
  return text;
}

std::string resolver(const SetupAnswers& answers, const Config& config) {
  std::string text = made_by;
  text += "interface=" + answers.inside +
          "\n"
          "bind-dynamic\n";
  if (config.gateway.dns_port != 53) text += "port=" + std::to_string(config.gateway.dns_port) + "\n";
  text +=
      "domain-needed\n"
      "bogus-priv\n"
      "# Trang của Schoolgate / Schoolgate's own pages\n"
      "address=/schoolgate.internal/" +
      answers.address +
      "\n"
      "# Tên của trang thử máy: dẫn tới một địa chỉ không của ai, trên đường ra internet\n"
      "# Names of the page that tests a device: they lead to an address that is nobody's, out on the "
      "internet\n"
      "address=/schoolgate.test/192.0.2.80\n"
      "# Các tên này không có: trình duyệt và điện thoại dùng bộ phân giải của trường\n"
      "# There are no such names: browsers and phones keep to the school's resolver\n"
      "local=/use-application-dns.net/\n"
      "local=/mask.icloud.com/\n"
      "local=/mask-h2.icloud.com/\n"
      "local=/_dns.resolver.arpa/\n";
  if (answers.ipv6 != "radvd")
    text +=
        "# Không có IPv6 cho học sinh / no IPv6 for pupils\n"
        "filter-AAAA\n";
  return text;
}

// A dnsmasq of its own, which answers no questions for names: the resolver runs where DHCP may not.
std::string dhcp(const SetupAnswers& answers, const Config& config) {
  const std::size_t dash = answers.dhcp.find('-');
  std::string text = made_by;
  text +=
      "port=0\n"
      "interface=" +
      answers.inside +
      "\n"
      "bind-dynamic\n"
      "dhcp-authoritative\n"
      "dhcp-leasefile=/var/lib/misc/schoolgate.leases\n"
      "dhcp-range=" +
      answers.dhcp.substr(0, dash) + "," + answers.dhcp.substr(dash + 1) +
      ",12h\n"
      "dhcp-option=option:router," +
      answers.address + "\ndhcp-option=option:dns-server," + answers.address + "\n";
  if (const std::uint16_t port = browsers_port(config); port != 0)
    text += "dhcp-option=252,\"http://" + answers.address + ":" + std::to_string(port) + "/proxy.pac\"\n";
  return text;
}

std::string dhcp_service(const SetupAnswers& answers) {
  std::string text = made_by;
  text +=
      "[Unit]\n"
      "Description=Schoolgate's DHCP for the pupils' network\n"
      "After=network.target " +
      std::string(gateway_unit) + "\nRequires=" + gateway_unit +
      "\n"
      "StartLimitIntervalSec=0\n"
      "\n"
      "[Service]\n"
      "# Không khởi động khi mạng đã có máy chủ DHCP khác / not where another DHCP server answers\n"
      "ExecStartPre=/usr/bin/schoolgate gateway dhcp-servers --interface " +
      answers.inside +
      "\n"
      "ExecStart=/usr/sbin/dnsmasq --keep-in-foreground --conf-file=/etc/schoolgate/dhcp.conf\n"
      "Restart=on-failure\n"
      "RestartSec=60s\n"
      "\n"
      "[Install]\n"
      "WantedBy=multi-user.target\n";
  return text;
}

std::string advertisements(const SetupAnswers& answers, const SetupFacts& facts) {
  std::string text = made_by;
  text += "interface " + answers.inside +
          " {\n"
          "  AdvSendAdvert on;\n"
          "  AdvDefaultPreference high;\n"
          "  AdvDefaultLifetime 1800;\n"
          "  prefix ::/64 {};\n";
  if (const FoundInterface* const inside = facts.machine.find(answers.inside))
    for (const IpAddress& one : inside->addresses)
      if (!one.is_v4()) {
        text += "  RDNSS " + one.to_string() + " {};\n";
        break;
      }
  return text + "};\n";
}

std::string router_lines(const SetupAnswers& answers, const std::vector<SetupNetwork>& networks) {
  std::string text =
      "# Dán vào router. Chưa thử trên thiết bị thật: lấy từ tài liệu của nhà sản xuất; thử từng dòng.\n"
      "# To be pasted into the router. From the makers' manuals, not tried on a device: try line by line.\n"
      "# Máy này nên ở một mạng riêng, không chung mạng với học sinh.\n"
      "# This machine should stand in a network of its own, not in the pupils'.\n"
      "\n"
      "# === MikroTik, RouterOS 7: gói tin giữ nguyên địa chỉ đích / packets keep their destination\n"
      "/routing table add name=schoolgate fib\n"
      "/ip route add dst-address=0.0.0.0/0 gateway=" +
      answers.address + " routing-table=schoolgate check-gateway=ping\n";
  for (const SetupNetwork& one : networks)
    if (one.network.to_string().find(':') == std::string::npos)
      text += "/ip firewall address-list add list=schoolgate address=" + one.network.cidr() + "\n";
  const std::string from = "src-address-list=schoolgate ",
                    mark =
                        "action=mark-routing new-routing-mark=schoolgate "
                        "passthrough=no\n";
  const std::string mangle = "/ip firewall mangle add chain=prerouting " + from;
  text += mangle + "protocol=tcp dst-port=80,443,53 dst-address=!" + answers.address + " " + mark + mangle +
          "protocol=udp dst-port=53 dst-address=!" + answers.address + " " + mark;
  const std::string filter = "/ip firewall filter add chain=forward " + from;
  text += "# Ba dòng này phải đứng đầu, trước fasttrack / these three come first, before fasttrack\n" +
          filter + "action=accept routing-mark=schoolgate place-before=0\n" + filter +
          "action=accept dst-address=" + answers.address + " place-before=1\n" + filter +
          "action=drop place-before=2\n"
          "/ipv6 firewall filter add chain=forward action=drop comment=\"no IPv6 for pupils\" disabled=no\n"
          "\n"
          "# === DrayTek (Vigor), theo tài liệu / by the manual\n"
          "# Routing > Route Policy, ba dòng / three rules: source = mạng học sinh / the pupils' networks;\n"
          "#   1. TCP, destination port 80   2. TCP, destination port 443   3. TCP/UDP, destination port 53\n"
          "#   Interface: LAN, Gateway: Specific Gateway " +
          answers.address +
          ", Force NAT/Routing: Routing, Failover: không / none\n"
          "# Firewall > Filter Setup: chặn mọi thứ khác từ các mạng đó ra WAN / block all else from these to "
          "the WAN\n"
          "# LAN > IPv6: tắt / off\n";
  return text;
}

Message way_by(const GatewayHole& hole, const std::optional<std::map<std::string, std::uint64_t>>& went_out) {
  const auto name = hole_counter(hole);
  if (went_out && went_out->contains(name)) {
    const Message packets = grouped(went_out->at(name));
    return hole.tier ? say("a hole of gateway: open, for {}, to be looked at by {}: {} (packets that went "
                           "out by it: {})",
                           *hole.tier, hole.review_by, hole.why, packets)
                     : say("a hole of gateway: open, for all, to be looked at by {}: {} (packets that went "
                           "out by it: {})",
                           hole.review_by, hole.why, packets);
  }
  return hole.tier
             ? say("a hole of gateway: open, for {}, to be looked at by {}: {}", *hole.tier, hole.review_by,
                   hole.why)
             : say("a hole of gateway: open, for all, to be looked at by {}: {}", hole.review_by, hole.why);
}

}  // namespace

std::vector<PlannedFile> pieces(const SetupAnswers& answers, const SetupFacts& facts, const Config& config,
                                const std::string& rules) {
  std::vector<PlannedFile> all;
  const auto add = [&](std::string path, std::string text) {
    all.push_back({std::move(path), std::move(text), false});
  };
  const std::string units = "/etc/systemd/system/";
  add(gateway_rules_file, rules);
  add(units + gateway_unit, firewall_unit(answers, config));
  if (uses_tproxy(config) || facts.gave_right) add(tproxy_drop_in, drop_in(uses_tproxy(config)));
  add("/etc/dnsmasq.d/schoolgate.conf", resolver(answers, config));
  if (answers.is_gateway() && answers.dhcp != "none") {
    add("/etc/schoolgate/dhcp.conf", dhcp(answers, config));
    add(units + dhcp_unit, dhcp_service(answers));
  }
  if (answers.ipv6 == "radvd") add("/etc/radvd.conf", advertisements(answers, facts));
  if (answers.topology == "router")
    if (const auto networks = networks_in(answers.networks, facts.tiers))
      add("/etc/schoolgate/router.txt", router_lines(answers, *networks));
  return all;
}

std::vector<NeededPackage> needed_packages(const SetupAnswers& answers, const Config& config) {
  std::vector<NeededPackage> all{
      {"nftables", "/usr/sbin/nft"}, {"dnsmasq", "/usr/sbin/dnsmasq"}, {"procps", "/usr/sbin/sysctl"}};
  if (answers.ipv6 == "radvd") all.push_back({"radvd", "/usr/sbin/radvd"});
  if (uses_tproxy(config)) all.push_back({"iproute2", "/usr/sbin/ip"});
  return all;
}

std::vector<Message> ways_around(const SetupAnswers& answers, const Config& config,
                                 const std::optional<std::map<std::string, std::uint64_t>>& went_out) {
  std::vector<Message> all{
      say("mobile data: a telephone that leaves the school's Wi-Fi is not filtered"),
      say("what is inside a site that is allowed: web proxies and VPNs over https under an innocent name"),
      say("an address set by hand: a device takes the tier of the network whose address it takes; keep "
          "networks "
          "apart in the switch"),
      say("slow tunnels through questions for names, or through ping"),
  };
  if (answers.topology == "one-arm") {
    if (answers.dhcp == "none")
      all.insert(all.begin(),
                 say("no device has this machine as its gateway by itself: whoever gives out addresses on {} "
                     "must name {} as router and as resolver; until then nobody is filtered",
                     answers.inside, answers.address));
    all.push_back(
        say("the provider's router on the same cable: who sets it as gateway by hand, or hears its IPv6 "
            "advertisements, passes unfiltered; close it to all but this machine"));
    all.push_back(say("the provider's own Wi-Fi, which is in front of this machine: switch it off"));
  } else if (answers.topology == "inline") {
    all.push_back(say("every cable and Wi-Fi in front of this machine: nothing there passes it"));
  } else {
    all.push_back(
        say("the router decides what reaches this machine: a rule missed, disabled or behind fasttrack there "
            "lets pupils pass, IPv6 above all"));
    all.push_back(say("when this machine is off, the router must not go past it: no fail-over route"));
  }
  if (answers.https == "names")
    all.push_back(say("only names of https sites are seen, not pages: nothing is opened"));
  for (const GatewayHole& hole : config.gateway.open) all.push_back(way_by(hole, went_out));
  return all;
}

}  // namespace schoolgate::tools
