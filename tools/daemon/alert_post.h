// Tells the safeguarding lead of cases, by mail and by a hook: self-harm and abuse at once, the rest once a
// day. A message holds the codes of cases alone. What could not be told is tried again until somebody has
// seen the case.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "config/snapshot.h"
#include "proxy/audit/case_book.h"
#include "proxy/core/mutex.h"
#include "rules/message.h"
#include "rules/result.h"
#include "tools/daemon/main_thread.h"

namespace schoolgate::tools {

// Whether an alert of this category is told at once.
[[nodiscard]] bool is_urgent(std::string_view category) noexcept;
// The last time, not after `now_s`, at which the school's clocks showed `minute` of a day. UTC seconds.
[[nodiscard]] std::int64_t last_digest_s(const TimeZone& zone, std::uint16_t minute,
                                         std::int64_t now_s) noexcept;

// On a thread of its own: nothing here is in the way of a request.
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
  ~AlertPost();
  AlertPost(const AlertPost&) = delete;
  AlertPost& operator=(const AlertPost&) = delete;

  void start();
  // Ends what is under way; another process goes on.
  void close();
  // Looks at what is due, and tells it; what start() does every two seconds.
  void look();

  // Why the last attempt failed; empty: it did not, or there was none. Never which case, nor how many.
  [[nodiscard]] Message failure() const;

 private:
  enum Way : std::uint8_t { by_mail, by_hook, ways };
  struct Attempt {
    std::int64_t next_ms = 0, wait_ms = 0;
    Message failure{};
  };
  void look_at(Way way, const Snapshot& snapshot);
  [[nodiscard]] Result<void> tell(Way way, const std::vector<std::string>& codes,
                                  const Snapshot& snapshot) const;
  [[nodiscard]] bool deliver(Way way, const std::vector<audit::DueMessage>& due, const Snapshot& snapshot);
  void note(Way way, const Message& failure, std::int64_t now_ms);

  const audit::CaseBook book_;
  Hooks hooks_;
  AlertSettings known_;  // what the attempts were made with
  Bell end_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
  mutable Mutex mutex_;
  Attempt attempts_[ways] SG_GUARDED_BY(mutex_);
};

}  // namespace schoolgate::tools
