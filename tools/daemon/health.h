// What the running proxy knows and `schoolgate doctor` asks for: one fact a line, for a program.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/io/server.h"
#include "rules/message.h"
#include "rules/result.h"
#include "tools/lan/neighbours.h"

namespace schoolgate::tools {

struct Health {
  std::int64_t uptime_s = 0;
  std::uint64_t descriptors = 0;      // this process may have
  std::string log_error, seal_error;  // "" = none
  bool log_full = false, last_good = false;
  std::vector<std::string> old_lists;  // older than twice their rhythm
  std::vector<std::string> waiting;    // keys that wait for a start
  bool radar_works = false;            // the three below say something
  Radar radar;                         // `machines`, `unseen`, `router_between`

  friend bool operator==(const Health&, const Health&) = default;
};
[[nodiscard]] std::string health_text(const Health& health);
// What another version adds is passed over. Lines that are broken too: this is read with root's rights.
[[nodiscard]] Health health_in(std::string_view text);

// Who is on the school's networks and never was a client of this server; nullopt: the kernel does not say, or
// there were too many clients to know.
[[nodiscard]] std::optional<Radar> radar_of(const Server& server, const Config& config);
// For `status`, a line; empty when there is nothing to tell.
[[nodiscard]] Message radar_message(const Radar& radar);

}  // namespace schoolgate::tools
