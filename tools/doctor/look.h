// The facts that `schoolgate doctor` goes by, from this machine: files, the kernel, its ports, nftables.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "config/main/config.h"
#include "rules/url/ip.h"
#include "tools/doctor/checks.h"

namespace schoolgate::tools {

// Of the log's folder; days by the name of its oldest month and `now`. Nullopt: it cannot be read.
[[nodiscard]] std::optional<DiskFacts> look_at_disk(const LogSettings& log, std::int64_t now);
// Keys, the log's folder, the main file and the tiers; what is not there is left out.
[[nodiscard]] std::vector<RightsFact> look_at_rights(const Config& config);
[[nodiscard]] bool clock_is_synchronised();
// A number in a file of /proc; nullopt: it is not there.
[[nodiscard]] std::optional<std::uint64_t> number_in_file(const std::string& path);

// What a TCP connection there brings for "GET url": the status of the answer, 0 for an answer without one.
// Nullopt: no connection, or silence.
[[nodiscard]] std::optional<int> get_status(const std::string& address, std::uint16_t port,
                                            const std::string& url, std::chrono::milliseconds patience);
[[nodiscard]] bool takes_connections(const std::string& address, std::uint16_t port,
                                     std::chrono::milliseconds patience);
// Asks a resolver for the IPv4 addresses of a name: how many it answers with; nullopt: it is silent.
[[nodiscard]] std::optional<unsigned> ask_resolver(const IpAddress& server, std::uint16_t port,
                                                   const std::string& name,
                                                   std::chrono::milliseconds patience);
// The question, and the number of answers in what came for it; nullopt: that is no answer. Pure.
[[nodiscard]] std::string dns_question(std::uint16_t id, const std::string& name);
[[nodiscard]] std::optional<unsigned> dns_answers(std::string_view bytes, std::uint16_t id);
// The addresses behind "nameserver" in a text like /etc/resolv.conf.
[[nodiscard]] std::vector<IpAddress> name_servers_in(std::string_view resolv_conf);

// `rules` as nftables prints them, from a network of their own, beside what is loaded here.
[[nodiscard]] FirewallFacts look_at_firewall(const std::string& rules);

}  // namespace schoolgate::tools
