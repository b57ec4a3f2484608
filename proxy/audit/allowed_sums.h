// While the log is full: rows of what was plainly allowed (or refused unjudged) are not written one by one
// but summed, a row per client and host every minute, and of a client that asks for very many hosts one row
// for the rest of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "proxy/core/log_record.h"

namespace schoolgate::audit {

// Nobody was stopped or warned by a rule, and nobody wished to be told: allowed without flags, or refused
// unjudged.
[[nodiscard]] bool is_plain_allow(const LogRecord& record) noexcept;

// Threads: belongs to the one that writes.
class AllowedSums {
 public:
  // Takes plainly allowed rows out of `rows`. The end of a tunnel whose row was summed finds no row to go to,
  // as with one that found no room.
  void take(std::vector<LogRecord>& rows);
  // Moves the sums into `rows` once they are a minute old, or `now`.
  void give(std::vector<LogRecord>& rows, std::int64_t running_ms, bool now);

 private:
  using Key =
      std::tuple<IpAddress, TierId, std::uint64_t, Reason, Ended, Visit, std::string>;  // revision, host last
  std::map<Key, LogRecord> sums_;
  std::map<IpAddress, std::uint32_t> hosts_of_;
  std::int64_t since_ms_ = 0;  // 0 = at the next give()
};

}  // namespace schoolgate::audit
