// `schoolgate wishes`: what people reported as blocked wrongly, for those who may answer: root, and who has
// its tier by delegation.yaml. Asked over the teachers' socket and over that of the staff's pages.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/overrides.h"
#include "config/snapshot.h"
#include "config/teacher_question.h"
#include "config/wish_question.h"
#include "proxy/audit/access_log.h"
#include "proxy/audit/wish_book.h"
#include "rules/result.h"
#include "tools/daemon/control.h"

namespace schoolgate::tools {

// Threads: any; answers are given one at a time by the caller's own order.
class WishesDesk {
 public:
  struct Asker {
    std::string actor;    // as events name who asks
    std::string account;  // "" = root
  };
  struct LineWanted {
    std::string tier, host, why;
    Asker who;
  };
  struct Hooks {
    std::function<std::shared_ptr<const Snapshot>()> current;
    std::function<Reply(const Asker&, const TeacherQuestion&)> open;  // TeacherDesk::answer_for()
    std::function<std::vector<OverrideRow>()> overrides;              // TeacherDesk::kept()
    // Empty: done. A line of the tier's file, tried and laid as a change of the policy.
    std::function<Message(const LineWanted&)> add_line;
    std::function<std::int64_t()> now_ms;
  };
  WishesDesk(audit::WishBook& book, AccessLog& log, Hooks hooks)
      : book_(book), log_(log), hooks_(std::move(hooks)) {}

  // A line of config/wish_question.h.
  [[nodiscard]] Reply reply(const std::string& question, const Asker& who) const;
  [[nodiscard]] Reply answer(const WishQuestion& question, const Asker& who, Catalogue catalogue) const;
  // Those that wait, then the newest others, and whether the account may answer each: "wish" rows of
  // web_question.h.
  [[nodiscard]] Reply rows(const std::string& account) const;

 private:
  [[nodiscard]] Reply list(const WishQuestion& question, const Asker& who, Catalogue catalogue) const;
  [[nodiscard]] Reply grant(const WishQuestion& question, const Wish& wish, const Asker& who,
                            Catalogue catalogue) const;
  [[nodiscard]] Reply keep(const Wish& wish, const Wish& answer, const char* what, const Asker& who,
                           Reply done, Catalogue catalogue) const;

  audit::WishBook& book_;
  AccessLog& log_;
  const Hooks hooks_;
};

// Whether the account may open the site in the tier for good: it may open it for a lesson, and tiers' own
// lines are its (`lines: true`). Root may what is not locked.
[[nodiscard]] bool may_add_line(const Snapshot& snapshot, const std::string& account, const std::string& tier,
                                const std::string& host, std::int64_t now_ms);
// Empty: the site opens in the tier by its own lines. Else what stands against it.
[[nodiscard]] Message why_line_is_idle(const Snapshot& snapshot, const std::string& tier,
                                       const std::string& host, std::int64_t now_ms);

}  // namespace schoolgate::tools
