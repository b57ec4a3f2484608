#include "proxy/core/log_record.h"

#include <algorithm>
#include <limits>

namespace schoolgate {
namespace {

template <class Number>
Number sum_of(Number a, Number b) noexcept {
  return a > std::numeric_limits<Number>::max() - b ? std::numeric_limits<Number>::max() : a + b;
}

constexpr std::string_view code_alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford: no I, L, O, U

}  // namespace

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

void add_to_sum(LogRecord& sum, const LogRecord& more) noexcept {
  sum.count = sum_of(sum.count, more.count);
  sum.bytes_up = sum_of(sum.bytes_up, more.bytes_up);
  sum.bytes_down = sum_of(sum.bytes_down, more.bytes_down);
  sum.duration_ms = std::max(sum.duration_ms, more.duration_ms);
  if (sum.host != more.host) sum.host.clear();
  if (sum.host.empty() || sum.port != more.port) sum.port = 0;
  if (sum.status != more.status) sum.status = 0;
  if (sum.method != more.method) sum.method.clear();
  if (sum.path != more.path) sum.path.clear();
  if (sum.cause != more.cause) sum.cause.clear();
  if (sum.seen != more.seen) sum.seen = Seen::nothing;
  if (sum.verdict.rule != more.verdict.rule) sum.verdict.rule = {};
  if (sum.verdict.category != more.verdict.category) sum.verdict.category = no_category;
}

std::string decision_code(std::uint64_t decision) {
  std::string code;
  for (int shift = 35; shift >= 0; shift -= 5) {
    code += code_alphabet[(decision >> shift) & 31];
    if (shift == 20) code += '-';
  }
  return code;
}

std::optional<std::uint64_t> decision_of(std::string_view code) noexcept {
  if (code.size() != 9 || code[4] != '-') return std::nullopt;
  std::uint64_t decision = 0;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (i == 4) continue;
    const std::size_t value = code_alphabet.find(code[i]);
    if (value == std::string_view::npos) return std::nullopt;
    decision = decision << 5 | value;
  }
  return decision;
}

}  // namespace schoolgate
