// What the files of a policy come to before it is compiled.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/floor/signed_floor.h"
#include "config/policy/category_reader.h"
#include "config/policy/expect_reader.h"
#include "config/policy/tier_key.h"
#include "config/policy/tier_reader.h"
#include "rules/policy/policy.h"

namespace schoolgate {

struct PolicyDraft {
  PolicySpec spec;
  std::vector<PlacedLine> lines;                          // every line as written; run_pattern_tests()
  std::vector<std::pair<TierId, PlacedLine>> tier_lines;  // beside spec.tier_lines
  std::vector<std::pair<TierId, PolicyTest>> tests;
  std::vector<std::pair<std::vector<TierId>, MustWork>> must_work;  // in which tiers
  std::vector<TierKeys> tier_keys;                                  // by TierId
  std::vector<std::pair<TierId, InspectName>> inspect_names;        // of the tier whose file names it
  std::vector<Hotline> hotlines;
  FloorStanding floor;
};

}  // namespace schoolgate
