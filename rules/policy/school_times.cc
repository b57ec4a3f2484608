#include "rules/policy/school_times.h"

#include <algorithm>
#include <utility>

#include "rules/policy/civil_date.h"

namespace schoolgate {
namespace {

constexpr std::int64_t day_minutes = LocalTime::minutes_per_day;

std::int32_t day_of_minute(std::int64_t minute) noexcept {
  return static_cast<std::int32_t>(minute / day_minutes - (minute % day_minutes < 0 ? 1 : 0));
}

// A minute counted from 1970-01-01 00:00 of the local clock.
LocalTime local_minute(std::int64_t minute) noexcept {
  const std::int32_t day = day_of_minute(minute);
  return {static_cast<std::uint16_t>(weekday_of(day) * day_minutes + (minute - day * day_minutes)), day};
}

}  // namespace

SchoolTimes::SchoolTimes(Schedule week) {
  if (!week.empty()) parts_.push_back({std::move(week), DaySet::every_day()});
}

void SchoolTimes::add(const DayTimes& times, const DaySet& days) {
  add_part(times.same_day, days);
  add_part(times.next_day, days.a_day_later());
}

void SchoolTimes::add_part(const Schedule& week, const DaySet& days) {
  const Schedule part = week.common(Schedule::whole_days(days.weekdays()));
  if (part.empty()) return;
  const auto same = std::find_if(parts_.begin(), parts_.end(), [&](const Part& p) { return p.days == days; });
  if (same != parts_.end())
    same->week = same->week.joined(part);
  else
    parts_.push_back({part, days});
}

bool SchoolTimes::contains(LocalTime t) const noexcept {
  return std::any_of(parts_.begin(), parts_.end(),
                     [t](const Part& part) { return part.days.contains(t.day) && part.week.contains(t); });
}

bool SchoolTimes::falls_on(std::int32_t first, std::int32_t last) const noexcept {
  return std::any_of(parts_.begin(), parts_.end(), [=](const Part& part) {
    return part.days.contains(first) || part.days.next_change(first) <= last;
  });
}

bool SchoolTimes::by_date() const noexcept {
  return std::any_of(parts_.begin(), parts_.end(),
                     [](const Part& part) { return !part.days.is_every_day(); });
}

bool SchoolTimes::lies_within(const SchoolTimes& other) const {
  return std::all_of(parts_.begin(), parts_.end(), [&](const Part& in) {
    return std::any_of(other.parts_.begin(), other.parts_.end(), [&](const Part& out) {
      return in.week.lies_within(out.week) && in.days.lies_within(out.days);
    });
  });
}

bool SchoolTimes::overlaps(const SchoolTimes& other) const {
  return std::any_of(parts_.begin(), parts_.end(), [&](const Part& a) {
    return std::any_of(other.parts_.begin(), other.parts_.end(), [&](const Part& b) {
      if (!a.week.overlaps(b.week)) return false;
      const unsigned weekdays = a.days.common(b.days).weekdays();
      return !a.week.common(b.week).common(Schedule::whole_days(weekdays)).empty();
    });
  });
}

// The next minute at which a part may begin or end.
std::int64_t SchoolTimes::next_candidate(std::int64_t minute) const noexcept {
  constexpr std::int64_t none = INT64_MAX;
  const LocalTime now = local_minute(minute);
  std::int64_t next = none;
  for (const Part& part : parts_) {
    const std::int32_t change = part.days.next_change(now.day);
    if (change != DaySet::never) next = std::min(next, change * day_minutes);
    if (!part.days.contains(now.day)) continue;
    const std::uint16_t edge = part.week.minutes_to_next_edge(now);
    if (edge != LocalTime::minutes_per_week) next = std::min(next, minute + edge);
  }
  return next;
}

std::uint32_t SchoolTimes::minutes_to_next_edge(LocalTime t) const {
  if (t.day == LocalTime::no_day) {  // a week of ordinary days
    Schedule week;
    for (const Part& part : parts_)
      if (part.days.contains(t.day)) week = week.joined(part.week);
    const std::uint16_t edge = week.minutes_to_next_edge(t);
    return edge == LocalTime::minutes_per_week ? never : edge;
  }
  const std::int64_t start = t.day * day_minutes + t.minute_of_week % day_minutes;
  std::int64_t settled = start;  // from here on each week is like the one before
  for (const Part& part : parts_) settled = std::max(settled, part.days.last_change() * day_minutes);
  const bool now = contains(t);
  for (std::int64_t at = next_candidate(start); at <= settled + LocalTime::minutes_per_week;
       at = next_candidate(at))
    if (contains(local_minute(at)) != now)
      return static_cast<std::uint32_t>(std::min<std::int64_t>(at - start, never));
  return never;
}

std::string SchoolTimes::to_string() const {
  Schedule week;
  for (const Part& part : parts_) week = week.joined(part.week);
  const std::string hours = week.to_string();
  return name_.empty() ? hours : name_ + " (" + hours + ")";
}

}  // namespace schoolgate
