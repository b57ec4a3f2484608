#include "proxy/io/worker/client_table.h"

#include <algorithm>

namespace schoolgate {
namespace {

std::int64_t ns_of(std::chrono::steady_clock::time_point at) noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
}

std::uint32_t half_of(std::uint32_t places) noexcept {
  return std::max(places / 2, 1u);
}

void unlink(Seat*& first, Seat*& last, Seat& seat) noexcept {
  (seat.before != nullptr ? seat.before->after : first) = seat.after;
  (seat.after != nullptr ? seat.after->before : last) = seat.before;
  seat.before = seat.after = nullptr;
  seat.seated = false;
}

}  // namespace

// The bucket as one number, so that it needs no lock: a request moves the time at which it is full again on
// by its share of a second.
std::optional<std::chrono::nanoseconds> ClientTable::Entry::take_request(
    std::chrono::steady_clock::time_point now, RequestRate rate, std::chrono::nanoseconds patience) noexcept {
  if (rate.per_second == 0) return std::chrono::nanoseconds(0);
  const std::int64_t share = 1'000'000'000 / rate.per_second, at = ns_of(now);
  const std::int64_t room = share * static_cast<std::int64_t>(rate.burst);
  std::int64_t seen = full_at.load(std::memory_order_relaxed);
  for (;;) {
    const std::int64_t next = std::max(seen, at) + share;
    const std::int64_t wait = std::max<std::int64_t>(next - room - at, 0);
    if (wait > patience.count()) return std::nullopt;
    if (full_at.compare_exchange_weak(seen, next, std::memory_order_relaxed))
      return std::chrono::nanoseconds(wait);
  }
}

ClientTable::GroupKey ClientTable::group_of(const IpAddress& client) noexcept {
  GroupKey key = client.bytes;
  if (!client.is_v4()) std::fill(key.begin() + 8, key.end(), std::uint8_t{0});
  return key;
}

ClientTable::Shard& ClientTable::shard(const GroupKey& group) noexcept {
  unsigned sum = 0;
  for (const std::uint8_t byte : group) sum += byte;
  return shards_[sum % shards_.size()];
}

// Nullopt: there is no place, unless somebody gives way.
std::optional<ClientTable::Taken> ClientTable::try_take(const Wish& wish) {
  const GroupKey key = group_of(wish.client);
  Shard& place = shard(key);
  const MutexLock lock(place.mutex);
  Taken taken;
  const auto known = place.groups.find(key);
  if (known != place.groups.end()) {
    const auto entry = known->second.entries.find(wish.client);
    taken.over_limit = entry != known->second.entries.end() && entry->second.places_ >= wish.limit;
  }
  if (taken.over_limit) return taken;
  const bool half_taken =
      !wish.client.is_v4() && known != place.groups.end() && known->second.places >= half_of(wish.places);
  if (half_taken || total() >= wish.places) return std::nullopt;
  Group& group = place.groups[key];
  Entry& entry = group.entries[wish.client];
  group.many = wish.many;
  if (group.places++ == 0) groups_.fetch_add(1, std::memory_order_relaxed);
  ++entry.places_;
  ++entry.sessions_;
  total_.fetch_add(1, std::memory_order_relaxed);
  taken.entry = &entry;
  return taken;
}

ClientTable::Taken ClientTable::take(const Wish& wish) {
  if (const auto taken = try_take(wish)) return *taken;
  Worker* const told_by = make_place(wish);
  if (told_by == nullptr) return {};
  Taken taken = try_take(wish).value_or(Taken{});  // unless another thread was faster
  taken.told_by = told_by;
  return taken;
}

void ClientTable::sit(const IpAddress& client, Entry* entry, Seat& seat) {
  Shard& place = shard(group_of(client));
  const MutexLock lock(place.mutex);
  seat.seated = true;
  seat.before = entry->last_;
  (entry->last_ != nullptr ? entry->last_->after : entry->first_) = &seat;
  entry->last_ = &seat;
}

void ClientTable::lose_place(Group& group, Entry& entry) noexcept {
  --entry.places_;
  if (--group.places == 0) groups_.fetch_sub(1, std::memory_order_relaxed);
  total_.fetch_sub(1, std::memory_order_relaxed);
}

