#include "config/main/local_time.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <optional>

#include "config/text/text_file.h"

namespace schoolgate {
namespace {

constexpr std::int64_t day_seconds = 86'400;

std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept {
  return a / b - (a % b < 0 ? 1 : 0);
}
bool leap(std::int64_t year) noexcept {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}
int month_days(std::int64_t year, int month) noexcept {
  static constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return days[month - 1] + (month == 2 && leap(year) ? 1 : 0);
}

// Reads a POSIX TZ string from its head.
class TzText {
 public:
  explicit TzText(std::string_view text) : rest_(text) {}
  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool name() {
    if (take('<')) {
      const std::size_t end = rest_.find('>');
      if (end == std::string_view::npos || end == 0) return false;
      rest_.remove_prefix(end + 1);
      return true;
    }
    std::size_t n = 0;
    while (n < rest_.size() && ((rest_[n] | 0x20) >= 'a' && (rest_[n] | 0x20) <= 'z')) ++n;
    rest_.remove_prefix(n);
    return n >= 3;
  }
  std::optional<int> number(int low, int high) {
    std::size_t n = 0;
    int value = 0;
    while (n < rest_.size() && n < 3 && rest_[n] >= '0' && rest_[n] <= '9')
      value = value * 10 + (rest_[n++] - '0');
    if (n == 0 || value < low || value > high) return std::nullopt;
    rest_.remove_prefix(n);
    return value;
  }
  // [+-]hh[:mm[:ss]] in seconds, as written.
  std::optional<std::int32_t> time() {
    const bool minus = take('-');
    if (!minus) take('+');
    const std::optional<int> hours = number(0, 167);
    const std::optional<int> minutes = hours && take(':') ? number(0, 59) : 0;
    const std::optional<int> seconds = minutes && take(':') ? number(0, 59) : 0;
    if (!hours || !minutes || !seconds) return std::nullopt;
    const std::int32_t sum = (*hours * 60 + *minutes) * 60 + *seconds;
    return minus ? -sum : sum;
  }
  std::optional<PosixZone::Date> date() {
    PosixZone::Date out;
    if (take('M')) {
      const std::optional<int> month = number(1, 12);
      const std::optional<int> week = month && take('.') ? number(1, 5) : std::nullopt;
      const std::optional<int> day = week && take('.') ? number(0, 6) : std::nullopt;
      if (!month || !week || !day) return std::nullopt;
      out.kind = 'M';
      out.month = *month;
      out.week = *week;
      out.day = *day;
    } else {
      out.kind = take('J') ? 'J' : 'N';
      const std::optional<int> day = number(out.kind == 'J' ? 1 : 0, 365);
      if (!day) return std::nullopt;
      out.day = *day;
    }
    if (!take('/')) return out;
    const std::optional<std::int32_t> at = time();
    if (!at) return std::nullopt;
    out.time = *at;
    return out;
  }

 private:
  std::string_view rest_;
};

// Local seconds since 1970 at which `date` falls in `year`.
std::int64_t moment_of(const PosixZone::Date& date, std::int64_t year) noexcept {
  const std::int64_t january = days_from_civil({year, 1, 1});
  std::int64_t day = january + date.day;
  if (date.kind == 'J') day = january + date.day - 1 + (leap(year) && date.day >= 60 ? 1 : 0);
  if (date.kind == 'M') {
    const std::int64_t first = days_from_civil({year, date.month, 1});
    const std::int64_t weekday = ((first + 4) % 7 + 7) % 7;  // 0 = Sunday; 1970-01-01 was a Thursday
    std::int64_t in_month = (date.day - weekday + 7) % 7 + (date.week - 1) * 7;
    while (in_month >= month_days(year, date.month)) in_month -= 7;
    day = first + in_month;
  }
  return day * day_seconds + date.time;
}

std::uint64_t big_endian(std::string_view bytes, std::size_t at, std::size_t size) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

struct TzifHeader {
  std::uint64_t isut, isstd, leap, time, type, chars;
  [[nodiscard]] std::uint64_t body(std::uint64_t moment_size) const noexcept {
    return time * moment_size + time + type * 6 + chars + leap * (moment_size + 4) + isstd + isut;
  }
};
constexpr std::size_t header_size = 44;

std::optional<TzifHeader> read_header(std::string_view bytes, std::size_t at) {
  if (bytes.size() < at + header_size || bytes.substr(at, 4) != "TZif") return std::nullopt;
  std::uint64_t field[6];
  for (std::size_t i = 0; i < 6; ++i) {
    field[i] = big_endian(bytes, at + 20 + i * 4, 4);
    if (field[i] > 100'000) return std::nullopt;
  }
  return TzifHeader{field[0], field[1], field[2], field[3], field[4], field[5]};
}

}  // namespace

std::optional<PosixZone> PosixZone::parse(std::string_view text) {
  PosixZone zone;
  TzText in(text);
  const std::optional<std::int32_t> standard = in.name() ? in.time() : std::nullopt;
  if (!standard) return std::nullopt;
  zone.standard_ = -*standard;  // POSIX counts westward
  if (in.done()) return zone;
  zone.has_summer_ = true;
  zone.summer_ = zone.standard_ + 3600;
  if (!in.name()) return std::nullopt;
  if (!in.take(',')) {
    const std::optional<std::int32_t> summer = in.time();
    if (!summer || !in.take(',')) return std::nullopt;
    zone.summer_ = -*summer;
  }
  const std::optional<Date> into = in.date();
  const std::optional<Date> back = into && in.take(',') ? in.date() : std::nullopt;
  if (!into || !back || !in.done()) return std::nullopt;
  zone.change_ = {*into, *back};
  return zone;
}

std::int32_t PosixZone::offset(std::int64_t unix_seconds) const noexcept {
  if (!has_summer_) return standard_;
  const std::int64_t year = civil_from_days(floor_div(unix_seconds + standard_, day_seconds)).year;
  const std::int64_t begin = moment_of(change_[0], year) - standard_,
                     end = moment_of(change_[1], year) - summer_;
  const bool summer = begin < end ? unix_seconds >= begin && unix_seconds < end
                                  : unix_seconds >= begin || unix_seconds < end;  // southern half
  return summer ? summer_ : standard_;
}

TimeZone::TimeZone() : offsets_{7 * 3600} {}

Result<TimeZone> TimeZone::load(const std::string& name, const std::string& folder) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '/';
  };
  const bool fine = !name.empty() && name.front() != '/' && std::all_of(name.begin(), name.end(), allowed);
  if (!fine) return Error{say("\"{}\" is not the name of a time zone", name)};
  if (name == "Asia/Ho_Chi_Minh") return TimeZone{};
  if (name == "UTC") {
    TimeZone utc;
    utc.offsets_ = {0};
    return utc;
  }
  const auto bytes = read_file(join_path(folder, name), 1024 * 1024);
  if (!bytes)
    return Error{say("the time zone \"{}\" is not known to this machine ({})", name, bytes.error().message)};
  auto zone = from_tzif(*bytes);
  if (!zone) return Error{say("the file of the time zone \"{}\" is damaged", name)};
  return std::move(*zone);
}

