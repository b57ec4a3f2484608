#include "proxy/audit/month.h"

#include <dirent.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>

namespace schoolgate::audit {
namespace {

using Days = std::chrono::sys_days;

std::chrono::sys_time<std::chrono::milliseconds> point(std::int64_t time_ms) {
  return std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(time_ms));
}

std::string_view prefix(LogKind kind) {
  return kind == LogKind::access ? "access-" : "safeguarding-";
}

}  // namespace

Month Month::of(std::int64_t time_ms) noexcept {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(point(time_ms))};
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month())};
}

std::optional<Month> Month::parse(std::string_view text) noexcept {
  Month m;
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  const char* p = text.data();
  const auto year = std::from_chars(p, p + 4, m.year);
  const auto month = std::from_chars(p + 5, p + 7, m.month);
  if (year.ec != std::errc() || year.ptr != p + 4 || month.ec != std::errc() || month.ptr != p + 7) {
    return std::nullopt;
  }
  if (m.year < 1970 || m.month < 1 || m.month > 12) return std::nullopt;
  return m;
}

std::string Month::to_string() const {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u", year, month);
  return buffer;
}

Month Month::next() const noexcept {
  return month == 12 ? Month{year + 1, 1} : Month{year, month + 1};
}

std::int64_t Month::begin_ms() const noexcept {
  const Days first{std::chrono::year(year) / std::chrono::month(month) / 1};
  return std::chrono::duration_cast<std::chrono::milliseconds>(first.time_since_epoch()).count();
}

std::string log_path(const std::string& directory, LogKind kind, Month month) {
  return directory + "/" + std::string(prefix(kind)) + month.to_string() + ".db";
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(directory.c_str()), ::closedir);
  if (open == nullptr) return names;
  while (const dirent* entry = ::readdir(open.get())) names.emplace_back(entry->d_name);
  return names;
}

std::vector<Month> log_months(const std::string& directory, LogKind kind) {
  std::vector<Month> months;
  const std::string_view start = prefix(kind);
  for (const std::string& name : names_in(directory)) {
    if (name.size() != start.size() + 10 || !name.starts_with(start) || !name.ends_with(".db")) continue;
    if (const auto month = Month::parse(std::string_view(name).substr(start.size(), 7)))
      months.push_back(*month);
  }
  std::sort(months.begin(), months.end());
  return months;
}

std::string utc_text(std::int64_t time_ms) {
  const auto day = std::chrono::floor<std::chrono::days>(point(time_ms));
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{point(time_ms) - day};
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return buffer;
}

}  // namespace schoolgate::audit
