// Sets of names as proxies read them, one a line; they differ in what stands for the names below.
#pragma once

#include <string_view>

#include "rules/lists/entry_maker.h"

namespace schoolgate {

void read_dstdomain(std::string_view line, EntryMaker& make, ListLineSink& sink);
void read_e2guardian(std::string_view line, EntryMaker& make, ListLineSink& sink);
void read_surge(std::string_view line, EntryMaker& make, ListLineSink& sink);
void read_clash(std::string_view line, EntryMaker& make, ListLineSink& sink);

// "#" in front, but for "#time:", which is no comment.
[[nodiscard]] std::string_view e2guardian_without_comment(std::string_view line) noexcept;
// "#", ";" or "//".
[[nodiscard]] std::string_view surge_without_comment(std::string_view line) noexcept;

// Of ".Include</path>" the path; empty: no such line.
[[nodiscard]] std::string_view included_path(std::string_view line) noexcept;

}  // namespace schoolgate
