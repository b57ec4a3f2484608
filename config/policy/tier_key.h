// Where a tier's settings stand, for people who ask: the Policy itself has no need to know.
#pragma once

#include <string>
#include <vector>

#include "rules/verdict.h"

namespace schoolgate {

struct TierKey {
  std::string key;  // as in a tier's file: "https", "tunnel: no_sni"
  RuleRef where;
  TierId tier = 0;  // whose file it is: the tier's own, or one that it extends
};
using TierKeys = std::vector<TierKey>;  // of one tier, each key once; what nobody says is not there

}  // namespace schoolgate
