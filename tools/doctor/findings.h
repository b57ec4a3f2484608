// What `schoolgate doctor` found, one after another: what it is, how it stands, and what to do.
#pragma once

#include <string>
#include <vector>

#include "rules/message.h"
#include "tools/console/console.h"

namespace schoolgate::tools {

struct Finding {
  enum class State : unsigned char { good, warning, bad, unknown };  // unknown: could not be looked at
  const char* key = "";                                              // for programs, never another: "clock"
  State state = State::good;
  Message what;
  Message todo;  // of what is no good
};
using Findings = std::vector<Finding>;

[[nodiscard]] Finding well(const char* key, Message what);
[[nodiscard]] Finding warn(const char* key, Message what, Message todo);
[[nodiscard]] Finding bad(const char* key, Message what, Message todo);
[[nodiscard]] Finding unknown(const char* key, Message why);

struct FindingCounts {
  std::size_t good = 0, warnings = 0, bad = 0;  // unknown ones are in none
};
[[nodiscard]] FindingCounts count_findings(const Findings& findings);

// A line each, and what to do below; bad ones red. The last line sums up.
[[nodiscard]] std::string findings_text(const Findings& findings, Catalogue catalogue, bool colour);
// {"ok", "good", "warnings", "bad", "findings": [{"key", "state", "what", "todo"}]}
[[nodiscard]] std::string findings_json(const Findings& findings);

}  // namespace schoolgate::tools
