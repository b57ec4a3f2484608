// `schoolgate lists import DIR`: an unpacked collection in the folder layout of UT1 and squidGuard becomes
// one entry of lists.d. Looks and reports first; writing is a second step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/list_lifts.h"
#include "config/text/text_file.h"
#include "rules/diagnostic.h"
#include "rules/lists/list_parser.h"
#include "rules/result.h"

namespace schoolgate {

struct ImportFile {
  std::string path;
  ListFormat format = ListFormat::domains;
  ListReport report;
};

struct ImportFolder {
  std::string name;                     // "gambling", "hobby/games-online"
  std::optional<std::string> category;  // none: see `skipped`
  bool skipped = false;   // the catalogue or the admin's map says so; false and no category: not known
  bool too_deep = false;  // it lies below two folders, where nothing is read
  // What the entry that is there says of the folder stays; here what the catalogue of categories would say
  // where that is something else: a category, or "skip".
  std::optional<std::string> otherwise;
  std::vector<ImportFile> files;
  [[nodiscard]] std::uint64_t entries() const noexcept;
};

struct ImportPlan {
  std::string name;                                       // of the entry and its file
  std::string root;                                       // absolute
  std::vector<ImportFolder> folders;                      // by name
  std::vector<std::pair<std::string, std::string>> gone;  // of the admin's map: folder, category; not here
  bool suffixes = false;                                  // the entry that is there says so
  std::vector<Lifts> lifts;  // what protecting lists lift, once these lists are in
  Diagnostics diagnostics;   // of the catalogue and of the files; errors mean: do not write
  SourceTexts texts;
};

// Reads every list of `directory` and finds its category: in the map of the entry of that name, where one is
// there, else in the catalogue of `config_file`. Error: the folder cannot be read or holds no lists, the
// configuration names no readable catalogue, `name` is not is_list_name(), or writing would take away what
// somebody else wrote.
[[nodiscard]] Result<ImportPlan> plan_import(const std::string& config_file, const std::string& directory,
                                             const std::string& name);

// The text of lists.d/<name>.yaml for the plan; folders without category are written as "skip" with a
// comment. What the map had and the collection lacks stays, so that a load misses it.
[[nodiscard]] std::string import_text(const ImportPlan& plan);

// Writes it beside and renames, mode 0644; an existing file of that name is replaced. Returns the path. The
// configuration is not reloaded.
[[nodiscard]] Result<std::string> write_import(const std::string& config_file, const ImportPlan& plan);

}  // namespace schoolgate
