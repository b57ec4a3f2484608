#include "proxy/core/grants.h"

#include <array>
#include <charconv>
#include <stdexcept>

#include "proxy/core/hmac.h"

namespace schoolgate {

namespace {

constexpr char separator = '~';  // in no host, category or number

// Every part with its length in front, so that no two subjects share a message.
std::string mac(std::string_view key, const GrantSubject& subject, std::string_view expiry) {
  std::string message = "schoolgate continue 1";
  const std::string client = subject.client.to_string();
  for (const std::string_view part :
       {std::string_view(client), std::string_view(subject.tier), std::string_view(subject.host),
        std::string_view(subject.category), expiry})
    message.append(std::to_string(part.size())).append(":").append(part);
  return to_hex(hmac_sha256(key, message));
}

std::optional<std::int64_t> parse_time(std::string_view text) noexcept {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

Grants::Grants(std::string key, std::size_t max_grants) : key_(std::move(key)), max_grants_(max_grants) {
  if (key_.size() < 32) throw std::invalid_argument("Grants: the key has fewer than 32 bytes");
  if (max_grants_ == 0) throw std::invalid_argument("Grants: room for no grant");
}

std::string Grants::make_token(const GrantSubject& subject, std::int64_t now_ms) const {
  const std::string expiry = std::to_string(now_ms + token_life_ms);
  std::string token = expiry;
  for (const std::string& part : {subject.category, subject.host, mac(key_, subject, expiry)})
    token.append(1, separator).append(part);
  return token;
}

std::optional<GrantSubject> Grants::redeem(std::string_view token, const IpAddress& client,
                                           std::string_view tier, std::int64_t now_ms) {
  std::array<std::string_view, 4> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t end = i + 1 == parts.size() ? token.size() : token.find(separator);
    if (end == std::string_view::npos) return std::nullopt;
    parts[i] = token.substr(0, end);
    token.remove_prefix(std::min(end + 1, token.size()));
  }
  GrantSubject subject{client, std::string(tier), std::string(parts[2]), std::string(parts[1])};
  if (!equal_in_constant_time(mac(key_, subject, parts[0]), parts[3])) return std::nullopt;
  // Only what we made gets here.
  const auto expiry = parse_time(parts[0]);
  if (!expiry || *expiry < now_ms) return std::nullopt;
  if (subject.of_help() || subject.of_wish()) return subject;

  const MutexLock lock(mutex_);
  drop_oldest_while(now_ms);
  const auto [place, is_new] = grants_.try_emplace(subject);
  if (!is_new) by_age_.erase(place->second);
  by_age_.push_back({now_ms + grant_life_ms, &place->first});
  place->second = std::prev(by_age_.end());
  count_.store(grants_.size(), std::memory_order_relaxed);
  return subject;
}

// Ends the grants whose time is over, and the oldest when there is no room for one more.
void Grants::drop_oldest_while(std::int64_t now_ms) {
  while (!by_age_.empty() && (by_age_.front().until_ms <= now_ms || grants_.size() >= max_grants_)) {
    grants_.erase(*by_age_.front().subject);
    by_age_.pop_front();
  }
}

void Grants::categories(const IpAddress& client, const Policy& policy, TierId tier, std::string_view host,
                        std::int64_t now_ms, std::vector<CategoryId>& out) const {
  out.clear();
  if (size() == 0) return;
  const GrantSubject from{client, policy.tiers()[tier].id, std::string(host), {}};
  const MutexLock lock(mutex_);
  for (auto at = grants_.lower_bound(from); at != grants_.end(); ++at) {
    const GrantSubject& subject = at->first;
    if (subject.client != client || subject.tier != from.tier || subject.host != host) break;
    if (at->second->until_ms <= now_ms) continue;
    if (subject.category.empty())
      out.push_back(no_category);
    else if (const auto category = policy.find_category(subject.category))
      out.push_back(*category);
  }
}

}  // namespace schoolgate
