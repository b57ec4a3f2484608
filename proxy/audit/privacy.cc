#include "proxy/audit/privacy.h"

namespace schoolgate::audit {

bool is_private(const LogRecord& record) noexcept {
  return record.help.has_value() || !is_ordinary(record);
}

bool is_ordinary(const LogRecord& record) noexcept {
  return record.verdict.action != Action::help;
}

void make_ordinary(LogRecord& record) {
  if (record.verdict.action == Action::allow) {
    record.path.clear();
  } else if (const std::size_t end = record.path.find_first_of("?#"); end != std::string::npos) {
    record.path.resize(end);
  }
}

void make_safeguarding(LogRecord& record) {
  record.path.clear();
  if (record.help) record.verdict = *record.help;
}

}  // namespace schoolgate::audit
