// What tiers open of https, as `check` and `explain` tell it: whether some device can be opened at all, names
// of inspect_only that stay closed or open more than was meant, and which rules are asked by it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/policy/policy_builder.h"
#include "config/snapshot.h"
#include "config/text/load_context.h"
#include "rules/judge/judge.h"
#include "rules/message.h"
#include "rules/policy/private_sites.h"

namespace schoolgate {

// Warnings about the tiers that open connections:
//   SG1505 no line of who: says which devices trust the school's certificate
//   SG1506 ... some do, and none of this tier's networks says yes
//   SG1507 a name of inspect_only that is never opened
//   SG1508 a "*.x" of inspect_only, with how many known private sites lie below x
// Reads the files of lists on money, mail and storage again where there is a "*.x".
void check_inspection(const PolicyDraft& draft, const Snapshot& snapshot, Judge& judge, LoadContext& context);

// "a site where people sign in"
[[nodiscard]] Message message_of(PrivateKind kind);

// Rules that need a whole address, in one tier that opens a few sites.
struct Waking {
  TierId tier = 0;
  std::uint64_t sites = 0;                       // names of inspect_only
  bool trusted = false;                          // some device of the tier trusts the school's certificate
  std::vector<std::string> words, words_asleep;  // engines whose search words are read, and not
  std::vector<std::string> safe;                 // engines made safe by a parameter or header of the request
  std::vector<RuleRef> lines, lines_asleep;      // of the tier's chain and the school, with a path
};
// Of each tier with inspect_only. A pattern of a line counts as awake where it may hold one of the sites.
[[nodiscard]] std::vector<Waking> what_wakes(const Snapshot& snapshot);

}  // namespace schoolgate
