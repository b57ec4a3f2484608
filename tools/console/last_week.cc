#include "tools/console/last_week.h"

#include "proxy/audit/log_reader.h"
#include "proxy/io/net/wall_clock.h"

namespace schoolgate::tools {

std::vector<std::string> hosts_of_last_week(const std::string& log_directory) {
  constexpr std::int64_t week_ms = 7LL * 24 * 3600 * 1000;
  constexpr std::size_t most = 100'000;
  audit::LogQuery query;
  query.since_ms = wall_clock_ms() - week_ms;
  query.limit = most;
  std::vector<std::string> hosts;
  if (const auto lines = audit::LogReader(log_directory).top(query, audit::Top::hosts))
    for (const audit::TopLine& line : *lines) hosts.push_back(line.name);
  return hosts;
}

}  // namespace schoolgate::tools
