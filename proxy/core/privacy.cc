#include "proxy/core/privacy.h"

namespace schoolgate {
namespace {

// What is illegal is nobody's list of addresses: the ordinary log says that the floor was hit, no more.
bool is_sealed(const LogRecord& record) noexcept {
  return record.verdict.layer == Layer::sealed_floor;
}

}  // namespace

bool is_private(const LogRecord& record) noexcept {
  return record.help.has_value() || is_sealed(record) || !is_ordinary(record);
}

bool is_ordinary(const LogRecord& record) noexcept {
  return record.verdict.action != Action::help;
}

bool keeps_path(const LogRecord& record) noexcept {
  if (record.verdict.was_refused() || is_sealed(record)) return false;
  switch (record.verdict.action) {
    case Action::warn:
      return true;
    case Action::block:
      return record.ended == Ended::blocked;
    case Action::allow:
    case Action::help:
      break;
  }
  return false;
}

void make_ordinary(LogRecord& record) {
  if (is_sealed(record)) {
    record.host.clear();
    record.cause.clear();
    record.port = 0;
  }
  if (!keeps_path(record)) {
    record.path.clear();
  } else if (const std::size_t end = record.path.find_first_of("?#"); end != std::string::npos) {
    record.path.resize(end);
  }
}

void make_safeguarding(LogRecord& record) {
  record.path.clear();
  if (record.help) record.verdict = *record.help;
}

}  // namespace schoolgate
