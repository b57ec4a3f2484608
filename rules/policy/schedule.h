// Local wall time, and weekly intervals on it. The zone is the caller's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace schoolgate {

// A minute of local time.
struct LocalTime {
  std::uint16_t minute_of_week = 0;  // since Monday 00:00, 0 .. 10079
  static constexpr std::int32_t no_day = INT32_MIN;
  // Since 1970-01-01, of the same weekday; no_day: some week's, taken as an ordinary day of school.
  std::int32_t day = no_day;
  // The clock may be wrong: what goes by times takes its stricter side (Policy::effect(), Line::action_at()).
  bool in_doubt = false;
  static constexpr std::uint16_t minutes_per_week = 7 * 24 * 60;
  static constexpr int minutes_per_day = 24 * 60;
  friend auto operator<=>(const LocalTime&, const LocalTime&) = default;
};

// "T2 08:30", "Mon 08:30", "CN 23:59"; with its day: "2027-02-06 08:30". Nullopt if not so.
[[nodiscard]] std::optional<LocalTime> parse_local_time(std::string_view text) noexcept;
[[nodiscard]] std::string to_string(LocalTime t);  // "T2 08:30"
// What parse_local_time() reads again: "2027-02-06 08:30" where the day is known.
[[nodiscard]] std::string moment_text(LocalTime t);
// Minutes of the local clock from one to the other, both with their days; below 0: the clock went back.
[[nodiscard]] std::int64_t minutes_between(LocalTime from, LocalTime to) noexcept;

// "T2", "T2-T6": bits, Monday lowest; 0: that are no days.
[[nodiscard]] unsigned weekdays_of(std::string_view text) noexcept;

// A set of half-open intervals of the week, e.g. "T2-T6 07:00-11:30, T7 07:00-10:00".
// "22:00-06:00" runs over midnight into the next day. "CN-T2" runs over the end of the week. An end may be
// 24:00. No days = every day; but after an entry with days every entry must name its own, and begin and end
// must differ: what an author could mean in two ways is refused.
class Schedule {
 public:
  [[nodiscard]] static std::optional<Schedule> parse(std::string_view text);  // nullopt: not of this form
  [[nodiscard]] static Schedule whole_days(unsigned weekdays);                // bits, Monday lowest

  [[nodiscard]] bool empty() const noexcept { return intervals_.empty(); }
  [[nodiscard]] Schedule common(const Schedule& other) const;
  [[nodiscard]] Schedule joined(const Schedule& other) const;
  [[nodiscard]] bool contains(LocalTime t) const noexcept;
  friend bool operator==(const Schedule&, const Schedule&) = default;
  // Each moment of this one is one of the other's; and: some moment is in both.
  [[nodiscard]] bool lies_within(const Schedule& other) const noexcept;
  [[nodiscard]] bool overlaps(const Schedule& other) const noexcept;
  // Minutes from `t` until contains() changes; minutes_per_week if it never does.
  [[nodiscard]] std::uint16_t minutes_to_next_edge(LocalTime t) const noexcept;
  [[nodiscard]] std::string to_string() const;  // parse() of it gives an equal set; "" for the empty one

 private:
  friend struct DayTimes;
  struct Interval {
    std::uint16_t begin, end;  // end <= minutes_per_week
    friend bool operator==(const Interval&, const Interval&) = default;
  };
  void add(int begin, int end);  // end may lie in the next week
  void normalise();
  std::vector<Interval> intervals_;  // sorted, disjoint
};

// The same by the day on which a time begins: what of it lies behind midnight is kept apart, for it belongs
// to the day before.
struct DayTimes {
  Schedule same_day, next_day;

  [[nodiscard]] static std::optional<DayTimes> parse(std::string_view text);  // as Schedule::parse()
  // Minutes of the day, up to 24:00; end <= begin runs into the next day.
  void add(unsigned weekdays, int begin, int end);
  [[nodiscard]] DayTimes on(unsigned weekdays) const;  // those that begin on one of them
  [[nodiscard]] bool empty() const noexcept { return same_day.empty() && next_day.empty(); }
  [[nodiscard]] Schedule all() const { return same_day.joined(next_day); }
};

}  // namespace schoolgate
