// How much each client may ask of the proxy: open connections and requests a second, over all workers.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>

#include "rules/ip.h"

namespace schoolgate {

// Threads: any. A connection takes the lock of its shard when it opens and when it closes; a request takes
// none.
class ClientTable {
 public:
  struct Entry {
    std::atomic<std::uint32_t> connections{0};
    std::atomic<std::uint64_t> window{0};  // second << 32 | requests in it

    // One more request in `second`; false if that is more than `limit` (0 = no limit).
    [[nodiscard]] bool take_request(std::uint32_t second, std::uint32_t limit) noexcept;
  };

  // Counts a connection of `client`; null if it has `limit` already. Give it back with release().
  [[nodiscard]] Entry* acquire(const IpAddress& client, std::uint32_t limit);
  void release(const IpAddress& client, Entry* entry) noexcept;
  [[nodiscard]] std::uint32_t total() const noexcept { return total_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t clients() const;

 private:
  // std::map: entries stay where they are, and no peer-chosen key makes it slow.
  struct Shard {
    mutable std::mutex mutex;
    std::map<IpAddress, Entry> entries;
  };
  [[nodiscard]] Shard& shard(const IpAddress& client) noexcept;
  std::array<Shard, 16> shards_;
  std::atomic<std::uint32_t> total_{0};
};

}  // namespace schoolgate
