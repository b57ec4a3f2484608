// Which hosts were asked for in the last seven days, as ListLoadOptions::hosts_of_last_week wants it.
#pragma once

#include <string>
#include <vector>

namespace schoolgate::tools {

// Of the log in this folder, the most requests first, at most 100,000. Empty where the log cannot be read.
[[nodiscard]] std::vector<std::string> hosts_of_last_week(const std::string& log_directory);

}  // namespace schoolgate::tools
