// A site and the hosts that it needs, under one name: "bundle: youtube".
#pragma once

#include <string>
#include <vector>

#include "rules/verdict.h"

namespace schoolgate {

struct Bundle {
  std::string id;    // "youtube"
  std::string name;  // "YouTube"
  // Canonical. Of `hosts`, the site's own, the first is the one that people know it by; they hold the names
  // below them too. `shared` belong to others as well (fonts.gstatic.com), and are these names alone: a line
  // that allows the bundle opens them, one that blocks it leaves them.
  std::vector<std::string> hosts, shared;
  RuleRef where;
};

}  // namespace schoolgate
