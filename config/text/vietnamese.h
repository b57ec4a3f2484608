// What Schoolgate says, in Vietnamese. One table, in vietnamese_*.cc by the rooms that speak; a test holds it
// against every say("...") of the sources.
#pragma once

#include <span>
#include <string_view>

#include "config/text/vietnamese_tables.h"

namespace schoolgate {

// A Catalogue (rules/message.h). Empty: it has no such sentence.
[[nodiscard]] std::string_view vietnamese(std::string_view english) noexcept;

// By rooms; each sentence stands once, in the first table whose room says it.
[[nodiscard]] std::span<const std::span<const Translation>> vietnamese_tables() noexcept;

}  // namespace schoolgate
