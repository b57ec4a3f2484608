// All lists of a configuration -> one compiled rule database, from the cache when nothing changed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/category_reader.h"
#include "config/list_cache.h"
#include "config/load_context.h"
#include "config/main_reader.h"
#include "config/snapshot.h"

namespace schoolgate {

struct LoadedLists {
  CompiledLists compiled;             // db is null after an error
  std::vector<ListMeaning> meanings;  // by Tag
  std::vector<ListStatus> status;     // by Tag
  bool from_cache = false;
};

// Errors (a list missing, empty, not text, shrunk) go to the context. A key with the same bytes in the same
// files is a warm start: the files are hashed, not parsed.
[[nodiscard]] LoadedLists load_lists(const MainFile& main, const Catalogue& catalogue,
                                     const LoadOptions& options, LoadContext& context);

}  // namespace schoolgate
