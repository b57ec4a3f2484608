// Rows of the access log as lines of text, JSON or CSV.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/main/local_time.h"
#include "proxy/audit/log_reader.h"
#include "rules/message.h"

namespace schoolgate::tools {

enum class LogFormat : unsigned char { text, json, csv };

// Each with its end of line. Text shows local time, JSON and CSV both UTC ("time") and local time.
[[nodiscard]] std::string log_line(const audit::LogRow& row, LogFormat format, const TimeZone& zone,
                                   Catalogue catalogue, bool colour);
[[nodiscard]] std::string log_line(const audit::LogEvent& event, LogFormat format, const TimeZone& zone,
                                   bool colour);
// The first line of a CSV file; "" for the other formats.
[[nodiscard]] std::string log_header(LogFormat format, bool events);

// "90s", "15m", "2h", "7d", "1w" before `now_ms`; or in local time a date "2026-03-04" or "2026-03-04 07:30",
// "today", "yesterday". Nullopt if none of these.
[[nodiscard]] std::optional<std::int64_t> parse_since(std::string_view text, std::int64_t now_ms,
                                                      const TimeZone& zone);
// The same as an end: of a day alone, midnight after it.
[[nodiscard]] std::optional<std::int64_t> parse_until(std::string_view text, std::int64_t now_ms,
                                                      const TimeZone& zone);

// What most rows are about: with its first line for text and CSV.
[[nodiscard]] std::string top_header(audit::Top what, LogFormat format, Catalogue catalogue);
[[nodiscard]] std::string top_line(audit::Top what, const audit::TopLine& line, LogFormat format,
                                   Catalogue catalogue);

}  // namespace schoolgate::tools
