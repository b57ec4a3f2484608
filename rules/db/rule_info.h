// What a database says about itself, to people.
#pragma once

#include <cstdint>
#include <string>

#include "rules/rule.h"

namespace schoolgate {

// What a tag stands for in a compiled list database; kept in the file for `lists show` and `explain`.
struct SourceInfo {
  std::string category;  // "gambling"
  std::string name;      // list name, "ut1-gambling"
  std::string file;      // path as the config names it
  // Counted by the builder.
  std::uint64_t domains = 0, urls = 0, patterns = 0, exceptions = 0, networks = 0;
};

// One rule that held a URL, for people: read from the cold part.
struct RuleHit {
  Tag tag = 0;
  RuleKind kind = RuleKind::domain;
  bool exception = false;
  std::uint32_t line = 0;
  std::string text;
  bool inner_host = false;  // held the host inside a wrapper such as translate.goog, not the visible one
  bool lifted = false;      // an exception of its tag lifts it: not a hit of match()
  bool important = false;   // only an important exception lifts it
};

// How much a database holds.
struct RuleCounts {
  // Distinct hosts with domain rules, distinct URL prefixes, distinct patterns, distinct networks.
  std::uint64_t domains, urls, patterns, networks;
  std::uint64_t weak_patterns, hot_bytes, total_bytes;
};

}  // namespace schoolgate
