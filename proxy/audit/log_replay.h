// The decisions of the last days, fast and in the order they were written: what a plan replays. Opens files
// for reading only, while they are written to.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "proxy/audit/month.h"
#include "proxy/core/log_record.h"
#include "rules/action.h"
#include "rules/result.h"

namespace schoolgate::audit {

struct Decision {
  std::int64_t time_ms = 0;
  std::uint64_t client = 0;  // another number for each pseudonym of each month; nothing else of it is told
  std::string_view host, tier, layer;  // "" = none
  bool refused = false;                // never judged
  Action action = Action::block;
  Seen seen = Seen::url;
  bool connect = false;  // the method
  std::uint16_t port = 0;
  std::uint64_t requests = 1;  // that this row stands for
};

// Of the access files alone, since then; `progress` from 0 to 1. An empty folder has no rows. Error: a file
// that cannot be read.
[[nodiscard]] Result<void> replay_log(const std::string& directory, std::int64_t since_ms,
                                      const std::function<void(const Decision&)>& take,
                                      const std::function<void(double)>& progress);

}  // namespace schoolgate::audit
