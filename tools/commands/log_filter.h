// Which rows `log` and `log top` are about: the options, what they ask of the log, and whether what they name
// exists at all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/main/config.h"
#include "config/main/local_time.h"
#include "proxy/audit/log_reader.h"
#include "rules/message.h"
#include "rules/result.h"
#include "tools/commands/commands.h"

namespace schoolgate::tools {

struct LogFilter {
  std::string config, directory;  // of the log; "" = as the configuration says
  std::string tier, category, action, host, client, since, until;
  bool blocked = false, visits = false;
  bool safeguarding = false;  // of the file of `help` rows
};
void add_filter_options(CLI::App& command, LogFilter& filter);

// A log, and the school it is of.
class FilteredLog {
 public:
  // Nullopt: the errors of the main file were printed.
  [[nodiscard]] static std::optional<FilteredLog> open(const LogFilter& filter, Console& console);

  [[nodiscard]] const std::string& directory() const noexcept { return directory_; }
  [[nodiscard]] const TimeZone& zone() const noexcept { return zone_; }
  // Error: what is asked in a wrong way.
  [[nodiscard]] Result<audit::LogQuery, Message> query(std::int64_t now_ms) const;

  struct Unknown {
    std::vector<Message> words;  // what no row is of
    bool wrong = false;          // the last of them is not in the school's files either
  };
  // Where nothing was found: whether there is such a client, tier, category.
  [[nodiscard]] Unknown look_for_names(const audit::LogQuery& query) const;

 private:
  FilteredLog(const LogFilter& filter, std::string directory)
      : filter_(&filter), directory_(std::move(directory)) {}
  [[nodiscard]] Result<void, Message> set_client(audit::LogQuery& query) const;
  [[nodiscard]] Result<void, Message> set_action(audit::LogQuery& query) const;
  [[nodiscard]] bool in_log(audit::LogQuery query, audit::LogKind kind) const;
  [[nodiscard]] std::vector<std::string> tiers() const;
  [[nodiscard]] std::vector<std::string> categories() const;

  const LogFilter* filter_;
  std::string directory_;
  std::optional<Config> config_;
  TimeZone zone_;
};

}  // namespace schoolgate::tools
