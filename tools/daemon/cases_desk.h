// `schoolgate cases`: what alerts have opened, for root and the group `schoolgate-safeguarding`; asked over
// the socket of reveal.h, which says who may.
//
//   > cases list open\n
//   > cases show CA-7K3Q2F9A json\n
//   > cases handled CA-7K3Q2F9A spoke with the class teacher\n
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/snapshot.h"
#include "proxy/audit/access_log.h"
#include "proxy/audit/case_book.h"
#include "rules/message.h"
#include "tools/daemon/control.h"

namespace schoolgate::tools {

// What keeps a false alarm from ringing again, a sentence for each rule that rang: a person decides, since
// what is left out rings for nobody.
[[nodiscard]] std::vector<Message> exclusions_for(const audit::CaseDetail& detail);

// Threads: any; each call opens what it reads.
class CasesDesk {
 public:
  using Current = std::function<std::shared_ptr<const Snapshot>()>;
  CasesDesk(AccessLog& log, Current current)
      : log_(log), book_(log.settings().directory), current_(std::move(current)) {}

  // `question`: what follows "cases ". Who looks at a case is on record first; each step names who took it.
  [[nodiscard]] Reply reply(const std::string& question, const std::string& actor) const;

 private:
  [[nodiscard]] Reply list(bool open, bool json) const;
  [[nodiscard]] Reply show(const std::string& code, bool json, const std::string& actor) const;
  [[nodiscard]] Reply step(audit::CaseState state, const std::string& code, const std::string& note,
                           const std::string& actor) const;
  [[nodiscard]] std::string heading(const audit::Case& one) const;
  [[nodiscard]] std::string theme_name(const std::string& category) const;
  [[nodiscard]] std::string time(std::int64_t ms) const;
  [[nodiscard]] Reply no_such(const std::string& code) const;
  [[nodiscard]] std::string line(const Message& message) const;
  [[nodiscard]] std::string say_state(audit::CaseState state) const;

  AccessLog& log_;
  const audit::CaseBook book_;
  const Current current_;
};

}  // namespace schoolgate::tools
