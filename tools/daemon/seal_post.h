// Mails the last seal of the ordinary log to those who keep it off this machine (alerts: mail: seals_to):
// once a day at the hour of the digest, and at each start. The chain of the safeguarding file stays here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "config/snapshot.h"
#include "proxy/core/mutex.h"
#include "rules/message.h"
#include "rules/result.h"
#include "tools/daemon/rounds.h"
#include "tools/daemon/smtp.h"

namespace schoolgate::tools {

class SealPost {
 public:
  struct Hooks {
    std::function<std::shared_ptr<const Snapshot>()> current;
    std::function<void(const Message&)> complain;
    std::function<void(std::int64_t seal, const std::string& digest)> mailed;
    // As send_mail() does it; for tests.
    std::function<Result<void>(const MailSettings&, const MailText&)> mail{};
    std::function<std::int64_t()> now_ms{};  // UTC
  };
  SealPost(std::string log_directory, Hooks hooks);

  void start();
  // Ends what is under way; another process goes on.
  void close() { rounds_.close(); }
  // Mails it if that is due; what start() does every two seconds.
  void look();

  // Why the last attempt failed; empty: it did not, or there was none.
  [[nodiscard]] Message failure() const;

 private:
  const std::string log_directory_;
  Hooks hooks_;
  MailSettings known_;              // what the attempts were made with
  std::int64_t mailed_for_s_ = -1;  // the hour of the digest that the last mail was for
  mutable Mutex mutex_;
  Retry attempt_ SG_GUARDED_BY(mutex_);
  Rounds rounds_;  // ends before all that it looks at
};

}  // namespace schoolgate::tools
