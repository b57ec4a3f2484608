#include "proxy/audit/privacy.h"

namespace schoolgate::audit {

bool is_private(const LogRecord& record) noexcept {
  return record.verdict.action == Action::help;
}

void make_ordinary(LogRecord& record) {
  if (is_private(record)) {
    Verdict plain;
    plain.action = Action::allow;
    plain.layer = Layer::tier_default;
    plain.reason = Reason::tier_default;
    record.verdict = plain;
    record.status = 200;  // of a page of ours or of the site: what an allowed request mostly gets
    record.ended = Ended::done;
    record.cause.clear();
  }
  if (record.verdict.action == Action::allow) {
    record.path.clear();
  } else if (const std::size_t end = record.path.find_first_of("?#"); end != std::string::npos) {
    record.path.resize(end);
  }
}

void make_safeguarding(LogRecord& record) {
  record.path.clear();
}

}  // namespace schoolgate::audit
