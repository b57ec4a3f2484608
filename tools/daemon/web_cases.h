// What the staff's pages are answered about cases, over web.sock: the accounts that delegation.yaml names
// under safeguarding:, and nobody else. Who looks at a case is on record first, as with `schoolgate cases`;
// who is behind a device is told when another of those accounts agreed, where there are several and the
// school has not said otherwise.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "config/snapshot.h"
#include "config/web_question.h"
#include "proxy/audit/access_log.h"
#include "proxy/audit/case_book.h"
#include "proxy/core/mutex.h"
#include "rules/message.h"
#include "tools/daemon/control.h"

namespace schoolgate::tools {

// Threads: any.
class WebCases {
 public:
  struct Hooks {
    std::function<std::shared_ptr<const Snapshot>()> current;
    // What is said of a pseudonym, once that it was asked is on record.
    std::function<Reply(const std::string& code, const std::string& why, const std::string& actor)> reveal;
    std::function<std::int64_t()> now_ms;  // UTC
    std::function<Message()> untold{};     // why nobody could be told of cases at the last try; may be empty
  };
  WebCases(AccessLog& log, Hooks hooks)
      : log_(log), book_(log.settings().directory), hooks_(std::move(hooks)) {}

  // "cases", "case", "case_step", "reveal". Rows, as config/web_question.h has them.
  [[nodiscard]] Reply reply(const WebQuestion& asked, Catalogue catalogue);

 private:
  // Somebody wants to know who is behind the device of a case.
  struct Wish {
    std::string account, why, agreed;  // agreed: by whom; "" = nobody yet
    std::int64_t at_ms = 0;
  };
  static constexpr std::int64_t wish_ms = 24 * 3600 * 1000;

  [[nodiscard]] Reply list(const WebQuestion& asked, Catalogue catalogue) const;
  [[nodiscard]] Reply show(const WebQuestion& asked, Catalogue catalogue);
  [[nodiscard]] Reply step(const WebQuestion& asked, Catalogue catalogue) const;
  [[nodiscard]] Reply reveal(const WebQuestion& asked, Catalogue catalogue);
  [[nodiscard]] Reply ask_for(const std::string& code, const WebQuestion& asked, Catalogue catalogue);
  [[nodiscard]] Message why_not_ask(const std::string& code, const std::string& account) SG_REQUIRES(mutex_);
  [[nodiscard]] Reply agree(const std::string& code, const std::string& account, Catalogue catalogue);
  [[nodiscard]] Reply tell(const audit::Case& one, const std::string& why, const std::string& account,
                           const std::string& agreed, Catalogue catalogue);
  [[nodiscard]] std::string case_row(const audit::Case& one, Catalogue catalogue) const;
  [[nodiscard]] std::string untold_row(Catalogue catalogue) const;
  [[nodiscard]] std::string local(std::int64_t ms) const;
  [[nodiscard]] bool two_needed(const Snapshot& snapshot) const;
  // Nullopt: nobody wants it, or did so a day ago.
  [[nodiscard]] std::optional<Wish> wish_for(const std::string& code) SG_REQUIRES(mutex_);

  AccessLog& log_;
  const audit::CaseBook book_;
  const Hooks hooks_;
  Mutex mutex_;
  std::map<std::string, Wish> wishes_ SG_GUARDED_BY(mutex_);  // by code
};

}  // namespace schoolgate::tools
