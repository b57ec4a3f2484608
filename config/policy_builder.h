// All the files of a policy together -> PolicySpec: inheritance resolved, every name looked up, locks
// enforced.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/category_reader.h"
#include "config/load_context.h"
#include "config/main_reader.h"
#include "config/tier_reader.h"
#include "rules/policy.h"

namespace schoolgate {

struct PolicyDraft {
  PolicySpec spec;
  std::vector<PlacedLine> lines;                          // every line as written; run_pattern_tests()
  std::vector<std::pair<TierId, PlacedLine>> tier_lines;  // beside spec.tier_lines
  std::vector<std::pair<TierId, PolicyTest>> tests;
  std::vector<Hotline> hotlines;
};

// Errors go to the context; the draft is then incomplete and must not be compiled.
[[nodiscard]] PolicyDraft build_policy(const MainFile& main, const Catalogue& catalogue,
                                       LoadContext& context);

}  // namespace schoolgate
