#include "rules/policy/schedule.h"

#include <algorithm>
#include <array>

#include "rules/policy/civil_date.h"

namespace schoolgate {
namespace {

constexpr int minutes_per_day = LocalTime::minutes_per_day;
constexpr int minutes_per_week = LocalTime::minutes_per_week;
constexpr std::array<std::string_view, 7> days_vi{"T2", "T3", "T4", "T5", "T6", "T7", "CN"};
constexpr std::array<std::string_view, 7> days_en{"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"};

// Reads a text from the left. Every take_ function consumes what it understood, or nothing.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  void skip_spaces() noexcept {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\t')) text_.remove_prefix(1);
  }
  [[nodiscard]] bool at_end() const noexcept { return text_.empty(); }
  [[nodiscard]] bool at_letter() const noexcept {
    const char c = text_.empty() ? '0' : static_cast<char>(text_.front() | 0x20);
    return c >= 'a' && c <= 'z';
  }

  bool take(char c) noexcept {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool take_space() noexcept {
    const std::size_t before = text_.size();
    skip_spaces();
    return text_.size() != before;
  }

  // 0 = Monday.
  std::optional<int> take_day() noexcept {
    for (std::size_t day = 0; day < 7; ++day)
      if (take_word(days_vi[day]) || take_word(days_en[day])) return static_cast<int>(day);
    return std::nullopt;
  }

  // "7:05", "07:05": minutes of the day, up to and with 24:00.
  std::optional<int> take_time() noexcept {
    const std::string_view saved = text_;
    const std::optional<int> hour = take_digits(1, 2);
    if (hour && take(':')) {
      const std::optional<int> minute = take_digits(2, 2);
      const int total = minute ? *hour * 60 + *minute : 0;
      if (minute && *minute < 60 && total <= minutes_per_day) return total;
    }
    text_ = saved;
    return std::nullopt;
  }

  std::optional<std::int32_t> take_date() noexcept {
    const std::optional<std::int32_t> day = parse_date(text_.substr(0, 10));
    if (day) text_.remove_prefix(10);
    return day;
  }

 private:
  bool take_word(std::string_view upper) noexcept {
    if (text_.size() < upper.size()) return false;
    for (std::size_t i = 0; i < upper.size(); ++i) {
      const char c = text_[i] >= 'a' && text_[i] <= 'z' ? static_cast<char>(text_[i] - 0x20) : text_[i];
      if (c != upper[i]) return false;
    }
    text_.remove_prefix(upper.size());
    return true;
  }

  std::optional<int> take_digits(std::size_t least, std::size_t most) noexcept {
    int value = 0;
    std::size_t n = 0;
    for (; n < text_.size() && text_[n] >= '0' && text_[n] <= '9'; ++n) {
      if (n == most) return std::nullopt;
      value = value * 10 + (text_[n] - '0');
    }
    if (n < least) return std::nullopt;
    text_.remove_prefix(n);
    return value;
  }

  std::string_view text_;
};

std::string clock_text(int minute) {
  const auto two = [](int n) {
    return std::string{static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)};
  };
  return two(minute / 60) + ':' + two(minute % 60);
}

// One entry: "T2-T6 07:00-11:30". A set of days as bits, Monday lowest.
struct TimeEntry {
  unsigned days = 0;
  int begin = 0, end = 0;  // minutes of the day; end <= begin runs into the next day
};

unsigned days_from_to(int first, int last) noexcept {
  unsigned days = 0;
  for (int day = first;; day = (day + 1) % 7) {  // CN-T2 goes over the end of the week
    days |= 1U << day;
    if (day == last) return days;
  }
}

std::optional<unsigned> take_days(Reader& reader) noexcept {
  const std::optional<int> first = reader.take_day();
  if (!first) return std::nullopt;
  std::optional<int> last = first;
  bool space = reader.take_space();
  if (reader.take('-')) {
    reader.skip_spaces();
    last = reader.take_day();
    space = reader.take_space();
  }
  if (!last || !space) return std::nullopt;
  return days_from_to(*first, *last);
}

std::optional<TimeEntry> take_entry(Reader& reader) noexcept {
  TimeEntry entry;
  reader.skip_spaces();
  if (reader.at_letter()) {
    const std::optional<unsigned> days = take_days(reader);
    if (!days) return std::nullopt;
    entry.days = *days;
  }
  reader.skip_spaces();
  const std::optional<int> begin = reader.take_time();
  reader.skip_spaces();
  if (!begin || *begin == minutes_per_day || !reader.take('-')) return std::nullopt;
  reader.skip_spaces();
  const std::optional<int> end = reader.take_time();
  if (!end || *end == *begin) return std::nullopt;  // the same twice: nothing, or all day? ask the author
  reader.skip_spaces();
  entry.begin = *begin;
  entry.end = *end;
  return entry;
}

