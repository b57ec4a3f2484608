// Which row of a burst to one site by one client is the visit: browsers open several tunnels for one page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proxy/core/log_record.h"

namespace schoolgate::audit {

// Threads: belongs to the writer. Memory: at most 2 * `most` bursts and the sites of as many hosts; one that
// was forgotten counts once more.
class VisitBursts {
 public:
  static constexpr std::int64_t gap_ms = 30'000;  // without a row: the next one is another visit
  static constexpr std::int64_t longest_ms =
      10 * 60'000;  // a page that never rests is a visit every ten minutes

  explicit VisitBursts(std::size_t most = 32'768) : most_(most) {}

  // Makes each `Visit::of_burst` a yes or a no. What has no ordinary row has bursts of its own: the ordinary
  // row after it must read as if nothing had been before.
  void settle(std::vector<LogRecord>& rows);
  void settle(LogRecord& row);

 private:
  struct Burst {
    std::int64_t begun_ms = 0, last_ms = 0;
  };
  [[nodiscard]] std::uint64_t site_of(const std::string& host);
  [[nodiscard]] Burst& burst_of(std::uint64_t key);

  const std::size_t most_;
  std::unordered_map<std::uint64_t, Burst> now_, before_;  // the older half goes when the newer one is full
  std::unordered_map<std::string, std::uint64_t> sites_;   // by host
};

}  // namespace schoolgate::audit
