// Answers of setup <-> the text of schoolgate.yaml. Every line that no answer is about stays as it is, with
// its comment.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/main/main_file.h"
#include "rules/result.h"
#include "tools/setup/answers.h"

namespace schoolgate::tools {

// `text` as the main file at `config_file`, with the files there that it names. Nullopt: it has errors, told
// into `diagnostics`.
[[nodiscard]] std::optional<MainFile> read_as_main_file(const std::string& config_file,
                                                        const std::string& text, Diagnostics& diagnostics);

// What a main file answers already. The examples of the shipped one answer nothing.
[[nodiscard]] SetupAnswers answers_in(const Config& config);

// The text with these answers. What the file says already is left as it is written, whoever wrote it: `main`
// is `text`, read. Error: the text is laid out in a way that has to be changed by hand.
[[nodiscard]] Result<std::string> edited_main_file(const std::string& before, const MainFile& main,
                                                   const SetupAnswers& answers, const SetupFacts& facts);

// The text of a tier's file with another `https:`; as it was where it has no such line, or is of a tier
// without pupils. `https`: as SetupAnswers has it.
[[nodiscard]] std::string edited_tier_file(const std::string& text, const std::string& https);
// "thcs" of a text with the line "tier: thcs"; "" where there is none.
[[nodiscard]] std::string tier_of_file(const std::string& text);

}  // namespace schoolgate::tools