// One entry in text for each run of days.
void append_entry(std::string& text, const TimeEntry& entry) {
  for (std::size_t day = 0; day < 7; ++day) {
    if ((entry.days >> day & 1) == 0) continue;
    const std::size_t first = day;
    while (day < 6 && (entry.days >> (day + 1) & 1) != 0) ++day;
    if (!text.empty()) text += ", ";
    text += days_vi[first];
    if (day != first) text += '-' + std::string(days_vi[day]);
    text += ' ' + clock_text(entry.begin) + '-' + clock_text(entry.end);
  }
}

}  // namespace

std::optional<LocalTime> parse_local_time(std::string_view text) noexcept {
  Reader reader(text);
  const std::optional<std::int32_t> date = reader.take_date();
  const std::optional<int> day = date ? weekday_of(*date) : reader.take_day();
  if (!day || !reader.take_space()) return std::nullopt;
  const std::optional<int> minute = reader.take_time();
  if (!minute || *minute == minutes_per_day || !reader.at_end()) return std::nullopt;
  return LocalTime{static_cast<std::uint16_t>(*day * minutes_per_day + *minute),
                   date.value_or(LocalTime::no_day)};
}

unsigned weekdays_of(std::string_view text) noexcept {
  Reader reader(text);
  reader.skip_spaces();
  const std::optional<int> first = reader.take_day();
  std::optional<int> last = first;
  reader.skip_spaces();
  if (reader.take('-')) {
    reader.skip_spaces();
    last = reader.take_day();
    reader.skip_spaces();
  }
  return first && last && reader.at_end() ? days_from_to(*first, *last) : 0;
}

std::string to_string(LocalTime t) {
  const int minute = t.minute_of_week % minutes_per_week;
  return std::string(days_vi[static_cast<std::size_t>(minute / minutes_per_day)]) + ' ' +
         clock_text(minute % minutes_per_day);
}

std::string moment_text(LocalTime t) {
  if (t.day == LocalTime::no_day) return to_string(t);
  return date_text(t.day) + ' ' + clock_text(t.minute_of_week % minutes_per_day);
}

std::int64_t minutes_between(LocalTime from, LocalTime to) noexcept {
  return (std::int64_t{to.day} - from.day) * minutes_per_day + to.minute_of_week % minutes_per_day -
         from.minute_of_week % minutes_per_day;
}

void Schedule::add(int begin, int end) {
  if (end > minutes_per_week) {
    add(begin, minutes_per_week);
    add(0, end - minutes_per_week);
    return;
  }
  intervals_.push_back({static_cast<std::uint16_t>(begin), static_cast<std::uint16_t>(end)});
}

void Schedule::normalise() {
  std::sort(intervals_.begin(), intervals_.end(),
            [](const Interval& a, const Interval& b) { return a.begin < b.begin; });
  std::vector<Interval> merged;
  for (const Interval& next : intervals_) {
    if (!merged.empty() && next.begin <= merged.back().end)
      merged.back().end = std::max(merged.back().end, next.end);
    else
      merged.push_back(next);
  }
  intervals_ = std::move(merged);
}

std::optional<Schedule> Schedule::parse(std::string_view text) {
  const std::optional<DayTimes> times = DayTimes::parse(text);
  if (!times) return std::nullopt;
  return times->all();
}

Schedule Schedule::whole_days(unsigned weekdays) {
  Schedule out;
  for (int day = 0; day < 7; ++day)
    if ((weekdays >> day & 1) != 0) out.add(day * minutes_per_day, (day + 1) * minutes_per_day);
  out.normalise();
  return out;
}

Schedule Schedule::common(const Schedule& other) const {
  Schedule out;
  for (const Interval& a : intervals_)
    for (const Interval& b : other.intervals_)
      if (a.begin < b.end && b.begin < a.end) out.add(std::max(a.begin, b.begin), std::min(a.end, b.end));
  out.normalise();
  return out;
}

Schedule Schedule::joined(const Schedule& other) const {
  Schedule out = *this;
  out.intervals_.insert(out.intervals_.end(), other.intervals_.begin(), other.intervals_.end());
  out.normalise();
  return out;
}

