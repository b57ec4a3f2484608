// A program of the school's own, told of cases: no shell reads its words.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "rules/result.h"

namespace schoolgate::tools {

// Runs `words` with `codes` behind them, with no input, output or environment but PATH, and waits for at most
// 30 seconds, or until `ending`; then it is ended by force. Error: it was not run, or did not end with 0.
[[nodiscard]] Result<void> run_alert_hook(const std::vector<std::string>& words,
                                          const std::vector<std::string>& codes,
                                          const std::atomic<bool>& ending);

}  // namespace schoolgate::tools
