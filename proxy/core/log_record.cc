#include "proxy/core/log_record.h"

namespace schoolgate {

Verdict verdict_of_record(const Judged& judged, bool by_help) {
  if (!judged.help) return judged.verdict;
  return by_help ? judged.help->help : judged.help->without;
}

void set_verdict(LogRecord& record, const Judged& judged, bool by_help) {
  record.verdict = verdict_of_record(judged, by_help);
  record.help.reset();
  if (judged.help && !by_help) record.help = judged.help->help;
}

void set_tunnel_verdict(LogRecord& record, const Judged& judged) {
  set_verdict(record, judged, judged.verdict.action == Action::help);
}

void record_exception(Verdict& verdict, std::optional<HelpMatch>& help) noexcept {
  verdict.flags.record = true;
  if (help) help->without.flags.record = true;
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
