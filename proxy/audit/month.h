// A calendar month (UTC) and the files that carry its name.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace schoolgate::audit {

inline constexpr std::int64_t hour_ms = 3'600'000, day_ms = 24 * hour_ms;

struct Month {
  int year = 1970;
  unsigned month = 1;  // 1 .. 12

  static Month of(std::int64_t time_ms) noexcept;
  [[nodiscard]] static std::optional<Month> parse(std::string_view text) noexcept;  // "2026-03"
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] Month next() const noexcept;
  [[nodiscard]] std::int64_t begin_ms() const noexcept;  // its first millisecond

  friend auto operator<=>(const Month&, const Month&) = default;
};

// The ordinary log, and the one of `help` verdicts, which only the safeguarding lead reads.
enum class LogKind : std::uint8_t { access, safeguarding };

// Of the rows that a question is about.
struct RowRange {
  std::int64_t rows = 0, from_ms = 0, to_ms = 0;  // the oldest and the newest; 0 when there are none
};

// "DIR/access-2026-03.db"
[[nodiscard]] std::string log_path(const std::string& directory, LogKind kind, Month month);
// The months that have a file, oldest first. An unreadable folder has none.
[[nodiscard]] std::vector<Month> log_months(const std::string& directory, LogKind kind);

// "2026-03-02T07:15:04.123Z"
[[nodiscard]] std::string utc_text(std::int64_t time_ms);

// What is in a folder; nothing if it cannot be read. std::filesystem's own iterator ends the program when
// there is no memory.
[[nodiscard]] std::vector<std::string> names_in(const std::string& directory);

}  // namespace schoolgate::audit
