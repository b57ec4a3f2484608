// The running proxy: joins snapshot, access log, server and control socket, and carries out what signals and
// commands ask. Policy and I/O are elsewhere.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tools/console.h"
#include "tools/control.h"

namespace schoolgate::tools {

// Runs until a signal ends it; the exit code. SIGTERM and SIGINT drain, a second one ends at once; SIGHUP
// reloads. The signals must be blocked in every thread by the caller (block_signals).
[[nodiscard]] int run_gateway(const std::string& config_file, Console& console);

// Before the first thread is started.
void block_signals() noexcept;

}  // namespace schoolgate::tools
