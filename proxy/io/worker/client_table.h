// How much each client may ask of the proxy: open connections and requests, over all workers; and who gives
// way when there is no place for another connection.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

#include "proxy/core/mutex.h"
#include "rules/url/ip.h"

namespace schoolgate {

class Worker;

// A bucket of `burst` requests, filled again by `per_second`.
struct RequestRate {
  std::uint32_t per_second = 0;  // 0 = no limit
  std::uint64_t burst = 0;
};

// A connection's place in its client's list, a member of who serves it.
struct Seat {
  std::atomic<std::uint32_t> moved_at{0};  // steady second of the last byte or step
  std::atomic<bool> given_up{false};       // to be ended: its place is another's already
  Worker* worker = nullptr;                // whose it is
  Seat *before = nullptr, *after = nullptr;
  bool seated = false;
};

// Places go by groups: an IPv4 address is one, and so is an IPv6 /64, of which one machine may have all
// addresses. When all places are taken, a group that has less than its share, the places divided by the
// groups, gets one from the group that has most, and more than its own share: there the address with most
// connections gives up the one that was silent for longest. A group that has its share replaces what it left
// silent for `long_silence`. The share of an address marked as many people's is half of the places, if that
// is more; a /64 never holds more than half.
//
// Threads: any. A connection takes the lock of its shard when it opens, when it is served and when it closes;
// a request takes none; all shards are looked through, one after the other, when somebody must give way.
class ClientTable {
 public:
  static constexpr std::uint32_t long_silence = 30;  // seconds

  struct Entry {
    std::atomic<std::int64_t> full_at{0};  // ns of the steady clock: when its bucket is full again

    // One more request: how long it has to wait for its turn, zero = not at all. Nullopt, and nothing is
    // taken: longer than `patience`.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> take_request(
        std::chrono::steady_clock::time_point now, RequestRate rate,
        std::chrono::nanoseconds patience) noexcept;

   private:
    friend class ClientTable;
    std::uint32_t places_ = 0;                 // without what was given up
    std::uint32_t sessions_ = 0;               // that know this entry
    Seat *first_ = nullptr, *last_ = nullptr;  // oldest first
  };

  struct Wish {
    IpAddress client;
    bool many = false;         // many people behind it
    std::uint32_t limit = 0;   // of its own connections
    std::uint32_t places = 0;  // of all
    std::uint32_t second = 0;  // now, as Seat::moved_at counts
  };
  struct Taken {
    Entry* entry = nullptr;     // give it back with leave()
    bool over_limit = false;    // without one: it has `limit` already, waiting is of no use
    Worker* told_by = nullptr;  // somebody gave way there: it is to look for seats that are given up
  };
  [[nodiscard]] Taken take(const Wish& wish);
  // `seat` is what the connection may be ended by; it stays where it is until leave().
  void sit(const IpAddress& client, Entry* entry, Seat& seat);
  void leave(const IpAddress& client, Entry* entry, Seat* seat) noexcept;
  // Forgets who has no connection and a full bucket: a client that opens a connection for each request is
  // counted too.
  void sweep(std::chrono::steady_clock::time_point now);
  [[nodiscard]] std::uint32_t total() const noexcept { return total_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t clients() const;  // who have a connection

 private:
  using GroupKey = std::array<std::uint8_t, 16>;
  // std::map: entries stay where they are, and no peer-chosen key makes it slow.
  struct Group {
    std::uint32_t places = 0;
    bool many = false;
    std::map<IpAddress, Entry> entries;
  };
  struct Shard {
    mutable Mutex mutex;
    std::map<GroupKey, Group> groups SG_GUARDED_BY(mutex);
  };
  [[nodiscard]] static GroupKey group_of(const IpAddress& client) noexcept;
  [[nodiscard]] Shard& shard(const GroupKey& group) noexcept;
  [[nodiscard]] std::optional<Taken> try_take(const Wish& wish);
  [[nodiscard]] Worker* make_place(const Wish& wish);
  [[nodiscard]] std::optional<GroupKey> find_most(std::uint32_t fair, std::uint32_t half) const;
  [[nodiscard]] Worker* give_up_one(const GroupKey& key, const Wish* own, std::uint32_t second);
  void lose_place(Group& group, Entry& entry) noexcept;

  std::array<Shard, 16> shards_;
  std::atomic<std::uint32_t> total_{0};
  std::atomic<std::uint32_t> groups_{0};  // with a place
};

}  // namespace schoolgate
