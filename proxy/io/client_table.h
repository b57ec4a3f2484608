// How much each client may ask of the proxy: open connections and requests a second, over all workers.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>

#include "rules/ip.h"

namespace schoolgate {

// The clock of take_request: one for all workers, whose ticks differ.
[[nodiscard]] inline std::uint32_t steady_second(std::chrono::steady_clock::time_point at) noexcept {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
}

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
  // Forgets who has no connection and asked nothing in `second` or the one before: a client that opens a
  // connection for each request is counted too.
  void sweep(std::uint32_t second);
  [[nodiscard]] std::uint32_t total() const noexcept { return total_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t clients() const;  // who have a connection

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
