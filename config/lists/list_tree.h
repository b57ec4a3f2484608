// A collection of lists as UT1, Shalla and squidGuard publish it: a folder of folders, each with files
// `domains`, `urls` and `expressions`, and perhaps with folders of such files below it (hobby/games-online).
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/lists/list_parser.h"
#include "rules/result.h"

namespace schoolgate {

inline constexpr std::array<std::pair<std::string_view, ListFormat>, 3> tree_files{{
    {"domains", ListFormat::domains},
    {"urls", ListFormat::urls},
    {"expressions", ListFormat::expressions},
}};

struct TreeFolder {
  std::string name;                                       // "gambling", "hobby/games-online"
  std::vector<std::pair<std::string, ListFormat>> files;  // paths of those that are there and not empty
  Message problem;                                        // why it could not be looked into; empty: nothing
  bool too_deep = false;                                  // below two folders: named, and not read
};

// Sorted by name. Symbolic links are left out, for UT1 ships "porn" as a second name of "adult", except where
// `named` says that somebody wrote this very name down. Folders without any of the three files and without a
// problem are left out. When `root` has lists nowhere but in a folder "blacklists" or "BL", the top of an
// archive, that one is read. Error: the root cannot be read to its end.
[[nodiscard]] Result<std::vector<TreeFolder>> read_tree(
    const std::string& root, const std::function<bool(const std::string&)>& named = {});

// Of a file of the folder of a collection: "ut1/gambling", "ut1/gambling/urls".
[[nodiscard]] std::string tree_list_name(const std::string& collection, const std::string& folder,
                                         const std::string& path, ListFormat format);

// The folder of a list of that name, without the collection's: "gambling" of "gambling/urls".
[[nodiscard]] std::string_view tree_folder_of(std::string_view below) noexcept;

// Why `path` gives no list, for people: "no such file", "it is empty", "not a regular file", ...
[[nodiscard]] Message why_no_list(const std::string& path);

}  // namespace schoolgate
