// names.db: which sites the school's network has ever asked for, and on which day first; no client, no tier,
// no rule. A site is what one owner has registered: "a.vn", and "x.github.io" below a hosting platform. It
// outlives the rows of what many devices asked for.
//
// How many devices asked for a site is counted from the rows of a month's file while they are there, and kept
// as one bit: five or more, or not known.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "proxy/audit/database_file.h"
#include "proxy/audit/month.h"
#include "rules/result.h"

namespace schoolgate::audit {

// Devices from which on a site is told to everybody who may read the log.
inline constexpr std::size_t many_clients = 5;

// Threads: belongs to the one that writes the log.
class SiteNames {
 public:
  explicit SiteNames(std::string directory) : directory_(std::move(directory)) {}

  // Takes from a month's file what came to it since the last call: new hosts, and, of the log's newest month,
  // who asked for sites that are not known to be asked for by many; a part of it. `rows` is between
  // transactions. True: there is more. Errors: tried again with the next call.
  [[nodiscard]] Result<bool, DbError> add(Month month, Database& rows, bool newest);

  struct Range {
    std::int64_t lines = 0, from_ms = 0, to_ms = 0;
  };
  // Sites first seen before `cut_ms` that are not known to be asked for by many, or with `all` any; and away
  // with them: when they are asked for again they are new again.
  [[nodiscard]] Result<Range, DbError> older(std::int64_t cut_ms, bool all);
  [[nodiscard]] Result<void, DbError> forget(std::int64_t cut_ms, bool all);

  // A damaged file that was set aside.
  [[nodiscard]] std::optional<std::string> take_damaged() { return std::exchange(damaged_, std::nullopt); }

 private:
  // Of the month whose rows are being looked at.
  struct Looked {
    Month month;
    std::int64_t last = 0;                                        // row
    std::map<std::int64_t, std::set<std::int64_t>> askers;        // by site: clients, fewer than many
    std::unordered_map<std::int64_t, std::int64_t> site_of_host;  // 0: known to be many's, or no site
    std::unordered_set<std::int64_t> many;                        // sites that came to be known since
  };
  [[nodiscard]] Result<void, DbError> open();
  [[nodiscard]] Result<bool, DbError> add_within(Month month, Database& rows, bool newest);
  [[nodiscard]] std::int64_t day_of(Month month, bool marked, Database& rows);
  [[nodiscard]] Result<bool, DbError> add_hosts(Month month, Database& rows);
  [[nodiscard]] Result<bool, DbError> count_clients(Month month, Database& rows);
  [[nodiscard]] Result<std::int64_t*, DbError> site_of(std::int64_t host, Database& rows);
  [[nodiscard]] Result<void, DbError> run(Statement& statement);
  [[nodiscard]] DbError fail(DbError error);
  void close() noexcept;
  void set_aside();

  std::string directory_;
  std::optional<Database> db_;
  Statement find_mark_, set_mark_, add_site_, find_site_, set_many_;
  std::set<Month> catching_up_;  // whose names came before this file was begun
  std::optional<Looked> looked_;
  std::optional<std::string> damaged_;
};

// "DIR/names.db"
[[nodiscard]] std::string names_path(const std::string& directory);
// What names.db is, and how an empty one is made.
[[nodiscard]] FileKind names_kind();

struct SiteName {
  std::string site;       // raw: it comes from the network
  std::int64_t first_ms;  // the beginning of the day (UTC) on which it was first seen
  bool many = false;      // five clients or more
};
// The sites first seen since then, the newest first, and by name; only those of many unless `all`. No file:
// none. Threads: any. Errors: the file cannot be read.
[[nodiscard]] Result<std::vector<SiteName>> read_site_names(const std::string& directory,
                                                            std::int64_t since_ms, bool all);

}  // namespace schoolgate::audit
