#include "proxy/audit/allowed_sums.h"

#include <algorithm>
#include <iterator>

namespace schoolgate::audit {
namespace {

constexpr std::int64_t interval_ms = 60'000;
constexpr std::uint32_t hosts_per_client = 64;  // in an interval; more share a row without a host

}  // namespace

bool is_plain_allow(const LogRecord& r) noexcept {
  if (r.verdict.was_refused()) return true;
  return r.verdict.action == Action::allow && !r.verdict.flags.record && !r.verdict.flags.alert;
}

void AllowedSums::take(std::vector<LogRecord>& rows) {
  std::vector<LogRecord> helped;  // a match that helps keeps its own row, in the safeguarding file
  const auto summed = [&](LogRecord& row) {
    if (row.part == LogRecord::Part::tunnel_end || !is_plain_allow(row)) return false;
    if (row.help) {
      helped.push_back(row);
      helped.back().verdict = *helped.back().help;
      helped.back().help.reset();
      row.help.reset();
      row.alert = 0;
    }
    Key key{row.client, row.tier, row.revision, row.verdict.reason, row.ended, row.visit, row.host};
    auto it = sums_.find(key);
    if (it == sums_.end()) {
      std::uint32_t& hosts = hosts_of_[row.client];
      if (hosts >= hosts_per_client) {
        std::get<std::string>(key).clear();
        row.host.clear();
      } else {
        ++hosts;
      }
      row.part = LogRecord::Part::exchange;
      row.path.clear();
      const auto [place, is_new] = sums_.try_emplace(key, row);
      if (is_new) return true;
      it = place;
    }
    add_to_sum(it->second, row);
    return true;
  };
  rows.erase(std::remove_if(rows.begin(), rows.end(), summed), rows.end());
  std::move(helped.begin(), helped.end(), std::back_inserter(rows));
}

void AllowedSums::give(std::vector<LogRecord>& rows, std::int64_t running_ms, bool now) {
  if (sums_.empty()) return;
  if (since_ms_ == 0) since_ms_ = running_ms;
  if (!now && running_ms - since_ms_ < interval_ms) return;
  for (auto& [key, total] : sums_) rows.push_back(std::move(total));
  sums_.clear();
  hosts_of_.clear();
  since_ms_ = 0;
}

}  // namespace schoolgate::audit