std::optional<DayTimes> DayTimes::parse(std::string_view text) {
  DayTimes times;
  Reader reader(text);
  bool days_named = false;
  do {
    const std::optional<TimeEntry> entry = take_entry(reader);
    if (!entry) return std::nullopt;
    if (entry->days == 0 && days_named) return std::nullopt;  // "T2 07:00-11:30, 13:00-16:00": which days?
    days_named = days_named || entry->days != 0;
    times.add(entry->days != 0 ? entry->days : 0x7f, entry->begin, entry->end);
  } while (reader.take(','));
  if (!reader.at_end()) return std::nullopt;
  return times;
}

void DayTimes::add(unsigned weekdays, int begin, int end) {
  const bool overnight = end <= begin;
  for (int day = 0; day < 7; ++day) {
    if ((weekdays >> day & 1) == 0) continue;
    const int midnight = day * minutes_per_day;
    same_day.add(midnight + begin, midnight + (overnight ? minutes_per_day : end));
    const int next = (day + 1) % 7 * minutes_per_day;
    if (overnight && end > 0) next_day.add(next, next + end);
  }
  same_day.normalise();
  next_day.normalise();
}

DayTimes DayTimes::on(unsigned weekdays) const {
  const unsigned after = (weekdays << 1 | weekdays >> 6) & 0x7f;
  return {same_day.common(Schedule::whole_days(weekdays)), next_day.common(Schedule::whole_days(after))};
}

bool Schedule::contains(LocalTime t) const noexcept {
  return std::any_of(intervals_.begin(), intervals_.end(), [t](const Interval& i) {
    return i.begin <= t.minute_of_week && t.minute_of_week < i.end;
  });
}

bool Schedule::lies_within(const Schedule& other) const noexcept {
  // Both are cut at the turn of the week, and neighbours are joined: an interval lies in one of the other's.
  return std::all_of(intervals_.begin(), intervals_.end(), [&](const Interval& in) {
    return std::any_of(other.intervals_.begin(), other.intervals_.end(),
                       [&](const Interval& out) { return out.begin <= in.begin && in.end <= out.end; });
  });
}

bool Schedule::overlaps(const Schedule& other) const noexcept {
  return std::any_of(intervals_.begin(), intervals_.end(), [&](const Interval& a) {
    return std::any_of(other.intervals_.begin(), other.intervals_.end(),
                       [&](const Interval& b) { return a.begin < b.end && b.begin < a.end; });
  });
}

std::uint16_t Schedule::minutes_to_next_edge(LocalTime t) const noexcept {
  // An edge at the week's turn is one only if the two sides differ.
  const bool joined =
      !intervals_.empty() && intervals_.front().begin == 0 && intervals_.back().end == minutes_per_week;
  int nearest = minutes_per_week;
  const auto consider = [&](int edge) {
    if (joined && edge % minutes_per_week == 0) return;
    const int distance = (edge - t.minute_of_week + 2 * minutes_per_week - 1) % minutes_per_week + 1;
    nearest = std::min(nearest, distance);
  };
  for (const Interval& interval : intervals_) {
    consider(interval.begin);
    consider(interval.end);
  }
  return static_cast<std::uint16_t>(nearest);
}

std::string Schedule::to_string() const {
  if (intervals_.size() == 1 && intervals_[0].begin == 0 && intervals_[0].end == minutes_per_week)
    return "T2-CN 00:00-24:00";
  // Cut into pieces that an entry can say: within a day, or over one midnight and shorter than a day.
  struct Span {
    int begin, end;
  };
  std::vector<Span> spans;
  for (const Interval& interval : intervals_) spans.push_back({interval.begin, interval.end});
  if (spans.size() > 1 && spans.front().begin == 0 && spans.back().end == minutes_per_week) {
    spans.back().end += spans.front().end;
    spans.erase(spans.begin());
  }
  std::vector<TimeEntry> entries;
  for (Span span : spans) {
    while (span.begin < span.end) {
      const int day = span.begin / minutes_per_day;
      const int begin = span.begin % minutes_per_day;
      const int midnight = (day + 1) * minutes_per_day;
      const bool overnight = span.end > midnight && span.end - span.begin < minutes_per_day;
      const int end = overnight || span.end <= midnight ? span.end : midnight;
      const int shown = end <= midnight ? end - day * minutes_per_day : end - midnight;
      span.begin = end;
      const auto same = std::find_if(entries.begin(), entries.end(),
                                     [&](const TimeEntry& e) { return e.begin == begin && e.end == shown; });
      if (same != entries.end())
        same->days |= 1U << day % 7;
      else
        entries.push_back({1U << day % 7, begin, shown});
    }
  }
  std::string text;
  for (const TimeEntry& entry : entries) append_entry(text, entry);
  return text;
}

}  // namespace schoolgate
