#include "proxy/audit/codes.h"

#include <iterator>

namespace schoolgate::audit {

std::string_view to_string(Seen seen) noexcept {
  switch (seen) {
    case Seen::url:
      return "url";
    case Seen::sni:
      return "sni";
    case Seen::connect_only:
      return "connect-only";
    case Seen::ech_outer:
      return "ech-outer";
    case Seen::nothing:
      return "nothing";
    case Seen::search_words:
      return "search-words";
  }
  return "?";
}

std::string_view to_string(Ended ended) noexcept {
  switch (ended) {
    case Ended::done:
      return "done";
    case Ended::blocked:
      return "blocked";
    case Ended::refused:
      return "refused";
    case Ended::client_gone:
      return "client-gone";
    case Ended::upstream_failed:
      return "upstream-failed";
    case Ended::timed_out:
      return "timed-out";
    case Ended::policy_changed:
      return "policy-changed";
    case Ended::shut_down:
      return "shut-down";
    case Ended::gave_way:
      return "gave-way";
    case Ended::certificate_refused:
      return "certificate-refused";
  }
  return "?";
}

int action_number(const Verdict& verdict) noexcept {
  return verdict.was_refused() ? refused_action : static_cast<int>(verdict.action);
}

std::string_view action_name(int number) noexcept {
  return number == refused_action ? std::string_view("refused")
                                  : schoolgate::to_string(static_cast<Action>(number));
}

int method_number(std::string_view method) noexcept {
  constexpr int last = static_cast<int>(std::size(methods)) - 1;
  for (int i = 0; i < last; ++i) {
    if (methods[i] == method) return i;
  }
  return last;
}

int flags_number(const Flags& flags) noexcept {
  return (flags.record ? 1 : 0) | (flags.alert ? 2 : 0) | (flags.locked ? 4 : 0);
}

Flags flags_of(std::int64_t number) noexcept {
  Flags flags;
  flags.record = (number & 1) != 0;
  flags.alert = (number & 2) != 0;
  flags.locked = (number & 4) != 0;
  return flags;
}

std::optional<std::uint64_t> parse_decision_code(std::string_view text) noexcept {
  constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::uint64_t bits = 0;
  int count = 0;
  for (char c : text) {
    if (c == '-') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'I' || c == 'L') c = '1';
    if (c == 'O') c = '0';
    const std::size_t value = digits.find(c);
    if (value == std::string_view::npos || ++count > 8) return std::nullopt;
    bits = bits << 5 | value;
  }
  if (count != 8) return std::nullopt;
  return bits;
}

}  // namespace schoolgate::audit
