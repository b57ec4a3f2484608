// English text of another process or library -> the sentence that it is, so that it can be said in a
// language.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/message.h"

namespace schoolgate::tools {

// The values of a text that is `sentence`, whose places are all "{}"; nullopt: it is another one.
[[nodiscard]] std::optional<std::vector<Message>> values_in(std::string_view sentence, std::string_view text);

// Of the sentences of the program (config/text/vietnamese.h) the one with the most words of its own that
// `text` is; words of another program where it is none.
[[nodiscard]] Message recognised(const std::string& text);

}  // namespace schoolgate::tools
