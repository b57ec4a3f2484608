// terms.yaml: rules on the words of searches and addresses. Its head explains it to those who edit it.
#pragma once

#include <string>
#include <vector>

#include "config/policy/category_reader.h"
#include "config/text/load_context.h"
#include "rules/words/term_rules.h"

namespace schoolgate {

struct TermsFile {
  std::vector<TermRule> rules;
  std::vector<TermVariant> variants;
  std::vector<CategoryId> path_not_on;
  std::vector<std::string> path_unless;
};

// Every term can be compiled, and finds what its examples (hit, miss) say; else there is an error in the
// context.
[[nodiscard]] TermsFile read_terms_file(const std::string& path, const CategoryCatalogue& catalogue,
                                        LoadContext& context, const Place& named = {});

}  // namespace schoolgate
