#include "proxy/audit/retention_clock.h"
#include "proxy/audit/month.h"

#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>

namespace schoolgate::audit {
namespace {

constexpr std::int64_t second_ms = 1000;

constexpr std::int64_t days_per_day = 2;                  // the believed time's pace at most
constexpr std::int64_t synchronised_for_ms = hour_ms;     // before the kernel's word counts
constexpr std::int64_t step_ms = 60 * second_ms;          // a clock that moves so far by itself was set
constexpr std::int64_t evidence_age_ms = 72 * hour_ms;    // of running time, until a row is evidence
constexpr std::int64_t agreement_ms = 30 * day_ms;        // a holiday; less than what anybody keeps
constexpr std::int64_t late_ms = 2 * day_ms;              // so far behind, a row looks older than it is
constexpr std::int64_t largest_ms = 253'402'300'800'000;  // the year 10000
constexpr std::size_t max_late = 1'200;                   // months

constexpr char heading[] =
    "# Schoolgate: how far the retention of the access log has come. Written by the proxy.\n";

std::int64_t to_ms(const timespec& t) noexcept {
  return std::int64_t{t.tv_sec} * 1000 + t.tv_nsec / 1'000'000;
}

std::int64_t clock_ms(clockid_t id) noexcept {
  timespec t{};
  ::clock_gettime(id, &t);
  return to_ms(t);
}

// A sandbox that takes away setting the clock takes away asking the kernel as well. systemd-timesyncd touches
// this file whenever it has set the clock right, each half hour at the latest.
bool time_service_agrees(std::int64_t wall_ms) noexcept {
  struct stat info {};
  return ::stat("/run/systemd/timesync/synchronized", &info) == 0 &&
         std::abs(to_ms(info.st_mtim) - wall_ms) <= hour_ms;
}

std::optional<std::int64_t> number(std::string_view text) noexcept {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size() || n < 0 || n > largest_ms)
    return std::nullopt;
  return n;
}

// The part before the next blank; `line` keeps what follows it.
std::string_view word(std::string_view& line) noexcept {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view first = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return first;
}

}  // namespace

ClockReading read_clocks() noexcept {
  ClockReading now{clock_ms(CLOCK_REALTIME), clock_ms(CLOCK_BOOTTIME), false};
  timex kernel{};
  const int state = ::adjtimex(&kernel);
  if (state < 0 && errno == EPERM) {
    now.synchronised = time_service_agrees(now.wall_ms);
    return now;
  }
  // The word is about the kernel's own clock: one that reads otherwise has no part in it.
  now.synchronised = state >= 0 && state != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0 &&
                     std::abs(std::int64_t{kernel.time.tv_sec} - now.wall_ms / 1000) <= 2;
  return now;
}

RetentionClock::RetentionClock(std::string_view state, const ClockReading& now, std::uint32_t keep_days,
                               std::int64_t oldest_ms, std::int64_t newest_ms)
    : keep_ms_(keep_days * day_ms), last_(now), last_row_ms_(newest_ms) {
  if (parse(state)) return;
  good_ = oldest_ms == 0 && state.empty();
  run_ms_ = 0;
  late_.clear();
  believed_ms_ = oldest_ms == 0 ? now.wall_ms : std::min(now.wall_ms, oldest_ms + keep_ms_);
  older_ = newer_ = {newest_ms, 0};
}

bool RetentionClock::parse(std::string_view state) {
  LinesSeen seen;
  while (!state.empty()) {
    const std::size_t end = state.find('\n');
    if (end == std::string_view::npos) return false;  // a line cut short
    const std::string_view line = state.substr(0, end);
    state.remove_prefix(end + 1);
    if (line.empty() || line[0] == '#') continue;
    if (!parse_line(line, seen)) return false;
  }
  return seen.believed && seen.run && seen.older && seen.newer;
}

