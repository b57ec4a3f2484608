// safesearch.yaml: search engines, where their search words stand, how they are made safe. Its head explains
// it to those who edit it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/text/load_context.h"
#include "rules/words/search_engines.h"

namespace schoolgate {

using TierFinder = std::function<std::optional<TierId>(std::string_view)>;

// A tier that `otherwise` names and the school does not have is a warning: the shipped file names the shipped
// tiers. Nothing is said of one whose file cannot be read (`unread`).
[[nodiscard]] std::vector<SearchEngine> read_search_file(
    const std::string& path, LoadContext& context, const TierFinder& find_tier, const Place& named = {},
    const std::function<bool(std::string_view)>& unread = {});

}  // namespace schoolgate
