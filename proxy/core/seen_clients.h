// Which addresses were clients since the start: who is never among them goes around the filter.
#pragma once

#include <cstddef>
#include <set>

#include "proxy/core/mutex.h"
#include "rules/url/ip.h"

namespace schoolgate {

// Addresses alone, in memory alone: neither when nor what. Threads: any; a connection takes the lock once.
class SeenClients {
 public:
  static constexpr std::size_t most = 65'536;

  // Once there are `most`, further ones are not kept: then has() of an unknown one says nothing, see full().
  // Without memory neither.
  void note(const IpAddress& client) noexcept;
  [[nodiscard]] bool has(const IpAddress& client) const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool full() const;

 private:
  mutable Mutex mutex_;
  std::set<IpAddress> seen_ SG_GUARDED_BY(mutex_);
  bool full_ SG_GUARDED_BY(mutex_) = false;
};

}  // namespace schoolgate