void ClientTable::leave(const IpAddress& client, Entry* entry, Seat* seat) noexcept {
  const GroupKey key = group_of(client);
  Shard& place = shard(key);
  const MutexLock lock(place.mutex);
  --entry->sessions_;
  if (seat != nullptr && seat->seated) unlink(entry->first_, entry->last_, *seat);
  if (seat != nullptr && seat->given_up.load(std::memory_order_relaxed)) return;
  lose_place(place.groups.find(key)->second, *entry);
}

// Null: nobody has to give way.
Worker* ClientTable::make_place(const Wish& wish) {
  const GroupKey own = group_of(wish.client);
  std::uint32_t held = 0;
  {
    Shard& place = shard(own);
    const MutexLock lock(place.mutex);
    const auto known = place.groups.find(own);
    if (known != place.groups.end()) held = known->second.places;
  }
  const std::uint32_t groups = groups_.load(std::memory_order_relaxed) + (held == 0 ? 1 : 0);
  const std::uint32_t fair = std::max(wish.places / std::max(groups, 1u), 1u), half = half_of(wish.places);
  const bool over_half = !wish.client.is_v4() && held >= half;
  if (held < (wish.many ? std::max(fair, half) : fair) && !over_half) {
    const auto most = find_most(fair, half);
    return most ? give_up_one(*most, nullptr, wish.second) : nullptr;
  }
  return give_up_one(own, &wish, wish.second);
}

// The group with most places, of those that have more than their share.
std::optional<ClientTable::GroupKey> ClientTable::find_most(std::uint32_t fair, std::uint32_t half) const {
  std::optional<GroupKey> most;
  std::uint32_t places = 0;
  for (const Shard& place : shards_) {
    const MutexLock lock(place.mutex);
    for (const auto& [key, group] : place.groups) {
      const std::uint32_t share = group.many ? std::max(fair, half) : fair;
      if (group.places <= share || group.places <= places) continue;
      places = group.places;
      most = key;
    }
  }
  return most;
}

// `own`: the wish is of this group itself. Then an address gives way to one that has at least two fewer, and
// itself gives up only what is silent for long.
Worker* ClientTable::give_up_one(const GroupKey& key, const Wish* own, std::uint32_t second) {
  Shard& place = shard(key);
  const MutexLock lock(place.mutex);
  const auto found = place.groups.find(key);
  if (found == place.groups.end()) return nullptr;
  Group& group = found->second;
  Entry *most = nullptr, *mine = nullptr;
  for (auto& [client, entry] : group.entries) {
    if (own != nullptr && client == own->client) mine = &entry;
    if (entry.first_ != nullptr && (most == nullptr || entry.places_ > most->places_)) most = &entry;
  }
  std::uint32_t at_least = 0;
  if (own != nullptr && (most == nullptr || most->places_ <= (mine != nullptr ? mine->places_ : 0) + 1)) {
    most = mine;
    at_least = long_silence;
  }
  if (most == nullptr) return nullptr;
  Seat* silent = nullptr;
  std::uint32_t longest = 0;
  for (Seat* seat = most->first_; seat != nullptr; seat = seat->after) {
    const std::uint32_t moved = seat->moved_at.load(std::memory_order_relaxed);
    const std::uint32_t silence = second > moved ? second - moved : 0;
    if (silence < at_least || (silent != nullptr && silence <= longest)) continue;
    silent = seat;
    longest = silence;
  }
  if (silent == nullptr) return nullptr;
  unlink(most->first_, most->last_, *silent);
  silent->given_up.store(true, std::memory_order_relaxed);
  lose_place(group, *most);
  return silent->worker;
}

void ClientTable::sweep(std::chrono::steady_clock::time_point now) {
  const std::int64_t at = ns_of(now);
  for (Shard& place : shards_) {
    const MutexLock lock(place.mutex);
    for (auto& [key, group] : place.groups)
      std::erase_if(group.entries, [at](const auto& one) {
        return one.second.sessions_ == 0 && one.second.full_at.load(std::memory_order_relaxed) <= at;
      });
    std::erase_if(place.groups, [](const auto& one) { return one.second.entries.empty(); });
  }
}

std::size_t ClientTable::clients() const {
  std::size_t sum = 0;
  for (const Shard& place : shards_) {
    const MutexLock lock(place.mutex);
    for (const auto& [key, group] : place.groups)
      for (const auto& [client, entry] : group.entries) sum += entry.places_ > 0 ? 1 : 0;
  }
  return sum;
}

}  // namespace schoolgate
