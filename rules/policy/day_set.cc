#include "rules/policy/day_set.h"

#include <algorithm>

#include "rules/policy/civil_date.h"

namespace schoolgate {

DaySet::DaySet(const std::vector<Range>& ranges) {
  for (const Range& range : ranges)
    if (range.first <= range.last) runs_.push_back({range.first, range.last + 1});
  normalise();
}

DaySet DaySet::every_day() {
  return DaySet().others();
}

void DaySet::normalise() {
  std::sort(runs_.begin(), runs_.end(), [](const Run& a, const Run& b) { return a.begin < b.begin; });
  std::vector<Run> merged;
  for (const Run& next : runs_) {
    if (!merged.empty() && next.begin <= merged.back().end)
      merged.back().end = std::max(merged.back().end, next.end);
    else
      merged.push_back(next);
  }
  runs_ = std::move(merged);
}

bool DaySet::contains(std::int32_t day) const noexcept {
  if (day == LocalTime::no_day) return ordinary_;
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), day,
                                      [](std::int32_t d, const Run& r) { return d < r.begin; });
  return after != runs_.begin() && day < std::prev(after)->end;
}

bool DaySet::is_every_day() const noexcept {
  return ordinary_ && runs_.size() == 1 && runs_[0].begin == ever && runs_[0].end == never;
}

DaySet DaySet::others() const {
  DaySet out;
  out.ordinary_ = !ordinary_;
  std::int32_t from = ever;
  for (const Run& run : runs_) {
    if (from < run.begin) out.runs_.push_back({from, run.begin});
    from = run.end;
  }
  if (from < never) out.runs_.push_back({from, never});
  return out;
}

DaySet DaySet::joined(const DaySet& other) const {
  DaySet out = *this;
  out.ordinary_ = ordinary_ || other.ordinary_;
  out.runs_.insert(out.runs_.end(), other.runs_.begin(), other.runs_.end());
  out.normalise();
  return out;
}

DaySet DaySet::common(const DaySet& other) const {
  return others().joined(other.others()).others();
}

DaySet DaySet::a_day_later() const {
  DaySet out = *this;
  for (Run& run : out.runs_) {
    if (run.begin != ever) ++run.begin;
    if (run.end != never) ++run.end;
  }
  return out;
}

bool DaySet::lies_within(const DaySet& other) const {
  return (!ordinary_ || other.ordinary_) && std::all_of(runs_.begin(), runs_.end(), [&](const Run& in) {
           return std::any_of(other.runs_.begin(), other.runs_.end(),
                              [&](const Run& out) { return out.begin <= in.begin && in.end <= out.end; });
         });
}

unsigned DaySet::weekdays() const noexcept {
  constexpr unsigned all = 0x7f;
  unsigned days = ordinary_ ? all : 0;
  for (const Run& run : runs_)
    for (std::int32_t day = run.begin; day < run.end && days != all; ++day) days |= 1U << weekday_of(day);
  return days;
}

std::int32_t DaySet::next_change(std::int32_t day) const noexcept {
  for (const Run& run : runs_) {
    if (day < run.begin) return run.begin;
    if (day < run.end) return run.end;
  }
  return never;
}

std::int32_t DaySet::last_change() const noexcept {
  std::int32_t last = ever;
  for (const Run& run : runs_)
    for (const std::int32_t edge : {run.begin, run.end})
      if (edge != never) last = std::max(last, edge);
  return last;
}

}  // namespace schoolgate