bool RetentionClock::parse_line(std::string_view line, LinesSeen& seen) {
  const std::string_view key = word(line);
  const std::string_view first = word(line), second = word(line);
  if (!line.empty()) return false;
  const auto value = number(key == "late" ? second : first);
  if (!value) return false;
  if (key == "believed_ms" && second.empty()) {
    believed_ms_ = *value, seen.believed = true;
  } else if (key == "run_ms" && second.empty()) {
    run_ms_ = *value, seen.run = true;
  } else if (key == "older" || key == "newer") {
    const auto at = number(second);
    if (!at) return false;
    (key == "older" ? older_ : newer_) = {*value, *at};
    (key == "older" ? seen.older : seen.newer) = true;
  } else if (key == "late" && late_.size() < max_late) {
    const auto month = Month::parse(first);
    if (!month) return false;
    late_[*month] = *value;
  } else {
    return false;
  }
  return true;
}

std::string RetentionClock::text() const {
  std::string text = heading;
  const auto line = [&](const char* key, const std::string& first, const std::string& second) {
    text += std::string(key) + " " + first + (second.empty() ? "" : " ") + second + "\n";
  };
  line("believed_ms", std::to_string(believed_ms_), "");
  line("run_ms", std::to_string(run_ms_), "");
  line("older", std::to_string(older_.row_ms), std::to_string(older_.run_ms));
  line("newer", std::to_string(newer_.row_ms), std::to_string(newer_.run_ms));
  for (const auto& [month, at] : late_) line("late", month.to_string(), std::to_string(at));
  return text;
}

bool RetentionClock::agrees(std::int64_t wall_ms) const noexcept {
  return older_.row_ms != 0 && wall_ms >= older_.row_ms - day_ms && wall_ms <= older_.row_ms + agreement_ms;
}

void RetentionClock::tick(const ClockReading& now) noexcept {
  const std::int64_t elapsed = std::max<std::int64_t>(now.running_ms - last_.running_ms, 0);
  const bool was_set = std::abs(now.wall_ms - last_.wall_ms - elapsed) > step_ms;
  run_ms_ = std::min(run_ms_ + elapsed, largest_ms);
  last_ = now;
  if (!now.synchronised || was_set) synchronised_since_.reset();
  if (now.synchronised && !synchronised_since_) synchronised_since_ = run_ms_;

  if (synchronised_since_ && run_ms_ - *synchronised_since_ >= synchronised_for_ms && agrees(now.wall_ms)) {
    believed_ms_ = now.wall_ms;
  } else {
    believed_ms_ = std::max(believed_ms_, std::min(now.wall_ms, believed_ms_ + days_per_day * elapsed));
  }
  if (run_ms_ - newer_.run_ms >= evidence_age_ms || newer_.row_ms == 0) {
    older_ = newer_;
    newer_ = {last_row_ms_, run_ms_};
  }
  std::erase_if(late_, [&](const auto& entry) { return !protects(entry.first); });
}

bool RetentionClock::wrote(std::int64_t time_ms) {
  last_row_ms_ = time_ms;
  if (time_ms >= believed_ms_ - late_ms) return false;
  const Month month = Month::of(time_ms);
  const bool known = late_.contains(month);
  if (!known && late_.size() >= max_late) return false;
  late_[month] = run_ms_;
  return !known;
}

void RetentionClock::confirm(const ClockReading& now) noexcept {
  believed_ms_ = now.wall_ms;
  older_ = newer_ = {now.wall_ms, run_ms_};
}

std::int64_t RetentionClock::cut_ms(const ClockReading& now) const noexcept {
  return sure_ms(now) - keep_ms_;
}

std::int64_t RetentionClock::sure_ms(const ClockReading& now) const noexcept {
  return std::min(believed_ms_, now.wall_ms);
}

bool RetentionClock::protects(Month month) const noexcept {
  const auto it = late_.find(month);
  return it != late_.end() && days_per_day * (run_ms_ - it->second) < keep_ms_;
}

}  // namespace schoolgate::audit
