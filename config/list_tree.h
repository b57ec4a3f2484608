// A collection of lists as UT1 and squidGuard publish it: a folder of folders, each with files `domains`,
// `urls` and `expressions`.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/list_parser.h"
#include "rules/result.h"

namespace schoolgate {

inline constexpr std::array<std::pair<std::string_view, ListFormat>, 3> tree_files{{
    {"domains", ListFormat::domains},
    {"urls", ListFormat::urls},
    {"expressions", ListFormat::expressions},
}};

struct TreeFolder {
  std::string name;                                       // "gambling"
  std::vector<std::pair<std::string, ListFormat>> files;  // paths of those that are there and not empty
};

// Sorted by name. Symbolic links are left out: UT1 ships "porn" as a second name of "adult". Folders without
// any of the three files are left out. When `root` holds nothing but one folder named "blacklists", that one
// is read.
[[nodiscard]] Result<std::vector<TreeFolder>> scan_tree(const std::string& root);

}  // namespace schoolgate
