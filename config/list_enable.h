// `schoolgate lists enable` and `disable`: a published list becomes an entry of lists.d, and is taken out
// again. What a person wrote or changed is never overwritten and never lost.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/lists/published_lists.h"
#include "config/main/main_file.h"
#include "config/text/text_file.h"
#include "rules/diagnostic.h"
#include "rules/result.h"

namespace schoolgate {

// The catalogue of lists beside a main file, and which of them the school has.
struct ListOffers {
  std::string file;  // of the catalogue; "": there is none
  PublishedLists published;
  MainFile main;
  Diagnostics diagnostics;  // of the catalogue; errors mean: enable nothing
  SourceTexts texts;

  // Whether some entry has this name.
  [[nodiscard]] bool has(const std::string& name) const;
};
// Error: the main file or the categories cannot be read.
[[nodiscard]] Result<ListOffers> read_list_offers(const std::string& config_file);

// What a name of the catalogue stands for: the lists of a set, else the list itself, which may not be there.
[[nodiscard]] std::vector<std::string> lists_named(const ListOffers& offers, const std::string& name);

// The text of lists.d/NAME.yaml.
[[nodiscard]] std::string enable_text(const PublishedList& list);

// Writes lists.d/NAME.yaml, mode 0644; its path. `unchecked`: also where nobody fetched and read it. Error:
// no such list, its licence does not let a school, it is not checked, or the name or the file is there
// already.
[[nodiscard]] Result<std::string> enable_list(const ListOffers& offers, const std::string& name,
                                              bool unchecked);

// Takes lists.d/NAME.yaml away; as it was written: for good, changed since: it becomes NAME.yaml.off. What it
// did, as a sentence. Error: there is no such file, or it holds other lists too.
[[nodiscard]] Result<Message> disable_list(const std::string& config_file, const std::string& name);

}  // namespace schoolgate
