// `schoolgate doctor`: looks at everything that a school's gateway needs, and says what to do.
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <ostream>

#include "config/text/text_file.h"
#include "proxy/io/tls/school_ca.h"
#include "tools/commands/ask_running.h"
#include "tools/commands/commands.h"
#include "tools/commands/nft_table.h"
#include "tools/console/load.h"
#include "tools/console/qr_print.h"
#include "tools/doctor/checks.h"
#include "tools/doctor/look.h"
#include "tools/lan/dhcp_probe.h"
#include "tools/lan/router_probe.h"
#include "tools/lan/school_address.h"

namespace schoolgate::tools {
namespace {

constexpr char doctor_footer[] =
    R"(Some things are seen by root alone; the others are told as unknown. What is WRONG has a line that says what to do.
Asking for other DHCP servers and routers sends one question each to the school's network. The running proxy writes an
event with the figures, so that the log says when somebody looked.

Exit code 1: something is wrong.

Examples:
  schoolgate doctor             everything
  schoolgate doctor --json      for programs)";

constexpr std::chrono::milliseconds probe_patience{3000};

struct DoctorOptions {
  std::string config, state;
  bool json = false;
};

class Doctor {
 public:
  Doctor(const DoctorOptions& options, const Config& config, Console& console)
      : options_(options), config_(config), console_(console), machine_(look_at_machine()) {}
  Findings look();
  void tell_proxy(const FindingCounts& counts);
  void show_address(const Findings& all) const;

 private:
  void add(Findings more) {
    for (Finding& one : more) all_.push_back(std::move(one));
  }
  void proxy();
  void ports();
  void names();
  void resolver();
  void system();
  void portal();
  void school_network();

