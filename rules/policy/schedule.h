// Local wall time in a week, and weekly intervals on it. The zone is the caller's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace schoolgate {

// Minutes since Monday 00:00 local time, 0 .. 10079.
struct LocalTime {
  std::uint16_t minute_of_week = 0;
  static constexpr std::uint16_t minutes_per_week = 7 * 24 * 60;
  friend auto operator<=>(const LocalTime&, const LocalTime&) = default;
};

// "T2 08:30", "Mon 08:30", "CN 23:59". Nullopt if not so.
[[nodiscard]] std::optional<LocalTime> parse_local_time(std::string_view text) noexcept;
[[nodiscard]] std::string to_string(LocalTime t);  // "T2 08:30"

// A set of half-open intervals of the week, e.g. "T2-T6 07:00-11:30, T7 07:00-10:00".
// "22:00-06:00" runs over midnight into the next day. "CN-T2" runs over the end of the week. An end may be
// 24:00. No days = every day; but after an entry with days every entry must name its own, and begin and end
// must differ: what an author could mean in two ways is refused.
class Schedule {
 public:
  [[nodiscard]] static std::optional<Schedule> parse(std::string_view text);  // nullopt: not of this form

  [[nodiscard]] bool contains(LocalTime t) const noexcept;
  friend bool operator==(const Schedule&, const Schedule&) = default;
  // Each moment of this one is one of the other's; and: some moment is in both.
  [[nodiscard]] bool lies_within(const Schedule& other) const noexcept;
  [[nodiscard]] bool overlaps(const Schedule& other) const noexcept;
  // Minutes from `t` until contains() changes; minutes_per_week if it never does.
  [[nodiscard]] std::uint16_t minutes_to_next_edge(LocalTime t) const noexcept;
  [[nodiscard]] std::string to_string() const;  // parse() of it gives an equal set; "" for the empty one

 private:
  struct Interval {
    std::uint16_t begin, end;  // end <= minutes_per_week
    friend bool operator==(const Interval&, const Interval&) = default;
  };
  void add(int begin, int end);  // end may lie in the next week
  void normalise();
  std::vector<Interval> intervals_;  // sorted, disjoint
};

}  // namespace schoolgate
