// What the running proxy says about itself: at start, and when asked for its status. Lines with a label say
// it in the sentence: each language has columns of its own.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/main/local_time.h"
#include "config/snapshot.h"
#include "config/text/overlay.h"
#include "proxy/audit/access_log.h"
#include "proxy/io/server.h"
#include "rules/message.h"
#include "tools/daemon/device_coverage.h"
#include "tools/daemon/refusing_devices.h"
#include "tools/lan/neighbours.h"

namespace schoolgate::tools {

// What runs, where, in which tier this machine is, and, in red, what is thin.
[[nodiscard]] std::string banner(const Snapshot& snapshot, const std::vector<ListeningSocket>& listeners,
                                 std::uint64_t descriptors, Catalogue catalogue, bool colour);

// "revision 3 (1a2b3c4d5e6f), 6 tiers, ..."
[[nodiscard]] std::string policy_text(const Snapshot& snapshot, Catalogue catalogue);

// "reloaded: revision 3 (...), 6 tiers, ..." and, in red, what is thin.
[[nodiscard]] std::string reloaded_text(const Snapshot& snapshot, Catalogue catalogue, bool colour);

// Which keys of the main file are another than those the sockets, the threads and the log were made of: a
// reload leaves these as they are.
[[nodiscard]] std::vector<Message> waits_for_start(const Config& started_with, const Config& now);

// "2026-11-28 20:03 UTC"
[[nodiscard]] std::string time_text(std::int64_t utc_seconds);

// What a start with a broken file begins with, or began with.
struct LastGoodFacts {
  bool in_use = false;           // the files had `errors` at the start: this one was taken in their place
  std::string set;               // its digest
  Message errors;                // "2 errors"
  std::int64_t accepted_at = 0;  // UTC seconds
  std::string folder;            // where it is kept
  Message problem;               // why none is kept; empty: one is
  std::uint64_t number = 0;      // by which `schoolgate policy` names it; 0 = not known
};
[[nodiscard]] std::string last_good_text(const LastGoodFacts& facts, Catalogue catalogue, bool colour);
// "set 1a2b3c4d5e6f in /var/lib/schoolgate/last-good"
[[nodiscard]] Message set_in_folder(const std::string& digest, const std::string& folder);
[[nodiscard]] Message keeps_none(const std::string& config_file);

struct StatusFacts {
  const Snapshot& snapshot;
  ServerStatus server;
  AccessLog::Health log;
  std::int64_t uptime_s = 0;
  Message last_reload;
  LastGoodFacts last_good;
  std::vector<Message> waiting;  // waits_for_start()
  std::optional<Radar> radar = {};
  std::vector<RefusingName> refusing{};
  std::vector<LaidFile> laid{};                         // over the files of the configuration
  std::optional<std::vector<RoomCoverage>> coverage{};  // nullopt: the log cannot be read now
  Message untold{};                                     // why cases cannot be told (AlertPost::failure())
  Message unmailed_seal{};                              // and why the last seal is not mailed
  // What went through the firewall's holes (holes_in()); nullopt: the counters cannot be read.
  std::optional<std::map<std::string, std::uint64_t>> holes{};
};
[[nodiscard]] Message clock_doubted_text();
[[nodiscard]] Message laid_line(const LaidFile& laid);
[[nodiscard]] std::string status_text(const StatusFacts& facts, Catalogue catalogue, bool colour = false);
[[nodiscard]] std::string status_json(const StatusFacts& facts);

// What `schoolgate log retention` prints.
class RetentionText {
 public:
  RetentionText(const AccessLog::Retention& facts, TimeZone zone) : facts_(facts), zone_(std::move(zone)) {}
  [[nodiscard]] std::string today() const { return date(facts_.wall_ms); }  // "2026-03-04", by the clock
  [[nodiscard]] std::string state(Catalogue catalogue) const;
  [[nodiscard]] std::string wrong_date(const std::string& given, Catalogue catalogue) const;

 private:
  [[nodiscard]] std::string date(std::int64_t ms) const { return zone_.iso8601(ms / 1000).substr(0, 10); }
  const AccessLog::Retention facts_;
  const TimeZone zone_;
};

}  // namespace schoolgate::tools
