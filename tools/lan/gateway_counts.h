// What the gateway's firewall counts, as `nft list table inet schoolgate` prints it: whose QUIC and DNS over
// TLS it refused, and what went through its holes. The proxy may not ask the kernel for it: it reads it from
// a socket that systemd holds (schoolgate-counts.socket), where nft alone answers, whoever asks.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/main/config.h"

namespace schoolgate::tools {

// An address of the school whose QUIC or DNS over TLS was refused within a day.
struct TriedAddress {
  std::string address;
  std::uint64_t quic = 0, dot = 0;                  // packets
  std::optional<std::int64_t> quic_ms{}, dot_ms{};  // how long ago the last one was
  friend bool operator==(const TriedAddress&, const TriedAddress&) = default;
};
// An element stays so long after the last packet (the table's `timeout`).
inline constexpr std::int64_t tried_life_ms = 24 * 3600 * 1000;

// Of the sets that a table fills by itself (tried_quic4, ...): who is in them, and a text of the table
// without what is in them, to be compared. Pure.
[[nodiscard]] std::vector<TriedAddress> tried_in(std::string_view table);
[[nodiscard]] std::string without_tried(std::string_view table);
// The name of a hole's counter: another one where anything that it lets through is another. Pure.
[[nodiscard]] std::string hole_counter(const GatewayHole& hole);
// What went out through the holes, in packets, by that name. Pure.
[[nodiscard]] std::map<std::string, std::uint64_t> holes_in(std::string_view table);

// Beside the control socket.
[[nodiscard]] std::string counts_socket(const std::string& control_socket);
// The table; nullopt: nobody answers there, it takes longer, or there is no such table. Does not wait for the
// other side to be started any longer than that either.
[[nodiscard]] std::optional<std::string> read_counts(const std::string& socket,
                                                     std::chrono::milliseconds patience);

}  // namespace schoolgate::tools
