// Tells the safeguarding lead of cases, by mail and by a hook: self-harm and abuse at once, the rest once a
// day. A message holds the codes of cases alone. What could not be told is tried again until somebody has
// seen the case.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/snapshot.h"
#include "proxy/audit/case_book.h"
#include "proxy/core/mutex.h"
#include "rules/message.h"
#include "rules/result.h"
#include "tools/daemon/rounds.h"

namespace schoolgate::tools {

// The last time, not after `now_s`, at which the school's clocks showed `minute` of a day. UTC seconds.
[[nodiscard]] std::int64_t last_digest_s(const TimeZone& zone, std::uint16_t minute,
                                         std::int64_t now_s) noexcept;

class AlertPost {
 public:
  struct Hooks {
    std::function<std::shared_ptr<const Snapshot>()> current;
    std::function<void(const Message&)> complain;
    // As send_mail() and run_alert_hook() do it; for tests.
    std::function<Result<void>(const MailSettings&, const std::vector<std::string>& codes, const Snapshot&)>
        mail{};
    std::function<Result<void>(const std::vector<std::string>& words, const std::vector<std::string>& codes)>
        hook{};
    std::function<std::int64_t()> now_ms{};  // UTC
  };
  AlertPost(std::string log_directory, Hooks hooks);

  void start();
  // Ends what is under way; another process goes on.
  void close() { rounds_.close(); }
  // Looks at what is due, and tells it; what start() does every two seconds.
  void look();

  // Why the last attempt failed; empty: it did not, or there was none. Never which case, nor how many.
  [[nodiscard]] Message failure() const;

 private:
  enum Way : std::uint8_t { by_mail, by_hook, ways };
  void look_at(Way way, const Snapshot& snapshot);
  [[nodiscard]] Result<void> tell(Way way, const std::vector<std::string>& codes,
                                  const Snapshot& snapshot) const;
  [[nodiscard]] Message deliver(Way way, const std::vector<audit::DueMessage>& due, const Snapshot& snapshot);
  void note_failed(Way way, const std::vector<audit::DueMessage>& due, const Message& failure,
                   std::int64_t now_ms);
  void note(Way way, const Message& failure, std::int64_t now_ms);

  const audit::CaseBook book_;
  Hooks hooks_;
  AlertSettings known_;  // what the attempts were made with
  mutable Mutex mutex_;
  Retry attempts_[ways] SG_GUARDED_BY(mutex_);
  Rounds rounds_;  // ends before all that it looks at
};

}  // namespace schoolgate::tools
