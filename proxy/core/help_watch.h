// Which help pages a client has seen lately, and which alerts have rung: once each, then only counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <utility>

#include "config/snapshot.h"
#include "proxy/core/log_record.h"
#include "proxy/core/mutex.h"
#include "rules/url/ip.h"
#include "rules/verdict.h"

namespace schoolgate {

// Threads: any; one lock, taken only where a rule that helps holds a request. Times are milliseconds of one
// clock, UTC.
class HelpWatch {
 public:
  static constexpr std::int64_t window_ms = 45 * 60 * 1000;

  // When `max` are held the oldest makes room: a page is shown again, an alert rings again.
  explicit HelpWatch(std::size_t max = 20'000) : max_(max) {}

  // `rule`: help_rule(). A page that was shown, or continued, is not due for `window_ms`.
  [[nodiscard]] bool page_due(const IpAddress& client, const std::string& rule, std::int64_t now_ms);
  void page_shown(const IpAddress& client, const std::string& rule, std::int64_t now_ms);

  // The decision whose alert this hit belongs to: `decision` itself when it rings, else the one that rang for
  // this client and theme, and lasts. One that rings lasts until `until_ms`. `theme`: Category::id.
  [[nodiscard]] std::uint64_t alert_of(const IpAddress& client, const std::string& theme, std::int64_t now_ms,
                                       std::int64_t until_ms, std::uint64_t decision);

 private:
  using Key = std::pair<IpAddress, std::string>;
  struct Entry {
    std::int64_t since_ms = 0, until_ms = 0;
    std::uint64_t decision = 0;
    std::list<Key>::iterator age;
  };
  struct Table {
    std::map<Key, Entry> entries;
    std::list<Key> by_age;  // the oldest in front
  };
  [[nodiscard]] static const Entry* find(const Table& table, const Key& key, std::int64_t now_ms);
  void put(Table& table, const Key& key, std::int64_t now_ms, std::int64_t until_ms, std::uint64_t decision);

  const std::size_t max_;
  Mutex mutex_;
  Table pages_ SG_GUARDED_BY(mutex_), alerts_ SG_GUARDED_BY(mutex_);
};

// Of a record that set_verdict() made: the alert of its match, which rings once and is counted from then on;
// `rings` as plan.h says, and lasts until `record.alert_until_ms`. Without it, or where it has rung, the row
// is one of help alone.
void note_alert(LogRecord& record, bool rings, const Policy& policy, HelpWatch& watch);

// The help page of a match was shown to this client. That of words is not due again for a while; that of a
// site, which is not opened, comes each time.
void note_help_page(const Verdict& help, const IpAddress& client, const Snapshot& snapshot,
                    std::int64_t now_ms, HelpWatch& watch);

// A name for the rule of `help`, the same after a reload: also GrantSubject::category of its page's button.
[[nodiscard]] std::string help_rule(const Snapshot& snapshot, const Verdict& help);

}  // namespace schoolgate
