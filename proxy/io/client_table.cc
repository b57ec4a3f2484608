#include "proxy/io/client_table.h"

namespace schoolgate {

bool ClientTable::Entry::take_request(std::uint32_t second, std::uint32_t limit) noexcept {
  if (limit == 0) return true;
  std::uint64_t seen = window.load(std::memory_order_relaxed);
  for (;;) {
    const bool same = (seen >> 32) == second;
    const std::uint64_t count = same ? seen & 0xffffffff : 0;
    if (count >= limit) return false;
    const std::uint64_t next = (std::uint64_t{second} << 32) | (count + 1);
    if (window.compare_exchange_weak(seen, next, std::memory_order_relaxed)) return true;
  }
}

ClientTable::Shard& ClientTable::shard(const IpAddress& client) noexcept {
  unsigned sum = 0;
  for (const std::uint8_t byte : client.bytes) sum += byte;
  return shards_[sum % shards_.size()];
}

ClientTable::Entry* ClientTable::acquire(const IpAddress& client, std::uint32_t limit) {
  Shard& place = shard(client);
  const std::lock_guard lock(place.mutex);
  if (limit == 0) return nullptr;
  Entry& entry = place.entries[client];
  if (entry.connections.load(std::memory_order_relaxed) >= limit) return nullptr;
  entry.connections.fetch_add(1, std::memory_order_relaxed);
  total_.fetch_add(1, std::memory_order_relaxed);
  return &entry;
}

void ClientTable::release(const IpAddress& client, Entry* entry) noexcept {
  Shard& place = shard(client);
  const std::lock_guard lock(place.mutex);
  total_.fetch_sub(1, std::memory_order_relaxed);
  entry->connections.fetch_sub(1, std::memory_order_relaxed);
}

void ClientTable::sweep(std::uint32_t second) {
  for (Shard& place : shards_) {
    const std::lock_guard lock(place.mutex);
    std::erase_if(place.entries, [&](const auto& one) {
      const auto asked = static_cast<std::uint32_t>(one.second.window.load(std::memory_order_relaxed) >> 32);
      return one.second.connections.load(std::memory_order_relaxed) == 0 && asked + 1 < second;
    });
  }
}

std::size_t ClientTable::clients() const {
  std::size_t sum = 0;
  for (const Shard& place : shards_) {
    const std::lock_guard lock(place.mutex);
    for (const auto& [client, entry] : place.entries)
      sum += entry.connections.load(std::memory_order_relaxed) > 0 ? 1 : 0;
  }
  return sum;
}

}  // namespace schoolgate
