// One more `allow:` line in the text of a tier's file, for commands and pages; what people wrote there stays
// as it is, byte for byte.
#pragma once

#include <string>
#include <string_view>

#include "rules/message.h"
#include "rules/result.h"

namespace schoolgate {

// `host`: Host::text. `why`: for who reads the file; no control characters. Error: the text is no YAML of
// keys and values, or its `allow:` is written so that no line can be put into it.
[[nodiscard]] Result<std::string, Message> with_allow_line(std::string_view text, std::string_view host,
                                                           std::string_view why);

}  // namespace schoolgate
