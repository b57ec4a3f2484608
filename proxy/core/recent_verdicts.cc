#include "proxy/core/recent_verdicts.h"

#include <algorithm>

#include "proxy/core/log_record.h"

namespace schoolgate {
namespace {

// What a code shows of a decision's number.
constexpr std::uint64_t code_bits = (std::uint64_t{1} << 40) - 1;

}  // namespace

RecentVerdicts::RecentVerdicts(std::size_t max_clients, std::size_t per_client)
    : max_clients_(std::max<std::size_t>(max_clients, 1)),
      per_client_(std::max<std::size_t>(per_client, 1)) {}

void RecentVerdicts::add(const IpAddress& client, RecentVerdict verdict) {
  if (verdict.verdict.action == Action::allow || verdict.verdict.action == Action::help) return;
  verdict.url.resize(std::min({verdict.url.size(), verdict.url.find('?'), max_url}));
  verdict.url.shrink_to_fit();

  const MutexLock lock(mutex_);
  auto found = by_address_.find(client);
  if (found == by_address_.end()) {
    if (by_address_.size() == max_clients_) {
      for (const RecentVerdict& old : by_age_.back().ring) forget(old);
      by_address_.erase(by_age_.back().address);
      by_age_.pop_back();
    }
    by_age_.push_front({client, {}, 0});
    found = by_address_.emplace(client, by_age_.begin()).first;
  } else {
    by_age_.splice(by_age_.begin(), by_age_, found->second);
  }
  Client& entry = *found->second;
  const std::uint64_t code = verdict.decision & code_bits;
  // A page that tries again each second would push everything else out of the ring.
  for (RecentVerdict& old : entry.ring) {
    if (old.url != verdict.url || old.verdict != verdict.verdict) continue;
    forget(old);
    old = std::move(verdict);
    by_code_[code] = client;
    return;
  }
  by_code_[code] = client;
  if (entry.ring.size() < per_client_) {
    entry.ring.push_back(std::move(verdict));
    return;
  }
  forget(entry.ring[entry.next]);
  entry.ring[entry.next] = std::move(verdict);
  entry.next = (entry.next + 1) % per_client_;
}

void RecentVerdicts::forget(const RecentVerdict& verdict) {
  by_code_.erase(verdict.decision & code_bits);
}

std::optional<RecentVerdict> RecentVerdicts::with_code(std::string_view code) const {
  const auto decision = decision_of(code);
  if (!decision) return std::nullopt;
  const MutexLock lock(mutex_);
  const auto client = by_code_.find(*decision);
  if (client == by_code_.end()) return std::nullopt;
  const auto found = by_address_.find(client->second);
  if (found == by_address_.end()) return std::nullopt;
  for (const RecentVerdict& one : found->second->ring)
    if ((one.decision & code_bits) == *decision) return one;
  return std::nullopt;
}

std::vector<RecentVerdict> RecentVerdicts::of(const IpAddress& client) const {
  std::vector<RecentVerdict> verdicts;
  {
    const MutexLock lock(mutex_);
    const auto found = by_address_.find(client);
    if (found == by_address_.end()) return verdicts;
    verdicts = found->second->ring;
  }
  std::stable_sort(verdicts.begin(), verdicts.end(),
                   [](const RecentVerdict& a, const RecentVerdict& b) { return a.time_ms > b.time_ms; });
  return verdicts;
}

std::size_t RecentVerdicts::clients() const {
  const MutexLock lock(mutex_);
  return by_address_.size();
}

}  // namespace schoolgate
