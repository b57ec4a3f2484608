// What a teacher's word for a site, a category or a bundle means, and what to write where it means nothing.
#pragma once

#include <string>

#include "config/snapshot.h"
#include "rules/judge/judge.h"
#include "rules/message.h"
#include "rules/result.h"

namespace schoolgate::tools {

// Whether of https pages of this host in this tier more is seen than the name.
[[nodiscard]] bool sees_paths(const Snapshot& snapshot, Judge& judge, const Tier& tier,
                              const std::string& host);
[[nodiscard]] Message no_such_bundle(const Policy& policy, const std::string& name);
// The site that somebody names, as a row holds it; or why it cannot be one.
[[nodiscard]] Result<std::string, Message> named_site(const Snapshot& snapshot, const Tier& tier,
                                                      const std::string& text);

}  // namespace schoolgate::tools
