// All the files of a policy together -> PolicySpec: inheritance resolved, every name looked up, locks
// enforced.
#pragma once

#include "config/main/main_file.h"
#include "config/policy/category_reader.h"
#include "config/policy/policy_draft.h"
#include "config/text/load_context.h"

namespace schoolgate {

// Errors go to the context; the draft is then incomplete and must not be compiled.
[[nodiscard]] PolicyDraft build_policy(const MainFile& main, const CategoryCatalogue& catalogue,
                                       LoadContext& context);

}  // namespace schoolgate
