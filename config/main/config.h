// The main configuration as values: what schoolgate.yaml says, checked.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/main/alert_settings.h"
#include "rules/action.h"
#include "rules/lists/list_parser.h"
#include "rules/url/host.h"
#include "rules/url/ip.h"
#include "rules/verdict.h"

namespace schoolgate {

enum class Language : std::uint8_t { vi, en };

// What comes in at a listener: a browser that knows its proxy, or (listen: transparent:) what was on its way
// to somewhere else and the gateway's firewall sent here: HTTP, or TLS.
enum class Entrance : std::uint8_t { proxy, http, tls };

struct Listener {
  IpAddress address;
  std::uint16_t port = 3128;
  std::optional<std::string> tier;  // every client of this listener is in this tier
  Entrance entrance = Entrance::proxy;
  bool tproxy = false;  // what is sent here keeps the address that it was going to (TPROXY), else it is
                        // redirected, and the kernel's table of connections knows that address
};

struct Timeouts {                       // a deadline on every wait
  std::chrono::seconds head{15};        // from the first byte of a request head to its end
  std::chrono::seconds keep_alive{60};  // an idle client connection between requests
  std::chrono::seconds connect{10};     // DNS and TCP connect to an origin
  std::chrono::seconds hello{10};       // the ClientHello inside a tunnel
  std::chrono::seconds response{300};   // an origin's silence before its response head
  std::chrono::seconds body{300};       // no byte moves in a body, either way
  std::chrono::seconds tunnel_idle{300};
  std::chrono::seconds drain{30};  // after SIGTERM
};

struct Limits {
  std::uint32_t connections = 8000;  // in all
  std::uint32_t connections_per_client = 1000;
  std::uint32_t requests_per_second_per_client = 200;  // at least 1; shared addresses have no limit
  std::uint32_t request_burst_per_client = 0;          // at once, after a pause; 0 = see request_burst()
  std::uint32_t min_bytes_per_second = 500;            // of a body to or from a client, over timeouts.body
  std::uint32_t head_bytes = 64 * 1024;                // request and response heads
  std::uint32_t url_bytes = 16 * 1024;

  [[nodiscard]] std::uint64_t request_burst() const noexcept {
    constexpr std::uint64_t seconds = 5;
    return request_burst_per_client != 0 ? request_burst_per_client
                                         : seconds * requests_per_second_per_client;
  }
};

// Another proxy, to which everything is sent that is not of this school itself.
struct ParentProxy {
  Host host;
  std::uint16_t port = 0;
};

struct Upstream {
  std::optional<ParentProxy> parent;
  std::vector<Network> allow_networks;   // non-global addresses that may be reached all the same
  std::vector<std::string> dns_servers;  // "ip[:port]"; empty = the system's
  std::vector<std::string> extra_ca;     // PEM files: authorities trusted beside the system's
  std::string hosts_file = "/etc/hosts";
  std::uint32_t idle_per_origin = 64;  // kept-alive connections a worker keeps
  std::uint32_t idle_total = 512;
};

// A site whose certificate is wrong and which is opened all the same, for a time.
struct CertificateException {
  std::string host;  // canonical, exactly this one
  std::string reason;
  std::int64_t until = 0;  // UTC seconds: the end of the day that the file names
};

struct HttpsSettings {
  std::string ca_directory;   // ca.key and ca.crt
  std::string crl_directory;  // revocation lists of origins' authorities; "" = none
  bool needed = false;        // some tier opens connections
  bool inspects = false;      // some tier inspects what is allowed
  std::vector<CertificateException> exceptions;

  // Whether this host's wrong certificate is let pass; `now`: UTC seconds.
  [[nodiscard]] bool excepts(std::string_view host, std::int64_t now) const noexcept;
};

// Where a list is fetched from, and how often (`schoolgate lists update`).
struct ListUpdate {
  std::string from;              // "https://..."
  std::uint32_t every_days = 1;  // the rhythm: older than twice that is told in red
  std::string inside{};          // which file of an archive (names.h); "": none is named

