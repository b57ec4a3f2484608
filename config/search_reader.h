// safesearch.yaml: search engines, where their search words stand. Its head explains it to those who edit it.
#pragma once

#include <string>
#include <vector>

#include "config/load_context.h"
#include "rules/search_engines.h"

namespace schoolgate {

[[nodiscard]] std::vector<SearchEngine> read_search_file(const std::string& path, LoadContext& context,
                                                         const Place& named = {});

}  // namespace schoolgate
