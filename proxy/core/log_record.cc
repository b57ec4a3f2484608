#include "proxy/core/log_record.h"

namespace schoolgate {

void set_verdict(LogRecord& record, const Judged& judged, bool by_help) {
  record.verdict = judged.verdict;
  record.help.reset();
  if (!judged.help) return;
  record.verdict = by_help ? judged.help->help : judged.help->without;
  if (!by_help) record.help = judged.help->help;
}

std::string decision_code(std::uint64_t decision) {
  constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford: no I, L, O, U
  std::string code;
  for (int shift = 35; shift >= 0; shift -= 5) {
    code += alphabet[(decision >> shift) & 31];
    if (shift == 20) code += '-';
  }
  return code;
}

}  // namespace schoolgate
