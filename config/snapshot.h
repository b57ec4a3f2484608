// Everything one request is judged by: immutable, built off to the side, swapped whole.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/floor/signed_floor.h"
#include "config/lists/list_status.h"
#include "config/main/config.h"
#include "config/main/local_time.h"
#include "config/policy/page_words.h"
#include "config/policy/tier_key.h"
#include "rules/db/rule_db.h"
#include "rules/judge/judge.h"
#include "rules/message.h"
#include "rules/policy/policy.h"

namespace schoolgate {

// The tests that tier files carry, all of which passed; and what `check` counts.
struct PolicyCounts {
  std::uint32_t tiers = 0, categories = 0, lines = 0, pattern_tests = 0, policy_tests = 0, floor = 0;
};

struct Snapshot {
  std::uint64_t revision = 0;  // counts loads; shown in log and explain
  std::string digest;          // SHA-256 hex over the config files and the lists' bytes
  Config config;
  TimeZone zone;  // of the school: zone.local(unix seconds) is what evaluate() asks for
  PolicyCounts counts;
  FloorStanding floor;
  std::shared_ptr<const Policy> policy;
  std::shared_ptr<const RuleDb> lists;         // keeps its bytes alive
  std::vector<std::string> sources;            // file names by RuleRef::source
  std::uint32_t override_source = 0xffffffff;  // of overrides among them; their line is an override's number
  std::vector<ListMeaning> list_meanings;      // by Tag
  std::vector<ListStatus> list_status;
  bool lists_kept = false;          // `lists` lie on the disk as they are here
  std::vector<Message> thin;        // what is thin, one sentence each
  std::vector<TierKeys> tier_keys;  // by TierId: where a tier's settings stand
  PageWords page_words;             // the school's own, over those that are shipped

  [[nodiscard]] std::unique_ptr<Judge> make_judge() const;
  // "tiers.d/thcs.yaml:12", "" when there is none.
  [[nodiscard]] std::string place(const RuleRef& ref) const;
};

}  // namespace schoolgate
