#include "proxy/audit/tally.h"

#include "proxy/audit/codes.h"
#include "proxy/audit/month.h"

namespace schoolgate::audit {
namespace {

constexpr std::size_t max_lines = 50'000;  // while the totals cannot be written: then the file is read again

std::string name_of(const std::vector<std::string>& names, std::size_t number) {
  return number < names.size() ? names[number] : std::string();
}

}  // namespace

std::size_t Tally::Hash::operator()(const Key& key) const noexcept {
  std::uint64_t mixed = static_cast<std::uint64_t>(key.hour) << 8 ^
                        static_cast<std::uint64_t>(key.action) << 4 ^ static_cast<std::uint64_t>(key.seen);
  mixed ^= static_cast<std::uint64_t>(key.category) << 32 ^ static_cast<std::uint64_t>(key.tier) << 48 ^
           key.serial << 56;
  return static_cast<std::size_t>((mixed ^ mixed >> 29) * 0x9e3779b97f4a7c15 >> 16);
}

void Tally::add(std::int64_t id, const LogRecord& record, const RevisionNames* names) {
  if ((last_ != 0 && id != last_ + 1) || lines_.size() >= max_lines) forget();
  const Key key{names != nullptr ? names->serial : 0,
                record.time_ms / hour_ms,
                record.tier,
                record.verdict.category,
                action_number(record.verdict),
                static_cast<int>(record.seen)};
  const auto [line, is_new] = lines_.try_emplace(key);
  if (is_new) {
    line->second.hour = key.hour;
    line->second.action = key.action;
    line->second.seen = key.seen;
    if (names != nullptr) {
      line->second.tier = name_of(names->tiers, record.tier);
      line->second.category = name_of(names->categories, record.verdict.category);
    }
  }
  line->second.requests += record.count;
  if (record.visit == Visit::yes) line->second.visits += record.count;
  if (first_ == 0) first_ = id;
  last_ = id;
}

void Tally::forget() noexcept {
  first_ = last_ = 0;
  lines_.clear();
}

}  // namespace schoolgate::audit
