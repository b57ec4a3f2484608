// The configurations that ship, each loaded once for all tests: a load takes seconds under a sanitizer, and a
// SECTION begins its test case anew.
#pragma once

#include <map>
#include <string>

#include "config/load_snapshot.h"

namespace schoolgate::test {

inline const LoadResult& shipped(const std::string& file = "schoolgate.yaml") {
  static std::map<std::string, LoadResult> loaded;
  const auto [it, fresh] = loaded.try_emplace(file);
  if (fresh) {
    LoadOptions options;
    options.use_cache = false;
    it->second = load_snapshot(std::string(SCHOOLGATE_SOURCE_DIR) + "/config/defaults/" + file, options);
  }
  return it->second;
}

}  // namespace schoolgate::test