  friend bool operator==(const ListUpdate&, const ListUpdate&) = default;
};

// One list file. A folder tree (`format: squidguard`) has become one ListSource for each of its files.
struct ListSource {
  std::string name, category;  // "ut1/gambling", "gambling"
  std::string path;            // as the program opens it: relative ones joined to the config's folder
  ListFormat format = ListFormat::domains;
  std::uint32_t source = 0;   // index in Snapshot::sources
  std::optional<Effect> own;  // replaces the category's action for these rules, never stricter than it
  std::optional<ListUpdate> update{};  // `path` is the program's own: fetched_list_path()
  bool reaches_category = false;       // its exceptions lift rules of other lists of the category, too
};

struct LogSettings {
  std::string directory;  // access-YYYY-MM.db lies here
  std::string key_file;   // monthly pseudonym keys, 0600
  std::uint32_t keep_days = 90;
  std::uint32_t min_days = 30;               // nothing younger goes because the log is too large
  std::uint64_t max_bytes = 20'000'000'000;  // on the disk; over it rows are summed, or go
};

// Where to ask for help; shown on pages, and their hosts are always allowed (layer 2).
struct Hotline {
  std::string id, name_vi, name_en;
  std::string phone, hours, cost, note;  // may be empty
  std::string web;                       // URL as shown; may be empty
};

// Who is in which tier, as the main file says it. Policy answers "which tier"; this is for people and for
// limits.
struct ClientNetwork {
  Network network;
  std::string tier, label;    // label: "Phòng máy 1"; may be empty
  bool shared = false;        // many people behind one address at once (NAT): no limits per client
  bool seats_shared = false;  // one after another at one device (a computer room)
  // Its devices trust the school's certificate; absent: the line does not say.
  std::optional<bool> trusts_ca{};
};

// Where the parts of the policy lie; paths as the program opens them.
struct PolicyFiles {
  std::string categories, tiers_directory, locked, help, floor, terms, search;  // from locked on: "" = none
  std::string delegation;    // as well; always beside the main file
  std::string signed_floor;  // floor.sealed: as well
  std::string periods, bundles, bundles_directory;
  std::string lookalikes_wrong;      // "" = none; always beside the main file
  std::string host_files_directory;  // only.d; beside the main file
};

struct School {
  std::string name, time_zone = "Asia/Ho_Chi_Minh";
  Language language = Language::vi;
  std::string safeguarding_person, safeguarding_room, safeguarding_phone, it_contact;
};

// What the gateway's firewall lets through, unseen by the proxy (gateway: open:).
struct GatewayHole {
  struct Ports {
    std::uint16_t first, last;  // both count
  };
  std::optional<std::string> tier;  // absent: for all
  bool is_udp = false;              // else TCP
  std::vector<Ports> ports;
  std::vector<Network> to;
  std::string why;
  std::string review_by;  // "2027-06-30"
};

struct GatewaySettings {
  std::uint16_t dns_port = 53;  // of this machine's resolver, to which all questions for names are sent
  std::string masquerade;       // the interface to the world: what leaves there has its address; "" = none
  std::vector<GatewayHole> open;
};

// Where the pages for the school's staff are served (`schoolgate web`), and to whom.
struct AdminPages {
  IpAddress address;
  std::uint16_t port = 0;
  std::vector<Network> clients;    // who may connect; the loopback address always may on loopback
  std::vector<std::string> names;  // what may stand in a browser's address line besides address and port
  std::string certificate, key;    // PEM files; "" = plain http, on loopback alone
};

// What /proxy.pac tells browsers (proxy/core/pages/pac.h).
struct PacSettings {
  std::vector<std::string> proxies;  // "192.168.10.1:3128", "[fd00::1]:3128"; none: the one that is asked
  std::vector<std::string> direct;   // canonical names; they hold the names below them too
};

struct Config {
  std::string file;  // as it was opened; relative paths in it start from its folder
  School school;
  std::vector<Listener> listen;
  std::vector<Network> clients;  // who may connect at all
  std::optional<AdminPages> admin;
  std::vector<ClientNetwork> who;
  std::string unknown_tier;
  std::uint16_t workers = 0;    // 0 = one per core
  std::string state_directory;  // compiled lists; by default the keys of pseudonyms
  std::string control_socket;
  Timeouts timeouts;
  Limits limits;
  Upstream upstream;
  HttpsSettings https;
  PacSettings pac;
  GatewaySettings gateway;
  std::vector<ListSource> lists;
  std::vector<Hotline> hotlines;
  PolicyFiles policy;
  LogSettings log;
  AlertSettings alerts;

  // Many people stand behind this address at once, as `who` says; the narrowest network speaks.
  [[nodiscard]] bool shares_address(const IpAddress& client) const noexcept;
  // Many at once, or one after another: what came from there before may be somebody else's.
  [[nodiscard]] bool people_change(const IpAddress& client) const noexcept;
  // The label of that network: "Phòng máy 1"; "" = it has none.
  [[nodiscard]] std::string place_of(const IpAddress& client) const;

 private:
  [[nodiscard]] const ClientNetwork* narrowest(const IpAddress& client) const noexcept;
};

}  // namespace schoolgate
