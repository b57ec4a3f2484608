// What a report is made of: figures out of the log and the school's files, as nobody can be found in them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/main/config.h"
#include "proxy/audit/log_reader.h"
#include "proxy/audit/totals_reader.h"
#include "rules/result.h"
#include "tools/report/chart.h"
#include "tools/report/counts.h"
#include "tools/report/period.h"

namespace schoolgate::tools {

// How the school's files call what the log names, in the report's language.
struct SchoolNames {
  std::vector<std::pair<std::string, std::string>> tiers;  // id, name; in the files' order
  std::map<std::string, std::string> categories;
  // Categories that help in some tier: no report names them, and what they decided elsewhere counts as that
  // of no category.
  std::vector<std::string> helping;
  std::vector<std::pair<std::string, std::string>> safe_search;  // name of a tier, "strict"

  [[nodiscard]] std::string tier(const std::string& id) const;  // the id where the files have no name
  [[nodiscard]] std::string category(const std::string& id) const;
  [[nodiscard]] bool helps(const std::string& category) const;
};
[[nodiscard]] SchoolNames read_names(const Config& config, Language language);

// Cases that alerts opened in the period. Each is in one figure of its level alone, so that what is told of
// one does not tell of another.
struct AlertFacts {
  struct Level {
    Folded others{}, supported{}, passed_on{};  // new or a false alarm; seen or handled; to 111, the police
    [[nodiscard]] Folded all() const noexcept {
      Folded sum = others;
      sum += supported;
      return sum += passed_on;
    }
  };
  Level urgent{}, other{};  // as audit::is_urgent()
  [[nodiscard]] Folded all() const noexcept {
    Folded sum = urgent.all();
    return sum += other.all();
  }
};
[[nodiscard]] Result<AlertFacts> gather_alerts(const std::string& directory, std::int64_t from_ms,
                                               std::int64_t to_ms);

struct PeriodFacts {
  Counts counts{};                  // of visits
  std::optional<Folded> devices{};  // of the month that had most; nullopt: no month has pseudonyms any more
  std::optional<AlertFacts> alerts{};  // nullopt: not to be read, or to be recorded
};

// When the proxy ran, as far as the events say.
struct Running {
  std::int64_t up_ms = 0, down_ms = 0, longest_ms = 0;  // of the period, until now
  std::uint32_t stops = 0;
};
struct Faults {
  std::uint64_t starts = 0, unclean_stops = 0, reloads = 0, refused_reloads = 0, last_good_used = 0,
                damaged = 0, lost = 0, failed_sessions = 0, stuck_workers = 0, full = 0, deletions = 0;
};

// What was reported as blocked wrongly in the period; "" is the list of what no list blocked.
struct WishFacts {
  struct OfList {
    std::string list;
    std::uint64_t reported = 0, answered = 0, granted = 0;
  };
  std::vector<OfList> lists;              // most reported first; figures under five are not to be told
  Folded reported{}, answered{};          // of all lists
  Folded granted{}, denied{}, others{};   // all together; `others` wait, or nobody asked any more
  std::optional<std::int64_t> median_ms;  // from the first report to the answer, of five answers or more
};
[[nodiscard]] Result<WishFacts> gather_wishes(const std::string& directory, const SchoolNames& names,
                                              std::int64_t from_ms, std::int64_t to_ms);

// Day by day, or week by week where there are more days than a month has.
struct Trend {
  std::int64_t days = 1;                            // of a step; the last one may have fewer
  std::array<bool, 2> drawn{};                      // [0] visits, [1] blocked; false: too few
  std::vector<std::array<std::uint8_t, 2>> levels;  // of each step how much of the largest, as HeatLevels
};

// The ordinary log's last seal: on paper it is a witness of all rows that came before it.
struct SealFacts {
  std::int64_t number = 0, made_ms = 0;
  std::string digest;  // 64 hex digits
};

struct Facts {
  Period period, before;
  PeriodFacts now{}, then{};
  std::optional<HeatLevels> heat{};  // nullopt: too few to draw
  std::size_t busiest_day = 0, busiest_hour = 0;
  std::optional<Trend> trend{};  // nullopt: too few visits to draw
  std::array<std::uint64_t, 6>
      seen{};  // requests, not visits, by how much was seen of them, as Seen; for shares alone
  std::optional<Running> running{};  // nullopt: the events of a part of the period are gone
  Faults faults{};
  WishFacts wishes{};
  std::optional<std::uint64_t> reveals{};  // as PeriodFacts::alerts
  std::optional<std::int64_t> begun_ms{};  // the first that is known
  // Before it requests and pages were not told apart, and each request counts as a visit.
  std::int64_t visits_since_ms = 0;
  std::optional<SealFacts> seal{};  // nullopt: there is none, or it cannot be read
};

struct FactsOf {
  std::string directory;  // of the log
  const TimeZone& zone;
  const SchoolNames& names;
  std::int64_t now_ms = 0;
  bool safeguarding = false;  // its figures may be read: that is recorded
};
[[nodiscard]] Result<Facts> gather(const FactsOf& of, const Period& period);

}  // namespace schoolgate::tools
