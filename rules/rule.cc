#include "rules/rule.h"

#include <algorithm>

namespace schoolgate {

std::string_view whole_host(const RuleEntry& entry) noexcept {
  const std::string_view text = entry.text;
  if (entry.kind == RuleKind::domain) return text;
  if (entry.kind != RuleKind::url) return {};
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  return end == text.size() || text.substr(end) == "/" ? text.substr(0, end) : std::string_view();
}

}  // namespace schoolgate
