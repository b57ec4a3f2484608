// What `--help` and the manual of section 8 say in Vietnamese: one table for both.
#pragma once

#include <span>
#include <string_view>

#include "config/text/vietnamese.h"

namespace schoolgate::tools {

[[nodiscard]] std::span<const Translation>
help_in_vietnamese() noexcept;  // each is a sentence of the commands
[[nodiscard]] std::span<const Translation> cli_in_vietnamese() noexcept;  // each is one of CLI11
// A Catalogue (rules/message.h) of both.
[[nodiscard]] std::string_view vietnamese_help(std::string_view english) noexcept;

}  // namespace schoolgate::tools
