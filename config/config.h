// The main configuration as values: what schoolgate.yaml says, checked.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/ip.h"
#include "rules/list_parser.h"
#include "rules/verdict.h"

namespace schoolgate {

enum class Language : std::uint8_t { vi, en };

struct Listener {
  IpAddress address;
  std::uint16_t port = 3128;
  std::optional<std::string> tier;   // every client of this listener is in this tier
};

struct Timeouts {                      // a deadline on every wait
  std::chrono::seconds head{15};       // from the first byte of a request head to its end
  std::chrono::seconds keep_alive{60}; // an idle client connection between requests
  std::chrono::seconds connect{10};    // DNS and TCP connect to an origin
  std::chrono::seconds hello{10};      // the ClientHello inside a tunnel
  std::chrono::seconds response{60};   // an origin's silence before its response head
  std::chrono::seconds body{60};       // no byte moves in a body, either way
  std::chrono::seconds tunnel_idle{300};
  std::chrono::seconds drain{30};      // after SIGTERM
};

struct Limits {
  std::uint32_t connections = 8000;            // in all
  std::uint32_t connections_per_client = 1000;
  std::uint32_t requests_per_second_per_client = 200;
  std::uint32_t head_bytes = 64 * 1024;        // request and response heads
  std::uint32_t url_bytes = 16 * 1024;
};

struct Upstream {
  std::vector<Network> allow_networks;         // non-global addresses that may be reached all the same
  std::vector<std::string> dns_servers;        // "ip[:port]"; empty = the system's
  std::string hosts_file = "/etc/hosts";
  std::uint32_t idle_per_origin = 8;           // kept-alive connections a worker keeps
  std::uint32_t idle_total = 512;
};

struct ListSource {
  std::string name, category, path;            // path absolute after loading
  ListFormat format = ListFormat::domains;
  std::uint32_t source = 0;                    // index in Snapshot::sources
};

struct LogSettings {
  std::string directory;                       // access-YYYY-MM.db lies here
  std::string key_file;                        // monthly pseudonym keys, 0600
  std::uint32_t keep_days = 90;
};

struct School {
  std::string name, time_zone = "Asia/Ho_Chi_Minh";
  Language language = Language::vi;
  std::string safeguarding_person, safeguarding_room, safeguarding_phone, it_contact;
};

struct Config {
  School school;
  std::vector<Listener> listen;
  std::vector<Network> clients;                // who may connect at all
  std::uint16_t workers = 0;                   // 0 = one per core
  std::string state_directory;                 // compiled lists, token key
  std::string control_socket;
  Timeouts timeouts;
  Limits limits;
  Upstream upstream;
  std::vector<ListSource> lists;
  LogSettings log;
};

}  // namespace schoolgate
