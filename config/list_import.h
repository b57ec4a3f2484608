// `schoolgate lists import DIR`: an unpacked collection in the folder layout of UT1 and squidGuard becomes
// one entry of lists.d. Looks and reports first; writing is a second step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
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
  std::string name;                     // "gambling"
  std::optional<std::string> category;  // none: see `skipped`
  bool skipped = false;  // the catalogue names it as not wanted; false and no category: not known
  std::vector<ImportFile> files;
  [[nodiscard]] std::uint64_t entries() const noexcept;
};

struct ImportPlan {
  std::string name;                   // of the entry and its file
  std::string root;                   // absolute
  std::vector<ImportFolder> folders;  // by name
  std::vector<Lifts> lifts;           // what protecting lists lift, once these lists are in
  Diagnostics diagnostics;            // of the catalogue and of the files; errors mean: do not write
  SourceTexts texts;
};

// Reads every list of `directory` and finds its category in the catalogue of `config_file`. Error: the folder
// cannot be read or holds no lists, the configuration names no readable catalogue, or `name` is not
// is_list_name().
[[nodiscard]] Result<ImportPlan> plan_import(const std::string& config_file, const std::string& directory,
                                             const std::string& name);

// The text of lists.d/<name>.yaml for the plan; folders without category are written as "skip" with a
// comment.
[[nodiscard]] std::string import_text(const ImportPlan& plan);

// Writes it beside and renames, mode 0644; an existing file of that name is replaced. Returns the path. The
// configuration is not reloaded.
[[nodiscard]] Result<std::string> write_import(const std::string& config_file, const ImportPlan& plan);

}  // namespace schoolgate
