// What each client was refused lately, for the page under which people look it up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proxy/core/mutex.h"
#include "rules/url/ip.h"
#include "rules/verdict.h"

namespace schoolgate {

struct RecentVerdict {
  std::int64_t time_ms = 0;
  std::uint64_t decision = 0;
  std::uint64_t revision = 0;  // of the snapshot that judged: category and rule are its numbers
  Verdict verdict;
  TierId tier = 0;
  std::string host, url;  // forward form; kept without its query, cut to max_url bytes
};

// A ring of the newest verdicts per client; the client that was quiet longest makes room. Verdicts of `allow`
// and `help` are not taken: who asked for help is nobody's business, not even the next pupil's at the same
// machine; nor are queries, which hold what somebody searched for. Threads: any; one lock, held for a few
// moves.
class RecentVerdicts {
 public:
  static constexpr std::size_t max_url = 512;

  RecentVerdicts(std::size_t max_clients, std::size_t per_client);
  void add(const IpAddress& client, RecentVerdict verdict);
  // Newest first. A verdict on the same URL appears once, the newest.
  [[nodiscard]] std::vector<RecentVerdict> of(const IpAddress& client) const;
  // The one whose code (decision_code()) somebody reads from a page, whoever's it is.
  [[nodiscard]] std::optional<RecentVerdict> with_code(std::string_view code) const;
  // All of them, newest first per client; for the status page and tests.
  [[nodiscard]] std::size_t clients() const;

 private:
  struct Client {
    IpAddress address;
    std::vector<RecentVerdict> ring;
    std::size_t next = 0;  // place of the oldest once the ring is full
  };

  void forget(const RecentVerdict& verdict) SG_REQUIRES(mutex_);

  const std::size_t max_clients_, per_client_;
  mutable Mutex mutex_;
  std::list<Client> by_age_ SG_GUARDED_BY(mutex_);  // the busiest lately in front
  std::map<IpAddress, std::list<Client>::iterator> by_address_ SG_GUARDED_BY(mutex_);
  std::unordered_map<std::uint64_t, IpAddress> by_code_ SG_GUARDED_BY(mutex_);  // of all that are kept
};

}  // namespace schoolgate