  const DoctorOptions& options_;
  const Config& config_;
  Console& console_;
  const Machine machine_;
  std::optional<Health> health_;
  Findings all_;
};

std::string reachable(const IpAddress& address) {
  if (address == IpAddress{}) return "::1";
  return address == IpAddress::v4(0) ? "127.0.0.1" : address.to_string();
}

void Doctor::proxy() {
  Message why;
  const auto answer = ask_running(options_.config, options_.state, "health", console_);
  if (!answer)
    why = answer.error().message;
  else if (answer->exit_code == exit_ok)
    health_ = health_in(answer->text);
  else
    why = say("it is of another version");
  add(on_proxy(health_, why, config_));
  if (health_) add(on_lists(*health_));
}

void Doctor::ports() {
  std::string silent;
  for (const Listener& one : config_.listen)
    if (!takes_connections(reachable(one.address), one.port, probe_patience))
      silent += " " + std::to_string(one.port);
  all_.push_back(silent.empty()
                     ? well("ports", say("all ports of listen: take connections"))
                     : bad("ports", say("nobody listens on port{}", silent),
                           say("which program has it: ss -ltnp; then: systemctl restart schoolgate")));
  for (const Listener& one : config_.listen)
    if (one.entrance == Entrance::proxy && !one.tier) {
      const std::string to = reachable(one.address);
      return add(on_requests(get_status(to, one.port, "http://gambling.schoolgate.test/", probe_patience),
                             get_status(to, one.port, "http://schoolgate.internal/", probe_patience)));
    }
}

void Doctor::names() {
  std::vector<std::pair<IpAddress, std::uint16_t>> servers;
  constexpr std::uint16_t dns = 53;
  constexpr std::uint64_t most = 1 << 16;
  for (const std::string& one : config_.upstream.dns_servers) {
    const std::size_t colon = one.find(':') == one.rfind(':') ? one.find(':') : std::string::npos;
    if (const auto address = IpAddress::parse(one.substr(0, colon)))
      servers.emplace_back(*address, colon == std::string::npos
                                         ? dns
                                         : static_cast<std::uint16_t>(std::stoul(one.substr(colon + 1))));
  }
  if (config_.upstream.dns_servers.empty())
    if (const auto text = read_file("/etc/resolv.conf", most))
      for (const IpAddress& one : name_servers_in(*text)) servers.emplace_back(one, dns);
  for (const auto& [server, port] : servers) {
    const bool answers = ask_resolver(server, port, "example.com", probe_patience).has_value();
    all_.push_back(answers ? well("dns", say("the name server {} answers", server.to_string()))
                           : bad("dns", say("the name server {} is silent", server.to_string()),
                                 say("another one: upstream: dns_servers, or /etc/resolv.conf")));
  }
  if (servers.empty())
    all_.push_back(bad("dns", say("no name server is named"),
                       say("another one: upstream: dns_servers, or /etc/resolv.conf")));
  if (is_gateway(config_)) resolver();
}

// On the first of the school's interfaces: the firewall sends questions to whichever they came in by.
void Doctor::resolver() {
  for (const std::string& name : school_interfaces(machine_, config_))
    for (const IpAddress& address : machine_.find(name)->addresses) {
      if (!address.is_v4()) continue;
      const std::string there = address.to_string();
      const auto answers =
          ask_resolver(address, config_.gateway.dns_port, "schoolgate.internal", probe_patience);
      all_.push_back(
          answers.value_or(0) != 0
              ? well("resolver", say("this machine's resolver answers on {}", there))
              : bad("resolver", say("this machine's resolver does not know schoolgate.internal on {}", there),
                    say("schoolgate setup writes its file: /etc/dnsmasq.d/schoolgate.conf; then: systemctl "
                        "restart dnsmasq")));
      return;
    }
}

void Doctor::system() {
  all_.push_back(on_clock(clock_is_synchronised()));
  const std::int64_t now = std::time(nullptr);
  const auto disk = look_at_disk(config_.log, now);
  all_.push_back(disk ? on_disk(*disk, config_.log)
                      : bad("disk", say("the folder of the log is not there: {}", config_.log.directory),
                            say("systemctl start schoolgate makes it")));
  add(on_rights(look_at_rights(config_)));
  if (const auto certificate = SchoolCa::load_certificate(config_.https.ca_directory))
    all_.push_back(on_authority(not_after(certificate->get()), now));
  const std::string conntrack = "/proc/sys/net/netfilter/nf_conntrack_";
  const auto count = number_in_file(conntrack + "count"), most = number_in_file(conntrack + "max");
  if (count && most) all_.push_back(on_conntrack(*count, *most));
  all_.push_back(on_routes(machine_.default_routes));
  if (const auto& parent = config_.upstream.parent) {
    const std::string host = parent->host.text;
    all_.push_back(takes_connections(host, parent->port, probe_patience)
                       ? well("parent", say("the provider's proxy {} takes connections", host))
                       : warn("parent",
                              say("the provider's proxy {} could not be reached by its address", host),
                              say("is upstream: parent right?")));
  }
  portal();
}

void Doctor::portal() {
  constexpr std::uint16_t http = 80;
  const auto& parent = config_.upstream.parent;
  const std::string url = std::string("http://") + nobodys_address + "/";
  all_.push_back(on_portal(parent ? get_status(parent->host.text, parent->port, url, probe_patience)
                                  : get_status(nobodys_address, http, url, probe_patience),
                           parent.has_value()));
}

void Doctor::school_network() {
  if (!is_gateway(config_)) return;
  if (const auto rules = nft_table(config_)) add(on_firewall(look_at_firewall(*rules)));
  const std::vector<std::string> interfaces = school_interfaces(machine_, config_);
  if (config_.gateway.masquerade.empty()) return;  // behind a router these are the router's
  if (::geteuid() != 0) {
    all_.push_back(unknown("dhcp", say("other DHCP servers and routers are looked for by root alone")));
    return;
  }
  for (const std::string& interface : interfaces) {
    const auto servers = dhcp_servers(interface, probe_patience);
    if (!servers)
      all_.push_back(unknown("dhcp", servers.error().message));
    else if (servers->empty())
      all_.push_back(well("dhcp", say("no other DHCP server answers on {}", interface)));
    else
      all_.push_back(
          bad("dhcp", say("another DHCP server answers on {}: {}", interface, servers->front().to_string()),
              say("switch it off: who gets an address from it goes round the filter")));
    const auto routers = other_routers(interface, probe_patience);
    if (!routers)
      all_.push_back(unknown("routers", routers.error().message));
    else if (routers->empty())
      all_.push_back(well("routers", say("no other IPv6 router advertises itself on {}", interface)));
    else
      all_.push_back(
          bad("routers", say("another IPv6 router advertises itself on {}: {}", interface, routers->front()),
              say("switch its IPv6 off, or take it off this network: pupils pass by it unfiltered")));
  }
}

Findings Doctor::look() {
  proxy();
  ports();
  names();
  system();
  school_network();
  if (health_) add(on_neighbours(*health_));
  all_.push_back(on_coverage(read_coverage(config_, std::int64_t{std::time(nullptr)} * 1000),
                             address_of_pages(machine_, config_)));
  return std::move(all_);
}

void Doctor::tell_proxy(const FindingCounts& counts) {
  if (!health_) return;
  const std::string question = "self-test " + std::to_string(counts.good) + " " +
                               std::to_string(counts.warnings) + " " + std::to_string(counts.bad);
  const auto told = ask_running(options_.config, options_.state, question, console_);
  if (!told || told->exit_code != exit_ok) console_.complain(say("the proxy wrote no event of this"));
}

// Where a room still waits for its test: for whoever goes there with a telephone.
void Doctor::show_address(const Findings& all) const {
  const std::string address = address_of_pages(machine_, config_);
  const bool waits = std::any_of(all.begin(), all.end(), [](const Finding& one) {
    return one.key == std::string_view("device-tests") && one.state != Finding::State::good;
  });
  if (waits && !address.empty() && console_.out_terminal)
    print_address(console_, "http://" + address + "/test");
}

int doctor(const DoctorOptions& options, Console& console) {
  const auto config = load_main_file(options.config, console);
  if (!config) return exit_config_errors;
  Doctor looking(options, *config, console);
  const Findings all = looking.look();
  const FindingCounts counts = count_findings(all);
  looking.tell_proxy(counts);
  console.out << (options.json ? findings_json(all)
                               : findings_text(all, console.catalogue, console.out_colour));
  if (!options.json) looking.show_address(all);
  console.out << std::flush;
  return counts.bad == 0 ? exit_ok : exit_failed;
}

}  // namespace

void add_doctor_command(CLI::App& app, Console& console, int& result) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* command = app.add_subcommand("doctor", "Look at everything the filter needs, and say what to do");
  command->footer(doctor_footer);
  add_config_option(*command, options->config);
  add_state_option(*command, options->state);
  command->add_flag("--json", options->json, "for programs");
  on_command(*command, options->config, console,
             [options, &console, &result] { result = doctor(*options, console); });
}

}  // namespace schoolgate::tools
