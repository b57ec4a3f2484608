// What systemd and we tell each other; without it nothing happens.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace schoolgate::tools {

// Listening sockets handed over (sd_listen_fds(3)): descriptors from 3 on. Call once, early.
[[nodiscard]] std::vector<int> handed_over_sockets();
// "READY=1", "STOPPING=1" (sd_notify(3)).
void notify_manager(const std::string& state);
// Within this time the manager wants to hear "WATCHDOG=1", again and again (sd_watchdog_enabled(3)); nullopt:
// it does not wait for it. Call once, early.
[[nodiscard]] std::optional<std::chrono::milliseconds> watchdog_limit();

}  // namespace schoolgate::tools