std::optional<TimeZone> TimeZone::from_tzif(std::string_view bytes) {
  auto header = read_header(bytes, 0);
  if (!header) return std::nullopt;
  std::size_t at = header_size, moment_size = 4;
  if (bytes[4] >= '2') {  // the same again with 64-bit moments, then the rule for later
    at += header->body(4);
    header = read_header(bytes, at);
    if (!header) return std::nullopt;
    at += header_size;
    moment_size = 8;
  }
  if (bytes.size() < at + header->body(moment_size) || header->type == 0) return std::nullopt;
  const std::size_t indexes = at + header->time * moment_size, types = indexes + header->time;
  const auto offset_of = [&](std::size_t type) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(big_endian(bytes, types + type * 6, 4)));
  };
  TimeZone zone;
  zone.offsets_ = {offset_of(0)};
  for (std::size_t i = 0; i < header->time; ++i) {
    const std::uint64_t raw = big_endian(bytes, at + i * moment_size, moment_size);
    const std::int64_t moment = moment_size == 8 ? static_cast<std::int64_t>(raw)
                                                 : static_cast<std::int32_t>(static_cast<std::uint32_t>(raw));
    const std::uint64_t type = big_endian(bytes, indexes + i, 1);
    if (type >= header->type || (i != 0 && moment <= zone.moments_.back())) return std::nullopt;
    zone.moments_.push_back(moment);
    zone.offsets_.push_back(offset_of(type));
  }
  for (const std::int32_t offset : zone.offsets_)
    if (offset < -93'599 || offset > 93'599) return std::nullopt;
  if (moment_size == 4) return zone;
  std::string_view footer = bytes.substr(at + header->body(8));
  if (footer.size() < 2 || footer.front() != '\n' || footer.back() != '\n') return std::nullopt;
  footer = footer.substr(1, footer.size() - 2);
  if (footer.empty()) return zone;
  zone.after_ = PosixZone::parse(footer);
  if (!zone.after_) return std::nullopt;
  return zone;
}

std::int32_t TimeZone::offset(std::int64_t unix_seconds) const noexcept {
  const auto next = std::upper_bound(moments_.begin(), moments_.end(), unix_seconds);
  if (next == moments_.end() && after_) return after_->offset(unix_seconds);
  return offsets_[static_cast<std::size_t>(next - moments_.begin())];
}

LocalTime TimeZone::local(std::int64_t unix_seconds) const noexcept {
  const std::int64_t minutes = floor_div(unix_seconds + offset(unix_seconds), 60);
  constexpr std::int64_t week = LocalTime::minutes_per_week, thursday = 3 * 24 * 60;  // 1970-01-01
  return LocalTime{static_cast<std::uint16_t>(((minutes + thursday) % week + week) % week),
                   static_cast<std::int32_t>(floor_div(minutes, 24 * 60))};
}

std::string TimeZone::iso8601(std::int64_t unix_seconds) const {
  const std::int32_t east = offset(unix_seconds);
  const std::int64_t local_seconds = unix_seconds + east, days = floor_div(local_seconds, day_seconds);
  const CivilDate date = civil_from_days(days);
  const int second = static_cast<int>(local_seconds - days * day_seconds),
            away = (east < 0 ? -east : east) / 60;
  char text[64];
  std::snprintf(text, sizeof text, "%04lld-%02d-%02dT%02d:%02d:%02d%c%02d:%02d",
                static_cast<long long>(date.year), date.month, date.day, second / 3600, second / 60 % 60,
                second % 60, east < 0 ? '-' : '+', away / 60, away % 60);
  return text;
}

}  // namespace schoolgate
