// What can only be said when policy and lists stand together: lines that a lock defeats, and the policy's own
// tests.
#pragma once

#include <vector>

#include "config/main/main_file.h"
#include "config/policy/policy_builder.h"
#include "config/snapshot.h"
#include "config/text/load_context.h"

namespace schoolgate {

// Lists that say `reach: category`: never of a category that some tier locks.
void check_reach(const std::vector<ListEntry>& lists, const Snapshot& snapshot, LoadContext& context);

// policy_conflicts() of rules/, with the places as diagnostics name them; then `tests:` of every tier, by the
// very function that judges requests.
void run_policy_checks(const PolicyDraft& draft, const Snapshot& snapshot, LoadContext& context);

// expect.yaml: an error for each site that must work and is closed, to a pupil's browser on a Monday at ten.
// What `before` (may be null) closed as well is a warning: nothing broke it now; all are where `warn_alone`.
void check_must_work(const PolicyDraft& draft, const Snapshot& snapshot, const Snapshot* before,
                     bool warn_alone, LoadContext& context);

}  // namespace schoolgate
