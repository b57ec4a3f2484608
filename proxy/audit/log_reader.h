// Questions to the log, over all months that a folder holds. Opens files for reading only, while they are
// written to.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/audit/log_query.h"
#include "proxy/audit/month.h"
#include "rules/action.h"
#include "rules/result.h"

namespace schoolgate::audit {

// What most rows are about.
enum class Top : std::uint8_t { hosts, rules, categories };
struct TopLine {
  std::string name;      // "tiktok.com"; "lists/games.txt:11", "" = no line of a file; "games", "" = none
  std::string category;  // of a rule
  std::uint64_t requests = 0, blocked = 0, warned = 0;
};

// A host, and how many clients asked for it and were let through.
struct Visited {
  std::string host;
  std::uint64_t clients = 0;
};

// How often a warning was passed (event `grant`), in one tier and category.
struct Passed {
  std::string tier, category;
  std::uint64_t times = 0;
};

// A new file of a list that waits for a person (event `list_waits`), and why: English sentences.
struct ListWait {
  std::string list;
  std::int64_t time_ms = 0;
  std::vector<std::string> why;
};

// Where a reader that follows the log has got to.
struct LogCursor {
  Month month;
  std::int64_t id = 0;
};

// Threads: any; each call opens what it needs. An empty folder has no rows; one that cannot be read is an
// error.
class LogReader {
 public:
  explicit LogReader(std::string directory) : directory_(std::move(directory)) {}

  // Oldest first.
  [[nodiscard]] Result<std::vector<LogRow>> rows(const LogQuery& query) const;
  // All rows, oldest first, each handed to `take`, until it says no; query.limit is not looked at. Read in
  // pieces of `piece` rows, so that a log of any size needs little memory and keeps no file of the writer
  // from being tidied for long.
  [[nodiscard]] Result<void> each_row(const LogQuery& query, std::size_t piece,
                                      const std::function<bool(const LogRow&)>& take) const;
  // The end of the log as it is now.
  [[nodiscard]] Result<LogCursor> end(LogKind kind) const;
  // Rows after `cursor`, in the order they were written; moves it past them, also those that the query leaves
  // out. `limit` bounds one call.
  [[nodiscard]] Result<std::vector<LogRow>> next(const LogQuery& query, LogCursor& cursor) const;
  // The most requests first; at most query.limit lines.
  [[nodiscard]] Result<std::vector<TopLine>> top(const LogQuery& query, Top what) const;
  [[nodiscard]] Result<std::vector<Passed>> passed(std::int64_t since_ms, std::int64_t until_ms) const;
  // Hosts that so many clients or more visited, the most visited first. Pseudonyms change with the month:
  // over its end the month with more clients counts.
  [[nodiscard]] Result<std::vector<Visited>> visited(std::int64_t since_ms, std::int64_t until_ms,
                                                     std::uint64_t at_least) const;
  // Clients of that month, by its pseudonyms; nullopt: its file is not there.
  [[nodiscard]] Result<std::optional<std::uint64_t>> clients(Month month) const;
  // The months that still have rows, oldest first.
  [[nodiscard]] Result<std::vector<Month>> months(LogKind kind) const;
  [[nodiscard]] Result<std::vector<LogEvent>> events(std::optional<std::int64_t> since_ms, std::size_t limit,
                                                     LogKind kind = LogKind::access,
                                                     std::optional<std::int64_t> until_ms = {}) const;
  // Those of one kind: "device_test", a word of small letters and underscores. Oldest first.
  [[nodiscard]] Result<std::vector<LogEvent>> events_named(std::string_view what,
                                                           std::int64_t since_ms) const;
  // Of each list the last one, by name. Whether it still waits the log does not know.
  [[nodiscard]] Result<std::vector<ListWait>> list_waits(std::int64_t since_ms) const;
  // The policies, by their digests in hex, that rows of both files name. Error: a file cannot be read, and
  // they are not known.
  [[nodiscard]] Result<std::set<std::string>> policies() const;

 private:
  std::string directory_;
};

// Writes one event from outside the running proxy: someone read what only few may read. Errors: cannot be
// written, and then what it would record must not happen.
[[nodiscard]] Result<void> append_event(const std::string& directory, std::int64_t now_ms,
                                        const std::string& actor, const std::string& what,
                                        const std::string& detail_json);
// The same, and a log without a file gets its first one: by the user to whom it belongs.
[[nodiscard]] Result<void> begin_with_event(const std::string& directory, std::int64_t now_ms,
                                            const std::string& actor, const std::string& what,
                                            const std::string& detail_json);

}  // namespace schoolgate::audit
