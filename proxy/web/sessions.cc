#include "proxy/web/sessions.h"

#include <algorithm>

#include "rules/bytes/sha256.h"

namespace schoolgate::web {
namespace {

constexpr unsigned free_failures = 5;
constexpr std::int64_t longest_wait_ms = 5 * 60 * 1000;
constexpr std::int64_t forgotten_after_ms = 60 * 60 * 1000;
constexpr std::size_t most_tries = 20'000;
constexpr unsigned address_share = 4;  // a staff room behind one address: it may fail four times as often

std::string kept_as(std::string_view secret) {
  return to_hex(sha256(secret));
}

}  // namespace

void Sessions::begin(const std::string& secret, Session session, std::int64_t now_ms) {
  const MutexLock lock(mutex_);
  std::erase_if(kept_, [&](const auto& one) {
    return now_ms - one.second.seen_ms > idle_ms || now_ms - one.second.begun_ms > longest_ms;
  });
  if (kept_.size() >= most_sessions)
    kept_.erase(std::min_element(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) {
      return a.second.seen_ms < b.second.seen_ms;
    }));
  kept_[kept_as(secret)] = {std::move(session), now_ms, now_ms};
}

std::optional<Session> Sessions::find(std::string_view secret, std::int64_t now_ms) {
  const MutexLock lock(mutex_);
  const auto found = kept_.find(kept_as(secret));
  if (found == kept_.end()) return std::nullopt;
  if (now_ms - found->second.seen_ms > idle_ms || now_ms - found->second.begun_ms > longest_ms) {
    kept_.erase(found);
    return std::nullopt;
  }
  found->second.seen_ms = now_ms;
  return found->second.session;
}

void Sessions::change(std::string_view secret, const Session& session) {
  const MutexLock lock(mutex_);
  const auto found = kept_.find(kept_as(secret));
  if (found != kept_.end()) found->second.session = session;
}

void Sessions::end(std::string_view secret) {
  const MutexLock lock(mutex_);
  kept_.erase(kept_as(secret));
}

void Sessions::end_all_of(const std::string& account) {
  const MutexLock lock(mutex_);
  std::erase_if(kept_, [&](const auto& one) { return one.second.session.account == account; });
}

void SignInLimit::forget_old(std::int64_t now_ms) {
  std::erase_if(tries_, [&](const auto& one) { return now_ms - one.second.last_ms > forgotten_after_ms; });
}

std::int64_t SignInLimit::wait_ms(const std::string& account, const std::string& peer, std::int64_t now_ms) {
  const MutexLock lock(mutex_);
  std::int64_t wait = 0;
  for (const std::string& key : {"a " + account, "p " + peer}) {
    const auto found = tries_.find(key);
    if (found != tries_.end()) wait = std::max(wait, found->second.until_ms - now_ms);
  }
  return wait;
}

bool SignInLimit::failed(const std::string& account, const std::string& peer, std::int64_t now_ms) {
  const MutexLock lock(mutex_);
  forget_old(now_ms);
  bool first = false;
  for (const std::string& key : {"a " + account, "p " + peer}) {
    if (tries_.size() >= most_tries && tries_.find(key) == tries_.end()) continue;
    Tries& tries = tries_[key];
    tries.last_ms = now_ms;
    ++tries.failures;
    const unsigned allowed = key.front() == 'a' ? free_failures : free_failures * address_share;
    if (tries.failures < allowed) continue;
    first = first || tries.failures == allowed;
    const unsigned doublings = std::min(tries.failures - allowed, 9u);
    tries.until_ms = now_ms + std::min(std::int64_t{1000} << doublings, longest_wait_ms);
  }
  return first;
}

void SignInLimit::succeeded(const std::string& account, const std::string& peer) {
  const MutexLock lock(mutex_);
  tries_.erase("a " + account);
  tries_.erase("p " + peer);
}

}  // namespace schoolgate::web
