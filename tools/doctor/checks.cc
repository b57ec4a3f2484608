#include "tools/doctor/checks.h"

#include <algorithm>

#include "tools/console/counted.h"

namespace schoolgate::tools {
namespace {

constexpr std::uint64_t mega = 1'000'000;

Message joined_names(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return Message(all);
}

std::string octal(std::uint32_t mode) {
  std::string text = "0000";
  for (std::size_t i = 4; i-- > 0; mode /= 8) text[i] = static_cast<char>('0' + mode % 8);
  return text;
}

}  // namespace

Findings on_proxy(const std::optional<Health>& health, const Message& why_not, const Config& config) {
  if (!health)
    return {bad("proxy", say("the proxy does not answer: {}", why_not),
                say("systemctl start schoolgate; why it ended: journalctl -u schoolgate"))};
  Findings all{well("proxy", say("the proxy answers"))};
  if (health->last_good)
    all.push_back(bad("configuration", say("the files have errors: an earlier configuration is in force"),
                      say("see: schoolgate check; then: schoolgate reload")));
  if (!health->waiting.empty())
    all.push_back(warn("waiting",
                       say("these keys wait for the next start: {}", joined_names(health->waiting)),
                       say("when it suits: systemctl restart schoolgate")));
  if (!health->log_error.empty())
    all.push_back(bad("log", say("the log cannot be written: {}", Message::foreign(health->log_error)),
                      say("make room, or mend the folder of log: directory")));
  else if (health->log_full)
    all.push_back(warn("log", say("the log is as large as it may be: rows are summed"),
                       say("raise log: max_megabytes, or lower log: keep_days")));
  if (!health->seal_error.empty())
    all.push_back(bad("seals", say("the log cannot be sealed: {}", Message::foreign(health->seal_error)),
                      say("make room, or mend seal.key in the log's folder: its user's alone, mode 0600")));
  // Two of each connection, and what files, lists and resolvers take.
  const std::uint64_t wanted = 2 * std::uint64_t{config.limits.connections} + 1000;
  if (health->descriptors != 0 && health->descriptors < wanted)
    all.push_back(
        warn("descriptors",
             say("the proxy may have {}; limits: connections wants {}",
                 counted::descriptors(health->descriptors), wanted),
             say("raise LimitNOFILE in a drop-in of schoolgate.service, or lower limits: connections")));
  else
    all.push_back(well("descriptors", say("room for limits: connections")));
  return all;
}

Findings on_lists(const Health& health) {
  if (health.old_lists.empty()) return {well("lists", say("no list is overdue"))};
  return {bad("lists", say("overdue lists: {}", joined_names(health.old_lists)),
              say("see why: schoolgate lists update"))};
}

Findings on_neighbours(const Health& health) {
  if (!health.radar_works)
    return {unknown("neighbours",
                    say("who is nearby is not known: too many clients, or the kernel does not say"))};
  const Radar& radar = health.radar;
  if (radar.router_between)
    return {unknown("neighbours",
                    say("clients come from behind a router: who is nearby there cannot be seen from here"))};
  if (radar.unseen.empty())
    return {well("neighbours", say("all {} machines nearby were clients since the start", radar.machines))};
  constexpr std::size_t most_named = 20;
  std::vector<std::string> names;
  for (const Unseen& one : radar.unseen) {
    if (names.size() == most_named) {
      names.emplace_back("...");
      break;
    }
    std::string addresses;
    for (const IpAddress& address : one.addresses) addresses += " " + address.to_string();
    names.push_back(one.mac + addresses);
  }
  return {warn(
      "neighbours",
      say("{} of {} machines nearby were never a client since the start: {}", radar.unseen.size(),
          radar.machines, joined_names(names)),
      say("printers and switches are none; a pupil's device that works without the filter has another way "
          "out"))};
}

Finding on_disk(const DiskFacts& disk, const LogSettings& log) {
  constexpr std::uint64_t least = 500 * mega;
  const std::uint64_t free_mb = disk.free_bytes / mega;
  const Message more_room =
      say("make room where the log lies, or lower log: keep_days or log: max_megabytes");
  if (disk.free_bytes < least) return bad("disk", say("only {} MB are free for the log", free_mb), more_room);
  if (disk.days < 1)
    return well("disk", say("{} MB are free for the log; its rate is not known yet", free_mb));
  const double all_days = static_cast<double>(disk.log_bytes) / disk.days * log.keep_days;
  const double wanted = std::min(all_days, static_cast<double>(log.max_bytes));
  const double missing = wanted - static_cast<double>(disk.log_bytes) - static_cast<double>(disk.free_bytes);
  if (missing > 0)
    return bad("disk",
               say("at today's rate {} need {} MB more than there are", counted::days(log.keep_days),
                   static_cast<std::uint64_t>(missing) / mega),
               more_room);
  return well("disk", say("{} MB are free for the log: enough for {} at today's rate", free_mb,
                          counted::days(log.keep_days)));
}

Findings on_rights(const std::vector<RightsFact>& files) {
  Findings all;
  for (const RightsFact& one : files)
    if ((one.mode & one.forbidden) != 0)
      all.push_back(bad("rights", say("{} has mode {}: too much for others", one.path, octal(one.mode)),
                        say("chmod {} {}", octal(one.mode & ~one.forbidden), one.path)));
  if (all.empty()) all.push_back(well("rights", say("keys, logs and configuration have the right modes")));
  return all;
}

Finding on_authority(std::int64_t not_after, std::int64_t now) {
  constexpr std::int64_t day = 86'400, soon = 60;
  const std::int64_t left = (not_after - now) / day;
  const Message renew = say("make a new one (schoolgate ca create --force) and give it to every device");
  if (left < 0) return bad("certificate", say("the school's certificate has ended"), renew);
  if (left < soon)
    return bad("certificate",
               say("the school's certificate ends in {}", counted::days(static_cast<std::uint64_t>(left))),
               renew);
  return well("certificate", say("the school's certificate is good for {}",
                                 counted::days(static_cast<std::uint64_t>(left))));
}

Finding on_clock(bool synchronised) {
  if (synchronised) return well("clock", say("the clock is synchronised"));
  return warn("clock", say("nothing synchronises the clock"),
              say("timedatectl set-ntp true (package systemd-timesyncd): timetables and deleting go by it"));
}

Finding on_conntrack(std::uint64_t count, std::uint64_t most) {
  constexpr std::uint64_t least = 65'536;
  const Message raise =
      say("sysctl -w net.netfilter.nf_conntrack_max=262144, and the same line in /etc/sysctl.d");
  if (most != 0 && count >= most - most / 5)
    return bad("conntrack", say("{} of {} connections that the firewall can follow are taken", count, most),
               raise);
  if (most < least)
    return warn("conntrack", say("the firewall follows {} connections at most: little for a school", most),
                raise);
  return well("conntrack", say("the firewall follows {} of at most {} connections", count, most));
}

Finding on_routes(const std::vector<FoundRoute>& routes) {
  if (routes.empty())
    return bad("route", say("this machine has no default route"),
               say("name its router in the network's settings"));
  if (routes.size() == 1) return well("route", say("one default route, by {}", routes.front().interface));
  std::vector<std::string> names;
  for (const FoundRoute& route : routes)
    names.push_back(route.interface + (route.router.empty() ? "" : " " + route.router));
  return warn("route", say("there are {} default routes: {}", routes.size(), joined_names(names)),
              say("leave one: what goes out by another may go round the firewall's rules of the provider"));
}

Findings on_firewall(const FirewallFacts& facts) {
  const Message again = say("schoolgate setup writes and loads it again");
  if (!facts.readable)
    return {
        unknown("firewall", say("the firewall can be looked at by root alone, and with nftables installed"))};
  const bool forwards = facts.forwards4 || facts.forwards6;
  if (facts.loaded.empty()) {
    if (forwards)
      return {
          bad("firewall", say("this machine forwards packets without the table inet schoolgate: PUPILS PASS"),
              say("at once: sysctl -w net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0; then schoolgate "
                  "setup"))};
    return {
        bad("firewall", say("the table inet schoolgate is not loaded: nothing is sent to the proxy"), again)};
  }
  if (facts.loaded != facts.wanted)
    return {bad("firewall", say("the loaded table is not what `schoolgate gateway rules` prints"), again)};
  if (!facts.hands_over)
    return {bad("firewall",
                say("the rule of routing for TPROXY is not there: the web of pupils' devices stands still"),
                say("systemctl restart schoolgate-gateway makes it"))};
  return {on_tried(facts.tried),
          well("firewall", forwards ? say("the firewall is as it should be, and forwarding is on")
                                    : say("the firewall is as it should be, and forwarding is off"))};
}

Finding on_tried(const std::vector<TriedAddress>& tried) {
  if (tried.empty()) return well("refused", say("no device tried QUIC or DNS over TLS within a day"));
  constexpr std::size_t most_named = 10;
  std::vector<std::string> names;
  for (const TriedAddress& one : tried) {
    if (names.size() == most_named) {
      names.emplace_back("...");
      break;
    }
    names.push_back(one.address + " (QUIC " + std::to_string(one.quic) + ", DoT " + std::to_string(one.dot) +
                    ")");
  }
  return well("refused", say("the firewall refused QUIC or DNS over TLS of {} devices within a day: {}",
                             tried.size(), joined_names(names)));
}

Finding on_coverage(const std::optional<std::vector<RoomCoverage>>& rooms, const std::string& address) {
  if (!rooms) return unknown("device-tests", say("the log with the tests of devices cannot be read"));
  std::vector<std::string> failed, untested;
  for (const RoomCoverage& room : *rooms) {
    if (room.state() == RoomCoverage::State::failed) failed.push_back(room.room);
    if (room.state() == RoomCoverage::State::untested) untested.push_back(room.room);
  }
  const Message how =
      address.empty()
          ? say("open http://schoolgate.internal/test on a pupil's device in each of them")
          : say("open http://schoolgate.internal/test or http://{}/test on a pupil's device in each of them",
                address);
  if (!failed.empty())
    return bad("device-tests",
               say("not all of a device reached the filter, at its last test in: {}", joined_names(failed)),
               how);
  if (!untested.empty())
    return warn(
        "device-tests",
        say("no device was tested within {} in: {}", counted::days(coverage_days), joined_names(untested)),
        how);
  return well("device-tests", say("in every room a device has passed the test"));
}

Findings on_requests(std::optional<int> blocked, std::optional<int> own_page) {
  constexpr int forbidden = 403, fine = 200;
  Findings all;
  if (blocked == forbidden)
    all.push_back(well("blocked", say("http://gambling.schoolgate.test/ is blocked")));
  else
    all.push_back(bad("blocked",
                      blocked ? say("http://gambling.schoolgate.test/ is answered with {}, not 403", *blocked)
                              : say("the proxy's port gives no answer to http://gambling.schoolgate.test/"),
                      say("see: schoolgate explain http://gambling.schoolgate.test/ --client 127.0.0.1")));
  if (own_page == fine)
    all.push_back(well("allowed", say("http://schoolgate.internal/ is shown")));
  else
    all.push_back(bad("allowed",
                      own_page ? say("http://schoolgate.internal/ is answered with {}, not 200", *own_page)
                               : say("the proxy's port gives no answer to http://schoolgate.internal/"),
                      say("does listen: clients: hold 127.0.0.0/8?")));
  return all;
}

Finding on_portal(std::optional<int> status, bool parent) {
  constexpr int success = 200, refusal = 400, wants_a_password = 407, wants_a_sign_in = 511;
  const Message sign_in =
      parent
          ? say("open http://{}/ through that proxy and sign in, or have the provider let this machine "
                "through "
                "without",
                nobodys_address)
          : say("open http://{}/ on this machine and sign in, or have the provider let this machine through "
                "without; a proxy of the provider's is named by upstream: parent",
                nobodys_address);
  if (parent && status == wants_a_password)
    return bad("portal", say("the provider's proxy wants a name and a password ({})", wants_a_password),
               say("have the provider let this machine's address through without"));
  // A parent says by itself that it cannot reach nobody.
  const bool is_page =
      status && (!parent || (*status >= success && *status < refusal) || *status == wants_a_sign_in);
  if (!is_page) return well("portal", say("no page to sign in stands before the Internet"));
  return bad("portal",
             say("a page came with status {} from {}, which is nobody's address: a page to sign in, or a "
                 "proxy of the "
                 "provider's, stands before the Internet",
                 *status, nobodys_address),
             sign_in);
}

bool is_gateway(const Config& config) {
  return std::any_of(config.listen.begin(), config.listen.end(),
                     [](const Listener& one) { return one.entrance != Entrance::proxy; });
}

}  // namespace schoolgate::tools
