// Local wall time of a zone of the TZ database, without the process's TZ and its global state.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/policy/civil_date.h"
#include "rules/policy/schedule.h"
#include "rules/result.h"

namespace schoolgate {

// The rule for times after the last transition of the file: a POSIX TZ string (RFC 8536 3.3), "<+07>-7" or
// "CET-1CEST,M3.5.0,M10.5.0/3".
class PosixZone {
 public:
  struct Date {       // when a half of the year begins, in local time of the other half
    char kind = 'M';  // M month.week.weekday, J day 1..365 without 29 February, N day 0..365
    int month = 0, week = 0, day = 0;
    std::int32_t time = 7200;  // seconds after midnight; may be negative or over a day
  };
  [[nodiscard]] static std::optional<PosixZone> parse(std::string_view text);
  [[nodiscard]] std::int32_t offset(std::int64_t unix_seconds) const noexcept;  // seconds east of UTC

 private:
  std::int32_t standard_ = 0, summer_ = 0;
  bool has_summer_ = false;
  std::array<Date, 2> change_{};  // into summer time, back
};

// A value; const functions are safe from any thread. Default-made: Asia/Ho_Chi_Minh (+07, no summer time).
class TimeZone {
 public:
  TimeZone();
  // "Asia/Ho_Chi_Minh", read from `folder`/name (TZif 1 to 4). The default zone and "UTC" need no file.
  [[nodiscard]] static Result<TimeZone> load(const std::string& name,
                                             const std::string& folder = "/usr/share/zoneinfo");
  [[nodiscard]] static std::optional<TimeZone> from_tzif(std::string_view bytes);  // nullopt: damaged

  [[nodiscard]] std::int32_t offset(std::int64_t unix_seconds) const noexcept;  // seconds east of UTC
  [[nodiscard]] LocalTime local(std::int64_t unix_seconds) const noexcept;
  // "2026-11-25T15:04:44+07:00"; for people and exports.
  [[nodiscard]] std::string iso8601(std::int64_t unix_seconds) const;

 private:
  std::vector<std::int64_t> moments_;  // ascending; from moments_[i] on, offsets_[i + 1] holds
  std::vector<std::int32_t> offsets_;  // one more than moments_
  std::optional<PosixZone> after_;     // from the last moment on
};

}  // namespace schoolgate
