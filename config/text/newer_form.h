// Files of the program's own that a newer version wrote: that is no damage, and they are left as they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rules/message.h"

namespace schoolgate {

// Of a text that begins with a line like "schoolgate accounts 2": that number, where it is higher than that
// of `first_line` ("schoolgate accounts 1", with or without what ends it); else 0.
[[nodiscard]] std::uint32_t newer_form(std::string_view text, std::string_view first_line) noexcept;
// Which file, which form, and what to do.
// Of a database also: that it is of another kind, or of a form that no version ever wrote.
[[nodiscard]] Message file_of_others(const std::string& path);
[[nodiscard]] Message older_file(const std::string& path, std::int64_t form);
[[nodiscard]] Message newer_file(const std::string& path, std::int64_t form, std::int64_t known);

}  // namespace schoolgate
