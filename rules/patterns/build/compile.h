// One pattern made ready for the index: where to look for it and how to go on from there.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "rules/patterns/build/cut.h"
#include "rules/patterns/build/program_table.h"
#include "rules/patterns/match/format.h"
#include "rules/patterns/match/pattern_re2.h"

namespace schoolgate::pattern {

struct Compiled {
  std::optional<Automaton> automaton;  // none: not read by our parser, RE2 is asked about every subject
  std::optional<Cut> cut;              // none: no literal worth looking for
};

[[nodiscard]] Compiled compile_pattern(const Pattern& pattern, ClassOracle& oracle,
                                       const FrequencyModel& model);

// The records of a compiled pattern with a cut, each with the path whose grams lead to it. Record::pattern
// is left to the caller.
[[nodiscard]] std::vector<std::pair<GramPath, Record>> make_records(const Compiled& compiled,
                                                                    ProgramTable& programs);

}  // namespace schoolgate::pattern
