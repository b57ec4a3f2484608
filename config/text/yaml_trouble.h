// Where a text that is no YAML goes wrong, as a person sees it. The parser tells where it gave up, which for
// a quote, a bracket or an indent that went wrong can be a page further down.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rules/diagnostic.h"

namespace schoolgate {

struct YamlTrouble {
  SourcePos pos;
  std::uint32_t length = 1;
  Message message, hint;
};

// The first place down to line `gave_up` at which quotes, brackets, blanks, colons or indents go wrong.
// Nullopt: none that this looks for. Only of a text that the parser refused: it is no parser, and takes some
// good spellings that nobody uses here for mistakes.
[[nodiscard]] std::optional<YamlTrouble> find_yaml_trouble(std::string_view text, std::uint32_t gave_up);

}  // namespace schoolgate
