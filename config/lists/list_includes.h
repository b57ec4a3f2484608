// Files that a list of e2guardian names by .Include<FILE>: each becomes a list of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rules/message.h"

namespace schoolgate {

struct IncludedFile {
  std::string path;   // beside that of the list, as that was written
  std::string below;  // from the list's folder: "local/sites"
};

struct IncludeProblem {
  std::string file;  // that names it
  std::uint32_t line = 0;
  std::string written;  // between "<" and ">"
  Message message;
  std::string below;  // as above; empty: it lies outside
};

struct Includes {
  std::vector<IncludedFile> files;  // in the order they are named, each once; those that they name, too
  std::vector<IncludeProblem> problems;
};
inline constexpr std::size_t most_included_files = 1000;

// A path is taken from the folder of the file that names it. Only regular files below the folder of `list`
// are included, and none that a link leads to. A list that cannot be read includes nothing.
[[nodiscard]] Includes find_includes(const std::string& list);

}  // namespace schoolgate
