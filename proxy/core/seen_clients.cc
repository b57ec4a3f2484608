#include "proxy/core/seen_clients.h"

#include <new>

namespace schoolgate {

void SeenClients::note(const IpAddress& client) noexcept {
  const MutexLock lock(mutex_);
  try {
    if (seen_.size() < most)
      seen_.insert(client);
    else if (seen_.count(client) == 0)
      full_ = true;
  } catch (const std::bad_alloc&) {
    full_ = true;
  }
}

bool SeenClients::has(const IpAddress& client) const {
  const MutexLock lock(mutex_);
  return seen_.count(client) != 0;
}

std::size_t SeenClients::size() const {
  const MutexLock lock(mutex_);
  return seen_.size();
}

bool SeenClients::full() const {
  const MutexLock lock(mutex_);
  return full_;
}

}  // namespace schoolgate
