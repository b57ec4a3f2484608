// The process of the staff's pages: joins the pages (proxy/web) with their server and their sources.
#pragma once

#include <string>

#include "config/main/config.h"
#include "proxy/web/sources.h"
#include "tools/console/console.h"

namespace schoolgate::tools {

struct WebOptions {
  std::string config_file;
  std::string accounts = "/var/lib/schoolgate-web/accounts";
};

// Until SIGTERM or SIGINT; the exit code. Reads the main file, and nothing else of the policy.
[[nodiscard]] int run_web(const WebOptions& options, Console& console);

// The machine's own clocks and chance.
[[nodiscard]] web::Surroundings machine_surroundings();

// "https://192.168.10.1:8443": where the pages are, as one types it.
[[nodiscard]] std::string pages_address(const AdminPages& pages);

}  // namespace schoolgate::tools
