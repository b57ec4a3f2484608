#include "proxy/audit/visit_bursts.h"

#include <functional>
#include <string_view>
#include <utility>

#include "proxy/core/privacy.h"
#include "rules/url/public_suffix.h"

namespace schoolgate::audit {
namespace {

std::uint64_t mixed_key(std::uint64_t x) noexcept {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

std::uint64_t text_key(std::string_view text) noexcept {
  return std::hash<std::string_view>()(text);
}

}  // namespace

std::uint64_t VisitBursts::site_of(const std::string& host) {
  if (const auto known = sites_.find(host); known != sites_.end()) return known->second;
  if (sites_.size() >= most_) sites_.clear();
  const std::uint64_t site = text_key(schoolgate::site_of(host));
  sites_.emplace(host, site);
  return site;
}

VisitBursts::Burst& VisitBursts::burst_of(std::uint64_t key) {
  if (const auto found = now_.find(key); found != now_.end()) return found->second;
  if (now_.size() >= most_) {
    before_ = std::move(now_);
    now_.clear();
  }
  const auto older = before_.find(key);
  return now_.emplace(key, older == before_.end() ? Burst() : older->second).first->second;
}

void VisitBursts::settle(LogRecord& row) {
  if (row.visit == Visit::no || row.part == LogRecord::Part::tunnel_end) return;
  const std::string_view client(reinterpret_cast<const char*>(row.client.bytes.data()),
                                row.client.bytes.size());
  const std::uint64_t key = mixed_key(text_key(client) + (is_ordinary(row) ? 0 : 1)) ^ site_of(row.host);
  Burst& burst = burst_of(key);
  const std::int64_t since_last = row.time_ms - burst.last_ms, since_begun = row.time_ms - burst.begun_ms;
  // A row may be older than one that was written before it; a clock that was set back begins anew.
  const bool goes_on = since_last <= gap_ms && since_last >= -gap_ms && since_begun < longest_ms;
  if (!goes_on) burst.begun_ms = row.time_ms;
  burst.last_ms = row.time_ms;
  if (row.visit == Visit::of_burst) row.visit = goes_on ? Visit::no : Visit::yes;
}

void VisitBursts::settle(std::vector<LogRecord>& rows) {
  for (LogRecord& row : rows) settle(row);
}

}  // namespace schoolgate::audit
