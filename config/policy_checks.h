// What can only be said when policy and lists stand together: lines that a lock defeats, and the policy's own
// tests.
#pragma once

#include "config/policy/policy_builder.h"
#include "config/snapshot.h"
#include "config/text/load_context.h"

namespace schoolgate {

// policy_conflicts() of rules/, with the places as diagnostics name them; then `tests:` of every tier, by the
// very function that judges requests.
void run_policy_checks(const PolicyDraft& draft, const Snapshot& snapshot, LoadContext& context);

}  // namespace schoolgate
